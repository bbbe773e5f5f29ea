"""Room for the next reply: when a conversation no longer fits, its older part is shortened, once and for some calls.

Where it is shortened, and how, is an event, so that the prompt's beginning stays the same until the next time. Nothing
is lost: the log has it, and a tool shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from draftsmith.domain.conversation import Message, Role
from draftsmith.domain.ids import TaskId
from draftsmith.domain.session.events import ContextCompacted
from draftsmith.domain.text import EMPTY
from draftsmith.pipeline.conversation import conversation
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.digest import digested
from draftsmith.pipeline.lines import Line, Room, Said

KEPT_TURNS = 3
"""Replies at the end whose outputs stay as long as that is possible."""

TARGET = 0.6
"""Of the room that there is: the next calls need some, too, and each shortening costs the vendor's cache."""

Count = Callable[[Sequence[Message]], int]


async def fitted(
    desk: Desk, role: Role, task_id: TaskId | None, room_tokens: int | None, counted_by: Count
) -> tuple[list[Message], int]:
    """The role's messages and their tokens, shortened when they are more than `room_tokens` (None: not known)."""
    messages = await conversation(desk, role, task_id)
    counted = counted_by(messages)
    if room_tokens is None or counted <= room_tokens:
        return messages, counted
    await desk.log.flush()  # places in the log are told below: what is not durable could still move
    present = desk.transcript.room(role, task_id)
    best = (present, messages, counted)
    for room in _rooms(present, desk.transcript.placed(role, task_id)):
        shorter = await conversation(desk, role, task_id, room)
        tokens = counted_by(shorter)
        if tokens < best[2]:
            best = (room, shorter, tokens)
        if tokens <= room_tokens * TARGET:
            break
    room, shorter, tokens = best
    if room != present:
        room = await digested(desk, role, task_id, room, room_tokens)
        if room.digested > present.digested:
            told = await conversation(desk, role, task_id, room)
            if (length := counted_by(told)) <= room_tokens:
                shorter, tokens = told, length
            else:
                room = replace(room, digest=present.digest, digested=present.digested)
        desk.log.stage(
            ContextCompacted(
                role=role,
                task_id=task_id,
                elided_until=room.elided,
                folded_until=room.folded,
                before_tokens=counted,
                after_tokens=tokens,
                digest=room.digest if room.digested > present.digested else EMPTY,
                asked_until=room.asked,
            )
        )
    return shorter, tokens


def _rooms(present: Room, placed: Sequence[tuple[float, Line]]) -> list[Room]:
    """Ways to shorten, the mildest first: old outputs left out, then the talk before ever later replies told in short,
    at last every output left out. Whole turns only: a reply is never parted from its answers."""
    ends = [int(before) for (before, _), (_, line) in pairwise(placed) if isinstance(line, Said)]
    later = [end for end in ends if end > present.folded]
    kept = later[-KEPT_TURNS] if len(later) >= KEPT_TURNS else present.elided
    rooms = [replace(present, elided=max(present.elided, kept))]
    rooms += (replace(present, elided=max(rooms[0].elided, end), folded=end) for end in _some(later))
    last = int(placed[-1][0]) if placed else 0
    folded = later[-1] if later else present.folded
    rooms.append(replace(present, elided=max(present.elided, last), folded=folded))
    return [room for room in rooms if room != present]


def _some(ends: Sequence[int]) -> list[int]:
    """A few of them, evenly apart, the last included: each is tried by putting all messages together."""
    stride = max(1, -(-len(ends) // 8))
    return sorted({*ends[stride - 1 :: stride], *ends[-1:]})
