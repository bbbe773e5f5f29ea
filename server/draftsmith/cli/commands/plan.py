"""`draftsmith plan`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_argument
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.client.messages import EditPlanParams, EditPlanResult, PlanText, SessionRef
from draftsmith.domain.errors import UserError
from draftsmith.domain.plan_text import read_plan

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation

_MAX_CHARACTERS = 400_000


@command
@session_argument
@click.option("--edit", "edited", metavar="FILE", default=None, help="Work by the plan in FILE instead (- for input).")
async def plan(call: Invocation, session: str | None, edited: str | None) -> ExitCode:
    """The plan of SESSION as text; with --edit the one that waits for approval is replaced and approved.

    `draftsmith plan > plan.md`, then edit it, then `draftsmith plan --edit plan.md`. A task begins with
    `## 1. Title`; `after: 1, 2`, `file: NAME` and `check: TEXT` are lines of their own below it.
    """
    text = None if edited is None else await asyncio.to_thread(_read, edited)
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    found = await hub.call("plan/read", SessionRef(session_id=session_id), PlanText)
    if text is None:
        if call.json:
            write_json({"session_id": session_id, **found})
        else:
            write(clean(found["text"]).rstrip("\n"))
        return ExitCode.DONE
    if found["decision_id"] is None:
        raise UserError(
            f"The plan of session {session_id} is not waiting for approval.",
            code="no_open_decision",
            remedy=f'`draftsmith message {session_id} "…"` tells the agent what should be different.',
        )
    params = EditPlanParams(session_id=session_id, decision_id=found["decision_id"], text=text)
    made = await hub.call("plan/edit", params, EditPlanResult)
    if call.json:
        write_json({"session_id": session_id, "task_ids": made["task_ids"]})
    else:
        write(
            f"✓ Works by your plan: {amounts.count(len(made['task_ids']), 'task')}.\n→ draftsmith attach {session_id}"
        )
    return ExitCode.DONE


def _read(name: str) -> str:
    """The text of the file, which is a plan: what is wrong with it is said before anything is asked of the hub."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        raise UserError(f"The plan {one_line(name)} cannot be read: {why}.", code="unreadable_plan") from failure
    if len(text) > _MAX_CHARACTERS:
        raise UserError(
            f"The plan has {len(text):,} characters; at most {_MAX_CHARACTERS:,} are allowed.", code="plan_too_long"
        )
    read_plan(text)
    return text
