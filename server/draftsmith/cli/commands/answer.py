"""`draftsmith answer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.choose import choose_session
from draftsmith.cli.command import command, session_and, split
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.reading import read_session
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.wrapping import prose, room
from draftsmith.client.messages import AnswerParams, DecisionEntity
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.held import HeldSession


@command
@session_and("ANSWER")
@click.option("--text", default="", help="Words that go with it, for example why a plan is rejected.")
@click.option("--decision", default=None, metavar="ID", help="Which question, when several are open.")
async def answer(call: Invocation, arguments: tuple[str, ...], text: str, decision: str | None) -> ExitCode:
    """Answer the open question: one of its options, or free words where it takes them."""
    session, reply = split(arguments, "the answer")
    hub = await call.hub()
    session_id = await choose_session(hub, session, told=not call.json)
    held = await read_session(hub, session_id)
    found = [one for one in held.of("decision", DecisionEntity) if one["state"] == "open"]
    if decision is not None:
        found = [one for one in found if one["id"] == decision]
    if not found:
        raise _nothing_asked(held, decision)
    asked = found[0]
    if asked["subject"] == "key":
        raise UserError(
            "A key is not given as an answer: answers are kept in the session's log.",
            code="key_as_answer",
            remedy=f"Set the variable of the key here and type `draftsmith attach {session_id}`.",
        )
    if reply not in asked["options"] and not asked["free_text"]:
        raise UserError(
            f"{one_line(reply)!r} is no answer to this question.",
            code="unknown_answer",
            remedy=f"It takes {' or '.join(one_line(one) for one in asked['options'])}.",
        )
    params = AnswerParams(session_id=session_id, decision_id=asked["id"], answer=reply, text=text)
    await hub.acknowledge("decision/answer", params)
    if call.json:
        write_json({"session_id": session_id, "decision_id": asked["id"], "answer": reply})
    else:
        write(prose(clean(asked["prompt"]).strip(), room()))
        said = clean(reply) + (f": {clean(text)}" if text else "")
        write(prose(f"✓ Answered: {said}", room()))
        write(f"→ draftsmith attach {session_id}")
    return ExitCode.DONE


def _nothing_asked(held: HeldSession, decision: str | None) -> UserError:
    """Somebody else may have been faster: then what they answered is said."""
    closed = next((one for one in held.of("decision", DecisionEntity) if one["id"] == decision), None)
    if closed is None:
        words = f"Session {held.session_id} asks nothing{' with that id' if decision else ''}."
    else:
        given = f": {one_line(closed['answer'])}" if closed["answer"] else ""
        words = f"That question was already answered{given}."
    return UserError(
        words, code="no_open_decision", remedy=f"`draftsmith show {held.session_id}` shows where the session is."
    )
