"""A role's messages for the next model call: opening and transcript, kept within the model's window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

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
from draftsmith.pipeline.transcript import Answered, Line, Said, Told

KEPT_OUTPUTS = 6
"""Tool outputs at the end that are never elided."""

SHORT_OUTPUT = 400
"""Characters of an output that it does not pay to elide."""


async def conversation(desk: Desk, role: Role, task_id: TaskId | None) -> list[Message]:
    """Everything that the role has seen and said about the task, in order."""
    messages = await opening(desk, role, task_id)
    for line in desk.transcript.lines(role, task_id):
        messages.append(await _message(desk, line))
    return _answered(messages)


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


def fit(
    messages: Sequence[Message], budget_tokens: int | None, count: Callable[[Sequence[Message]], int]
) -> tuple[list[Message], int]:
    """The messages within the budget, and their tokens; the oldest long tool outputs give way first.

    `budget_tokens` None: the window is not known, and nothing is elided.
    """
    fitted = list(messages)
    counted = count(fitted)
    if budget_tokens is None or counted <= budget_tokens:
        return fitted, counted
    outputs = [place for place, message in enumerate(fitted) if isinstance(message, ToolMessage)]
    for place in outputs[:-KEPT_OUTPUTS]:
        message = fitted[place]
        if isinstance(message, ToolMessage) and len(message.text) > SHORT_OUTPUT:
            note = f"[{len(message.text):,} characters of this output were elided; call {message.name} again if needed]"
            fitted[place] = replace(message, text=note)
            # Elide in strides: each elision costs the vendor's cache, so make room for several calls at once.
            counted = count(fitted)
            if counted <= budget_tokens * 3 // 4:
                break
    return fitted, counted
