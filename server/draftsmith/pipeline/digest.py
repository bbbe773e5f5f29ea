"""The older part of a conversation as a model's summary, where one can be had: talk and tool output only.

What the user said, the plan, open problems and the state of files are not its business: they are projected anew. Each
part of a conversation is read once; when that fails, it stays told line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from draftsmith.domain.conversation import Role
from draftsmith.domain.ids import TaskId
from draftsmith.domain.text import count, inline
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.folding import answered_line, said_line
from draftsmith.pipeline.lines import Answered, Line, Room, Said, Told
from draftsmith.pipeline.prompts import instructions
from draftsmith.pipeline.quick_calls import QuickTask, ask_quick, may_ask

NOTES_CHARACTERS = 48_000
"""Of a conversation that a summary is made from: a third of a small window."""
SHARE_OF_ROOM = 2
"""Characters of notes for each token that the conversation may have: a model with a small window reads less."""
SHORTEST_LINE, LONGEST_LINE = 160, 2_000
ARGUMENTS_CHARACTERS = 200
REQUEST_CHARACTERS = 1_500
FEWEST_LINES = 8
"""Less is told in short as well without a model."""

OUTPUT_TOKENS = 2_000
DIGEST_CHARACTERS = 6_000


async def digested(desk: Desk, role: Role, task_id: TaskId | None, room: Room, room_tokens: int) -> Room:
    """`room` with a summary of all that it tells in short, or without where there is none to be had now. What was
    staged is durable afterwards when a model was asked. Raises Superseded."""
    if not may_ask(desk):
        return room
    placed = [(place, line) for place, line in desk.transcript.placed(role, task_id) if place <= room.folded]
    fresh = [line for place, line in placed if place > room.asked]
    if sum(1 for line in fresh if not isinstance(line, Told)) < FEWEST_LINES:
        return room
    parts = [f"# What is worked on\n{desk.log.state.request.preview[:REQUEST_CHARACTERS]}"]
    if room.digest.length:
        parts.append(f"# Your summary so far, to be continued\n{await desk.whole(room.digest)}")
    if skipped := [line for place, line in placed if room.digested < place <= room.asked]:
        parts.append("# Then, in short\n" + "\n".join(_short(desk, skipped)))
    most = min(NOTES_CHARACTERS, room_tokens * SHARE_OF_ROOM)
    parts.append("# The notes to be summarised\n" + "\n".join(_notes(desk, fresh, most)))
    reply = await ask_quick(
        desk,
        QuickTask(
            purpose="for a summary of the older conversation",
            instructions=instructions("digest"),
            text="\n\n".join(parts),
            output_tokens=OUTPUT_TOKENS,
            task_id=task_id,
        ),
    )
    said = "" if reply is None else reply.text.strip()
    if len(said) > DIGEST_CHARACTERS:
        said = f"{said[:DIGEST_CHARACTERS]}\n[the rest was cut off]"
    asked = replace(room, asked=room.folded)
    return replace(asked, digest=inline(said), digested=room.folded) if said else asked


def _short(desk: Desk, lines: Sequence[Line]) -> list[str]:
    """A part that no model summarised when it could have, a line for each."""
    outcomes, said = desk.transcript.outcomes, list[str]()
    for line in lines:
        match line:
            case Said(text=text):
                said += said_line(text)
            case Answered():
                said.append(answered_line(line, outcomes.get(line.call_id)))
            case Told():
                pass
    return said


def _notes(desk: Desk, lines: Sequence[Line], most: int) -> list[str]:
    """The lines with the beginnings and ends of what is long; the oldest are left out where all are too many."""
    each = max(SHORTEST_LINE, min(LONGEST_LINE, most // max(1, len(lines))))
    notes = [note for line in lines for note in _note(desk, line, each)]
    kept: list[str] = []
    left = most
    for note in reversed(notes):
        left -= len(note) + 1
        if left < 0:
            break
        kept.append(note)
    if len(kept) < len(notes):
        kept.append(f"[{count(len(notes) - len(kept), 'earlier line')} left out]")
    return kept[::-1]


def _note(desk: Desk, line: Line, most: int) -> list[str]:
    match line:
        case Said(text=text, tool_calls=calls):
            said = [f"The agent said: {_cut(text.preview, most)}"] if text.preview.strip() else []
            return [*said, *(f"It called {one.name} {one.arguments.preview[:ARGUMENTS_CHARACTERS]}" for one in calls)]
        case Answered(call_id=call_id, name=name, text=text):
            outcome = desk.transcript.outcomes.get(call_id)
            title = f"{outcome.title} ({outcome.outcome})" if outcome is not None else name
            return [f"[{call_id}] {title}: {_cut(text.preview, most)}"]
        case Told(weight="talk"):
            return []
        case Told(before=before, text=text):
            return [f"The agent was told: {_cut(f'{before} {text.preview}', most)}"]


def _cut(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else f"{text[: most * 2 // 3]} […] {text[-most // 3 :]}"
