"""The entry point of `draftsmith`. The shortest way to each answer: nothing is imported that it does not need."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process; ends it with one of `ExitCode`."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        # Before anything else: asked for by every editor and script that starts.
        from draftsmith import __version__

        print(f"draftsmith {__version__}")
        return
    if arguments in (["lsp"], ["lsp", "--stdio"]):
        # Before anything else, too: an editor waits for it.
        from draftsmith.bootstrap.edge import serve

        serve()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue] (a text file has it)
    sys.exit(_dispatch(arguments))


def _dispatch(arguments: list[str]) -> int:
    import click

    from draftsmith.cli.app import app
    from draftsmith.cli.exit_codes import ExitCode
    from draftsmith.cli.output import write_error
    from draftsmith.domain.errors import UserError

    try:
        # Not standalone, so that a wrong command line is told as JSON, too, when that was asked for.
        result: object = app(arguments, prog_name="draftsmith", standalone_mode=False)
    except click.Abort:
        return ExitCode.CANCELLED
    except click.ClickException as wrong:
        if "--json" not in arguments:
            wrong.show()
            return wrong.exit_code
        usage = wrong.ctx.get_usage() if isinstance(wrong, click.UsageError) and wrong.ctx else ""
        error = UserError(wrong.format_message(), code="usage", remedy=usage)
        write_error(error, as_json=True, exit_code=wrong.exit_code)
        return wrong.exit_code
    except Exception as defect:
        # The outermost edge. Imported here: nothing fails like this as a rule.
        from draftsmith.cli.defects import tell_defect

        return tell_defect(defect, as_json="--json" in arguments)
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    main()
