"""`draftsmith diff`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import colours, write_json
from draftsmith.cli.reading import DECIDABLE, hunk_texts, read_session, session_of
from draftsmith.cli.reviewing.unified import unified
from draftsmith.client.messages import FileEntity
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import HunkText

_LOST_BYTES = "\ufffd"


@command
@session_argument
@click.option("--all", "everything", is_flag=True, help="Hunks that are decided, too.")
async def diff(call: Invocation, session: str | None, everything: bool) -> ExitCode:
    """The pending proposal as a unified diff, for pipes: `draftsmith diff | git apply`.

    It is measured against your files as they were when the session began.
    """
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    held = await read_session(hub, session_id)
    hunks = [hunk for hunk in await hunk_texts(hub, session_id) if everything or hunk["status"] in DECIDABLE]
    if call.json:
        write_json({"session_id": session_id, "hunks": hunks})
        return ExitCode.DONE if hunks else ExitCode.NOTHING_TO_DO
    if not hunks:
        raise UserError(
            f"Session {session_id} has no pending hunk.",
            code="no_pending_hunks",
            remedy="`draftsmith diff --all` shows the decided ones, too.",
        )
    _write_difference(difference(hunks, held))
    return ExitCode.DONE


def difference(hunks: list[HunkText], held: HeldSession) -> str:
    """All files of the proposal; with several folders each path begins with its folder's name."""
    roots = session_of(held)["roots"]
    changes = {(file["root"], file["path"]): file["change"] for file in held.of("file", FileEntity)}
    by_file: dict[tuple[int, str], list[HunkText]] = {}
    for hunk in hunks:
        by_file.setdefault((hunk["root"], hunk["path"]), []).append(hunk)
    return "".join(
        unified(f"{roots[root]['name']}/{path}" if len(roots) > 1 else path, changes.get((root, path), "modify"), part)
        for (root, path), part in by_file.items()
    )


def _write_difference(text: str) -> None:
    if colours(sys.stdout):
        # Imported here: a pipe needs no colours.
        from rich.console import Console

        from draftsmith.cli.reviewing.coloured import coloured_difference

        Console(highlight=False, markup=False, emoji=False).print(coloured_difference(text), end="", soft_wrap=True)
        return
    if _LOST_BYTES in text:
        print("warning: bytes that are not UTF-8 are shown as U+FFFD; use `draftsmith accept`.", file=sys.stderr)
    # As bytes: line ends stay what they are.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
