"""A session of many steps, written through the hub's own host and the real store in bulk: no model runs.

Calls of a model with some words, and what it read in answer. The session goes on: it is in the hub's memory.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from draftsmith.domain.conversation import Usage
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, SessionId, TaskId, TreeId, WorkspaceId, session_stream
from draftsmith.domain.limits import Limits
from draftsmith.domain.roots import Root
from draftsmith.domain.session import events as e
from draftsmith.domain.text import EMPTY, inline
from draftsmith.hub.service import Hub
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.platform.paths import hub_dir
from draftsmith.store.event_store import SqlEventStore

READS = 3
"""Of each call of the model: with the call itself four steps."""
BATCH = 250
"""Rounds in one append."""
WORDS = "The total is summed in `total`, and `count` is not looked at there: I read who calls it before I change it."
LISTING = "\n".join(f"{number:>4}  result += price_of(name)  # line {number}" for number in range(1, 21))
TASK = TaskId("t1")


async def write(state: Path, project: Path, steps: int) -> str:
    """The id of the new session in a state folder that no hub uses now."""
    folder = hub_dir(state)
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "draftsmith.db"
    store = await SqlEventStore.open(database, application_version="bench")
    hub = Hub(store, Workspaces(folder / "objects"), epoch=new_id("h"), state_dir=state, database=str(database))
    session_id = SessionId(new_id("s"))
    host = hub.new_host(session_id)
    try:
        await host.append(_numbered(session_id, 0, _beginning(session_id, project)), ())
        rounds = steps // (1 + READS)
        for first in range(0, rounds, BATCH):
            events = [event for number in range(first, min(first + BATCH, rounds)) for event in _round(number)]
            await host.append(_numbered(session_id, host.state.version, events), ())
    finally:
        await hub.close()
        await store.close()
    return session_id


def _beginning(session_id: SessionId, project: Path) -> Sequence[e.SessionEvent]:
    return (
        e.SessionStarted(
            session_id=session_id,
            workspace_id=WorkspaceId("w_bench"),
            roots=(Root(name=project.name, path=str(project)),),
            request=inline("Count what is in the cart"),
            autonomy="auto",
            limits=Limits(steps=1_000_000, seconds=1_000_000),
            model="recorded/m",
        ),
        e.BaseTaken(tree=TreeId("0" * 40), files=3),
        e.WorkBegun(title="Count what is in the cart", task_id=TASK),
    )


def _round(number: int) -> Iterator[e.SessionEvent]:
    call = CallId(f"m{number}")
    yield e.ModelCallIntended(
        call_id=call, role="code", task_id=TASK, model="recorded/m", counted_tokens=900, reserved_nano_usd=None
    )
    reads = [CallId(f"r{number}_{which}") for which in range(READS)]
    yield e.ModelCallFinished(
        call_id=call,
        text=inline(WORDS),
        reasoning=EMPTY,
        tool_calls=tuple(
            e.RequestedToolCall(call_id=read, name="read", arguments=inline(f'{{"path":"shop/cart_{number}.py"}}'))
            for read in reads
        ),
        stop_reason="tool_calls",
        usage=Usage(input_tokens=900, output_tokens=60),
        cost_nano_usd=None,
        duration_ms=700,
    )
    for read in reads:
        yield e.ToolCallFinished(
            call_id=read,
            outcome="ok",
            title=f"read shop/cart_{number}.py",
            text=inline(LISTING),
            tree=None,
            duration_ms=3,
        )


def _numbered(session_id: SessionId, after: int, events: Sequence[e.SessionEvent]) -> list[Envelope[e.SessionEvent]]:
    now = now_ms()
    return [
        Envelope(
            event_id=EventId(new_id("e")),
            stream_id=session_stream(session_id),
            version=version,
            at=now,
            actor=Actor(client="runner"),
            causation_id="c",
            correlation_id="c",
            event=event,
        )
        for version, event in enumerate(events, start=after + 1)
    ]


if __name__ == "__main__":
    print(asyncio.run(write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
