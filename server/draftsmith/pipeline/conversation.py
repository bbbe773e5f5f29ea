"""A role's messages for the next model call: opening and transcript, kept within the model's window."""

from __future__ import annotations

from draftsmith.domain.conversation import (
    AssistantMessage,
    Message,
    Role,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from draftsmith.domain.ids import TaskId
from draftsmith.pipeline.briefing import opening
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.difference import changes_in_words
from draftsmith.pipeline.folding import elided, folded_text
from draftsmith.pipeline.lines import Answered, Line, Room, Said, Told

SHORT_OUTPUT = 400
"""Characters of an output that it does not pay to elide."""


async def conversation(desk: Desk, role: Role, task_id: TaskId | None, room: Room | None = None) -> list[Message]:
    """Everything that the role has seen and said about the task, in order; its older part shortened as the log says,
    or as `room` does."""
    messages = await opening(desk, role, task_id)
    shortened = room or desk.transcript.room(role, task_id)
    placed = desk.transcript.placed(role, task_id)
    before = [line for place, line in placed if place <= shortened.folded]
    if before:
        changes = await _changes(desk, task_id, shortened.folded)
        text = await folded_text(
            before,
            desk.transcript.outcomes,
            changes,
            desk.whole,
            digest=await desk.whole(shortened.digest),
            covered=sum(1 for place, _ in placed if place <= shortened.digested),
        )
        messages.append(UserMessage(text=text))
    made = desk.messages.get((role, task_id), {})
    kept: dict[int, tuple[Line, Message]] = {}
    for place, line in placed[len(before) :]:
        if isinstance(line, Answered) and place <= shortened.elided and line.text.length > SHORT_OUTPUT:
            text = elided(line.call_id, line.text.length)
            messages.append(ToolMessage(call_id=line.call_id, name=line.name, text=text))
        else:
            known = made.get(id(line)) or (line, await _message(desk, line))
            kept[id(line)] = known
            messages.append(known[1])
    desk.messages[role, task_id] = kept
    return _answered(messages)


async def _changes(desk: Desk, task_id: TaskId | None, version: int) -> str:
    """What was changed in the draft from the task's beginning until then, in words."""
    begun = desk.transcript.tree_at_start(task_id) if task_id is not None else None
    until = desk.transcript.tree_until(version)
    if begun is None or until is None or begun == until:
        return ""
    return await changes_in_words(desk.store, begun, until, [root.name for root in desk.log.state.roots])


async def _message(desk: Desk, line: Line) -> Message:
    match line:
        case Said(text=text, reasoning=reasoning, tool_calls=tool_calls):
            calls = [
                ToolCall(call_id=one.call_id, name=one.name, arguments=await desk.whole(one.arguments))
                for one in tool_calls
            ]
            return AssistantMessage(
                text=await desk.whole(text), reasoning=await desk.whole(reasoning), tool_calls=tuple(calls)
            )
        case Answered(call_id=call_id, name=name, text=text):
            return ToolMessage(call_id=call_id, name=name, text=await desk.whole(text))
        case Told(before=before, text=text, most=most):
            quoted = _shortened(await desk.whole(text), most)
            return UserMessage(text=f"{before}\n{quoted}" if quoted else before)


def _shortened(text: str, most: int) -> str:
    """A quarter from the beginning, the rest from the end, cut at lines."""
    if not most or len(text) <= most:
        return text
    head = text[: most // 4].rpartition("\n")[0]
    tail = text[-(most - most // 4) :].partition("\n")[2]
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"


def _answered(messages: list[Message]) -> list[Message]:
    """Answers follow their calls at once, whatever was said in between: vendors refuse anything else."""
    answers = {message.call_id: message for message in messages if isinstance(message, ToolMessage)}
    ordered: list[Message] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            continue
        ordered.append(message)
        if isinstance(message, AssistantMessage):
            for call in message.tool_calls:
                missing = ToolMessage(call_id=call.call_id, name=call.name, text="This call was not carried out.")
                ordered.append(answers.get(call.call_id, missing))
    return ordered
