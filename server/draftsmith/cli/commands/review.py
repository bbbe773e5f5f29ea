"""`draftsmith review`."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.deciding import decide, tell_outcomes
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import interactive, write
from draftsmith.cli.reading import DECIDABLE, hunk_texts, read_session
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.ending import state_words
from draftsmith.client.messages import DecisionEntity, EditParams, EditResult, HunkEntity
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection
    from draftsmith.client.held import HeldSession
    from draftsmith.client.messages import HunkOutcome, HunkText

_RACES = 5
"""How often a refusal is answered by looking again."""


@command
@session_argument
async def review(call: Invocation, session: str | None) -> ExitCode:
    """Go through the proposal hunk by hunk; before there is one, the plan that waits for approval.

    Nothing is written until you have gone through it; then all accepted hunks are written as one, and
    `draftsmith undo` takes them back as one.
    """
    if not interactive() or call.json:
        raise UserError(
            "A review needs a terminal.",
            code="no_terminal",
            remedy="Use `draftsmith diff`, then `draftsmith accept` or `reject` with --all, --file or --hunk.",
        )
    hub = await call.hub()
    session_id = await choose_session(hub, session, acts=True, told=not call.json)
    held = await read_session(hub, session_id)
    asked = next((one for one in held.of("decision", DecisionEntity) if _about_plan(one)), None)
    if asked is not None:
        return await _plan(call, hub, held, asked)
    texts = [hunk for hunk in await hunk_texts(hub, session_id) if hunk["status"] in DECIDABLE]
    if not texts:
        raise UserError(
            f"Session {session_id} has no pending hunk.",
            code="no_pending_hunks",
            remedy=f"`draftsmith show {session_id}` shows what became of them.",
        )
    # Imported here: rich and its lexers are needed only now.
    from draftsmith.cli.reviewing.session import Review

    async def edit(hunk: HunkText) -> list[HunkText] | None:
        return await _edit(hub, session_id, hunk)

    try:
        walk = await Review(held, texts, edit).to_the_end()
    except asyncio.CancelledError:  # Ctrl-C
        write("\nNothing was written.")
        raise
    if walk is None:
        write("Nothing was written.")
        return ExitCode.CANCELLED
    return await _carry_out(call, hub, session_id, walk.having("accept"), walk.having("reject"))


def _about_plan(decision: DecisionEntity) -> bool:
    return decision["subject"] == "plan" and decision["state"] == "open"


async def _plan(call: Invocation, hub: HubConnection, held: HeldSession, asked: DecisionEntity) -> ExitCode:
    from draftsmith.cli.answering import send_answer
    from draftsmith.cli.watching.keyboard import EndOfInput
    from draftsmith.cli.watching.plan import plan_text
    from draftsmith.cli.watching.questions import ask

    write(plan_text(held))
    try:
        given = await ask(asked, held)
    except EndOfInput:
        write("\nNothing was decided.")
        return ExitCode.CANCELLED
    await send_answer(hub, held.session_id, asked["id"], given)
    write(f"✓ Answered: {given.answer}.\n→ draftsmith attach {held.session_id}")
    return ExitCode.DONE


async def _edit(hub: HubConnection, session_id: str, hunk: HunkText) -> list[HunkText] | None:
    """The hunk's new lines in the user's editor; what they save is what the hunk will write."""
    if hunk["binary"]:
        raise UserError(
            "A binary file cannot be edited here.", code="hunk_not_text", remedy="Accept or reject it as it is."
        )
    ending = PurePosixPath(hunk["path"]).suffix or ".txt"
    text = await asyncio.to_thread(click.edit, hunk["after"], extension=ending)
    if text is None or text == hunk["after"]:
        return None
    params = EditParams(session_id=session_id, hunk_id=hunk["hunk_id"], text=text)
    await hub.call("proposal/edit", params, EditResult)
    return [one for one in await hunk_texts(hub, session_id) if one["status"] in DECIDABLE]


async def _carry_out(
    call: Invocation, hub: HubConnection, session_id: str, accepted: list[str], rejected: list[str]
) -> ExitCode:
    if not accepted and not rejected:
        write("Nothing was decided; nothing was written.")
        return ExitCode.NOTHING_TO_DO
    results = await _decided(hub, session_id, "accept", accepted)
    results += await _decided(hub, session_id, "reject", rejected)
    hunks = (await read_session(hub, session_id)).of("hunk", HunkEntity)  # those that were edited have new ids
    if not results:
        return ExitCode.NOTHING_TO_DO
    exit_code = tell_outcomes(call, session_id, results, hunks)
    if accepted:
        write(f"→ draftsmith undo {session_id}   takes it back")
    return exit_code


async def _decided(
    hub: HubConnection, session_id: str, verdict: Literal["accept", "reject"], wanted: list[str]
) -> list[HunkOutcome]:
    """Carries out the verdict on those hunks that nobody decided meanwhile, and says which somebody did."""
    for _ in range(_RACES):
        if not wanted:
            return []
        hunks = {hunk["id"]: hunk for hunk in (await read_session(hub, session_id)).of("hunk", HunkEntity)}
        for hunk_id in wanted:
            hunk = hunks.get(hunk_id)
            if hunk is None:
                write(f"– {hunk_id[:12]} is no longer part of the proposal.")
            elif hunk["status"] not in DECIDABLE:
                place = f"{one_line(hunk['path'])}:{hunk['base_start']}"
                write(f"– {place} was decided meanwhile: {state_words(hunk['status'])}.")
        wanted = [one for one in wanted if one in hunks and hunks[one]["status"] in DECIDABLE]
        try:
            return await decide(hub, session_id, verdict, wanted) if wanted else []
        except UserError:
            continue  # decided in this very moment: looked at once more
    raise UserError(
        f"The proposal of {session_id} is being decided elsewhere all the time.",
        code="illegal_command",
        remedy=f"Try `draftsmith review {session_id}` again.",
    )
