"""A conversation as the model takes it that is asked next: it may have been begun with another one.

Pure. What cannot be taken is said in words, never silently lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from draftsmith.domain.conversation import AssistantMessage, Message, SystemMessage, ToolMessage, UserMessage
from draftsmith.models.quirks import Quirks

NO_IMAGE = "[An image stood here; this model reads none.]"


def shaped(messages: Sequence[Message], quirks: Quirks, *, images: bool = True) -> tuple[Message, ...]:
    """The messages in the form that a model with these quirks accepts. `images`: whether it reads any."""
    if quirks.takes_any_form and images:
        return tuple(messages)
    result: list[Message] = []
    for message in messages if quirks.system else _without_system(messages):
        _add(result, _own(message, quirks, images=images), quirks)
    return tuple(result)


def _without_system(messages: Sequence[Message]) -> Sequence[Message]:
    said = [message.text for message in messages if isinstance(message, SystemMessage)]
    rest = [message for message in messages if not isinstance(message, SystemMessage)]
    return [UserMessage(text="\n\n".join(said)), *rest] if said else rest


def _own(message: Message, quirks: Quirks, *, images: bool) -> Message:
    match message:
        case UserMessage(images=shown) if shown and not images:
            return UserMessage(text="\n".join((message.text, *(NO_IMAGE for _ in shown))))
        case AssistantMessage(tool_calls=calls) if calls and quirks.call_ids == "nine":
            return replace(message, tool_calls=tuple(replace(one, call_id=_nine(one.call_id)) for one in calls))
        case ToolMessage() if quirks.call_ids == "nine":
            return replace(message, call_id=_nine(message.call_id))
        case _:
            return message


def _add(result: list[Message], message: Message, quirks: Quirks) -> None:
    last = result[-1] if result else None
    match last, message:
        case UserMessage(), UserMessage() if not quirks.users_in_a_row:
            result[-1] = UserMessage(text=f"{last.text}\n\n{message.text}", images=(*last.images, *message.images))
        case ToolMessage(), UserMessage(images=()) if not quirks.user_after_tool:
            result[-1] = replace(last, text=f"{last.text}\n\n[After this:]\n{message.text}")
        case _:
            result.append(message)


def _nine(call_id: str) -> str:
    """Nine letters and digits that stand for the id, the same every time."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:9]
