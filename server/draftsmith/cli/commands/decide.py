"""`draftsmith accept` and `draftsmith reject`: the same selection, the other verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.deciding import decide, tell_outcomes
from draftsmith.cli.reading import DECIDABLE, read_session
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import HunkEntity
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.exit_codes import ExitCode
    from draftsmith.cli.invocation import Invocation

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def _selection(function: FunctionT) -> FunctionT:
    for option in (
        click.option("--all", "everything", is_flag=True, help="Every hunk that is not decided."),
        click.option(
            "--file", "paths", multiple=True, metavar="PATH", help="Every hunk of a file; may be given again."
        ),
        click.option("--hunk", "hunk_ids", multiple=True, metavar="ID", help="A hunk by its id; may be given again."),
    ):
        function = option(function)
    return function


@command
@session_argument
@_selection
async def accept(
    call: Invocation, session: str | None, hunk_ids: tuple[str, ...], paths: tuple[str, ...], everything: bool
) -> ExitCode:
    """Accept hunks and write them to your files.

    What you changed meanwhile is merged; on a conflict your text is left alone. `draftsmith undo` takes it back.
    """
    return await _decide(call, "accept", session, hunk_ids, paths, everything)


@command
@session_argument
@_selection
async def reject(
    call: Invocation, session: str | None, hunk_ids: tuple[str, ...], paths: tuple[str, ...], everything: bool
) -> ExitCode:
    """Reject hunks: they are not written."""
    return await _decide(call, "reject", session, hunk_ids, paths, everything)


async def _decide(
    call: Invocation,
    verdict: Literal["accept", "reject"],
    session: str | None,
    hunk_ids: tuple[str, ...],
    paths: tuple[str, ...],
    everything: bool,
) -> ExitCode:
    if not (hunk_ids or paths or everything):
        raise UserError(
            f"Nothing says which hunks to {verdict}.",
            code="no_selection",
            remedy="Give --all, --file PATH or --hunk ID, or go through them with `draftsmith review`.",
        )
    hub = await call.hub()
    session_id = await choose_session(hub, session, acts=True, told=not call.json)
    hunks = (await read_session(hub, session_id)).of("hunk", HunkEntity)
    chosen = chosen_hunks(hunks, hunk_ids, paths, everything=everything)
    if not chosen:
        raise UserError(
            f"Session {session_id} has no hunk left to {verdict}.",
            code="no_pending_hunks",
            remedy=f"`draftsmith show {session_id}` shows what became of them.",
        )
    results = await decide(hub, session_id, verdict, [hunk["id"] for hunk in chosen])
    return tell_outcomes(call, session_id, results, hunks)


def chosen_hunks(
    hunks: list[HunkEntity],
    hunk_ids: tuple[str, ...],
    paths: tuple[str, ...],
    *,
    everything: bool,
) -> list[HunkEntity]:
    """The hunks that are meant. A hunk named by id may have been decided before, the others not.

    Raises UserError (`unknown_hunk`, `ambiguous_hunk`, `unknown_file`).
    """
    named = {_by_id(hunks, given)["id"] for given in hunk_ids}
    for path in paths:
        if not any(hunk["path"] == path for hunk in hunks):
            raise UserError(
                f"The proposal does not change {one_line(path)}.",
                code="unknown_file",
                remedy="Name it as `draftsmith show` does, from the workspace's folder.",
            )
    return [
        hunk
        for hunk in hunks
        if hunk["id"] in named or (hunk["status"] in DECIDABLE and (everything or hunk["path"] in paths))
    ]


def _by_id(hunks: list[HunkEntity], given: str) -> HunkEntity:
    matching = [hunk for hunk in hunks if hunk["id"] == given] or [
        hunk for hunk in hunks if given and hunk["id"].startswith(given)
    ]
    if len(matching) == 1:
        return matching[0]
    code, what = ("ambiguous_hunk", "begins several hunks") if matching else ("unknown_hunk", "is no hunk of it")
    raise UserError(f"{one_line(given)!r} {what}.", code=code, remedy="`draftsmith show --json` lists the ids.")
