"""What a proposal is called: a title for the list of sessions, and a commit message for whoever commits it.

By a cheap model, to a schema, where one can be had; else from the tasks' own titles and reports. Nothing is committed
here or anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from draftsmith.domain.ids import TreeId
from draftsmith.domain.session.state import SessionState
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import unified_difference
from draftsmith.pipeline.prompts import instructions
from draftsmith.pipeline.quick_calls import QuickTask, ask_quick, may_ask

REQUEST_CHARACTERS, REPORT_CHARACTERS, DIFFERENCE_CHARACTERS = 3_000, 3_000, 12_000
OUTPUT_TOKENS = 1_500
TITLE_CHARACTERS, SUBJECT_CHARACTERS, BODY_CHARACTERS = 80, 72, 2_000

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"title": {"type": "string"}, "subject": {"type": "string"}, "body": {"type": "string"}},
        "required": ["title", "subject", "body"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """`title` empty: the session keeps the one it has. `model` empty: made by rule."""

    title: str
    commit_message: str
    model: str = ""


async def describe(desk: Desk, base: TreeId, tree: TreeId, summary: str) -> Description:
    """Of the difference between the trees. What was staged may be durable afterwards. Raises Superseded."""
    state = desk.log.state
    if not may_ask(desk):
        return by_rule(state, summary)
    difference = await unified_difference(
        desk.store, base, tree, [root.name for root in state.roots], DIFFERENCE_CHARACTERS
    )
    parts = [
        f"# What was asked for\n{(await desk.whole(state.request))[:REQUEST_CHARACTERS]}",
        f"# What was reported\n{summary[:REPORT_CHARACTERS]}",
        f"# The difference\n{difference}",
    ]
    reply = await ask_quick(
        desk,
        QuickTask(
            purpose="for title and commit message",
            instructions=instructions("proposal"),
            text="\n\n".join(parts),
            output_tokens=OUTPUT_TOKENS,
            schema=SCHEMA,
        ),
    )
    written = None if reply is None else read_description(reply.text, reply.model)
    return written or by_rule(state, summary)


def read_description(text: str, model: str) -> Description | None:
    """What a model wrote, brought into form; None when it is of no use."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    fields = cast("dict[str, object]", found)
    subject = _line(fields.get("subject"), SUBJECT_CHARACTERS)
    if not subject:
        return None
    body = _body(fields.get("body"))
    message = f"{subject}\n\n{body}" if body else subject
    return Description(title=_line(fields.get("title"), TITLE_CHARACTERS), commit_message=message, model=model)


def by_rule(state: SessionState, summary: str) -> Description:
    """The title of the session, or of its only task of this round, with the report below it."""
    subject = _line(state.title, SUBJECT_CHARACTERS) or "Change what was asked for"
    body = _body(summary)
    return Description(title="", commit_message=f"{subject}\n\n{body}" if body else subject)


def _line(said: object, most: int) -> str:
    """One printable line, cut between words."""
    words = " ".join(_printable(said).split()) if isinstance(said, str) else ""
    if len(words) <= most:
        return words.rstrip(".")
    return words[: most - 1].rpartition(" ")[0].rstrip(" .,;:") + "…" if " " in words[: most - 1] else words[:most]


def _body(said: object) -> str:
    if not isinstance(said, str):
        return ""
    lines: Sequence[str] = [line.rstrip() for line in _printable(said).strip().split("\n")]
    text = "\n".join(lines)
    return text if len(text) <= BODY_CHARACTERS else text[:BODY_CHARACTERS].rpartition("\n")[0]


def _printable(said: str) -> str:
    """Without what a terminal or git would take as anything but text."""
    return "".join(one for one in said.replace("\r\n", "\n") if one == "\n" or one.isprintable() or one == "\t")
