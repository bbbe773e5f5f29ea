"""`draftsmith lsp`."""

from __future__ import annotations

import click


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on standard input and output; the only way, so it changes nothing.")
def lsp(stdio: bool) -> None:
    """Serve an editor: the Language Server Protocol on standard input and output."""
    # Late: the help of this command needs nothing of it.
    from draftsmith.bootstrap.edge import serve

    serve()
