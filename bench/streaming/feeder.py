"""A runner of many sessions that stream: it takes their leases, begins a model call in each, and sends what it is told.

It uses the runner's own channel and outbox. What a runner does besides, gathering a session's text for 50 ms, it leaves
out: each piece of text is a message of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import grpc

from bench.streaming.pacing import paced
from bench.streaming.words import Phase, commands, say
from draftsmith.domain.conversation import Usage
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, SessionId, session_stream
from draftsmith.domain.session import events as e
from draftsmith.domain.text import EMPTY
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.platform.paths import endpoint_file
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner.channel import HubChannel
from draftsmith.runner.outbox import Outbox

BEAT_SECONDS = 2.0


class Feeder:
    """Speaks to the hub as one runner."""

    def __init__(self, port: int, token: str, sessions: int) -> None:
        self._channel = HubChannel(f"127.0.0.1:{port}", token)
        self._outbox = Outbox()
        self._sessions = sessions
        self._leases: asyncio.Queue[wire.Lease] = asyncio.Queue()
        self.streams: list[tuple[SessionId, int, CallId]] = []
        self._versions: dict[SessionId, int] = {}

    async def run(self) -> None:
        async for message in self._channel.work(self._messages()):
            if message.WhichOneof("message") == "lease":
                self._leases.put_nowait(message.lease)

    async def _messages(self) -> AsyncIterator[wire.RunnerMessage]:
        yield wire.RunnerMessage(hello=wire.Hello(runner_id=new_id("r"), pid=1, capacity=2 * self._sessions))
        async for message in self._outbox.messages():
            yield message

    async def beat(self) -> None:
        while True:
            self._outbox.put(wire.RunnerMessage(heartbeat=wire.Heartbeat()))
            await asyncio.sleep(BEAT_SECONDS)

    async def begin(self) -> None:
        """A model call under way in every session."""
        while len(self.streams) < self._sessions:
            lease = await self._leases.get()
            session_id, call = SessionId(lease.session_id), CallId(new_id("m"))
            self._versions[session_id] = len(await self._channel.read(session_id, 0))
            begun = e.ModelCallIntended(
                call_id=call, role="code", task_id=None, model="x/y", counted_tokens=1, reserved_nano_usd=None
            )
            self.streams.append((session_id, lease.fence, call))
            await self.append(len(self.streams) - 1, begun)

    async def append(self, stream: int, *events: e.SessionEvent) -> None:
        session_id, fence, _ = self.streams[stream]
        envelopes = [
            Envelope(
                event_id=EventId(new_id("e")),
                stream_id=session_stream(session_id),
                version=self._versions[session_id] + offset,
                at=now_ms(),
                actor=Actor(client="runner"),
                causation_id="c",
                correlation_id="c",
                event=event,
            )
            for offset, event in enumerate(events, start=1)
        ]
        self._versions[session_id] = await self._channel.append(session_id, fence, envelopes, (), tree="", objects=b"")

    def send(self, stream: int, text: str) -> None:
        session_id, fence, call = self.streams[stream]
        delta = wire.Delta(entity_id=call, field="text", text=text)
        self._outbox.put(wire.RunnerMessage(deltas=wire.Deltas(session_id=session_id, fence=fence, delta=[delta])))

    async def again(self) -> None:
        """Every call ends and another begins: text that a step may hold is bounded, and a long run is many calls."""
        for stream, (session_id, fence, call) in enumerate(self.streams):
            ended = e.ModelCallFinished(
                call_id=call,
                text=EMPTY,
                reasoning=EMPTY,
                tool_calls=(),
                stop_reason="end",
                usage=Usage(input_tokens=1, output_tokens=1),
                cost_nano_usd=None,
                duration_ms=1,
            )
            fresh = CallId(new_id("m"))
            begun = e.ModelCallIntended(
                call_id=fresh, role="code", task_id=None, model="x/y", counted_tokens=1, reserved_nano_usd=None
            )
            await self.append(stream, ended, begun)
            self.streams[stream] = (session_id, fence, fresh)


async def main(state_dir: Path, sessions: int) -> None:
    endpoint = json.loads(endpoint_file(state_dir).read_text("utf-8"))
    feeder = Feeder(endpoint["grpc_port"], endpoint["runner_token"], sessions)
    running = [asyncio.create_task(feeder.run()), asyncio.create_task(feeder.beat())]
    await feeder.begin()
    say({"sessions": [session_id for session_id, _, _ in feeder.streams]})
    asked = await commands()
    while (command := await asked.get())["do"] != "end":
        if command["do"] == "again":
            await feeder.again()
            say({"again": True})
        else:
            phase = Phase(rate=command["rate"], seconds=command["seconds"])
            say({"sent": await paced(sessions, phase, feeder.send)})
    for task in running:
        task.cancel()


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
    except grpc.RpcError as error:
        sys.exit(f"the hub is gone: {error}")
