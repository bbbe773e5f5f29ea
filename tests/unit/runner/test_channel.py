"""The runners' channel: who may use it, how a lease is lost and passed on, what a lost runner may still do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import grpc
import pytest
from tests.unit.domain import histories as h
from tests.unit.hub.worlds import numbered
from tests.unit.runner.hubs import TOKEN, Served, served

from draftsmith.domain.errors import AdapterError
from draftsmith.domain.ids import DocumentId, RunnerId, SessionId
from draftsmith.domain.session import events as e
from draftsmith.hub import leases, runner_service
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.protocol.methods.hub import OfferedCredential
from draftsmith.runner.channel import HubChannel, Refused

WAIT_S = 20.0


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as made:
        yield made


class Stream:
    """A runner's stream, as far as a test drives it."""

    def __init__(self, channel: HubChannel, name: str, capacity: int = 2, *, beats: bool = True) -> None:
        self.name = name
        self.leases: dict[str, int] = {}
        self.fresh = asyncio.Condition()
        self.ended = asyncio.Event()
        self._channel = channel
        self._capacity = capacity
        self._beats = beats
        self._outbox: asyncio.Queue[wire.RunnerMessage] = asyncio.Queue()
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            async for message in self._channel.work(self._messages()):
                if message.WhichOneof("message") == "lease":
                    async with self.fresh:
                        self.leases[message.lease.session_id] = message.lease.fence
                        self.fresh.notify_all()
        except grpc.RpcError:
            pass
        finally:
            self.ended.set()

    async def _messages(self) -> AsyncIterator[wire.RunnerMessage]:
        yield wire.RunnerMessage(hello=wire.Hello(runner_id=self.name, pid=7, capacity=self._capacity))
        while True:
            waiting = self._outbox.get()
            try:
                yield await (asyncio.wait_for(waiting, 0.05) if self._beats else waiting)
            except TimeoutError:
                yield wire.RunnerMessage(heartbeat=wire.Heartbeat())

    async def leased(self, session_id: SessionId, *, above: int = 0) -> int:
        async with asyncio.timeout(WAIT_S), self.fresh:
            await self.fresh.wait_for(lambda: self.leases.get(session_id, 0) > above)
        return self.leases[session_id]

    def release(self, session_id: SessionId, fence: int) -> None:
        self._outbox.put_nowait(wire.RunnerMessage(release=wire.Release(session_id=session_id, fence=fence)))

    def deltas(self, session_id: SessionId, fence: int, step: str, text: str) -> None:
        delta = wire.Delta(entity_id=step, field="text", text=text)
        self._outbox.put_nowait(
            wire.RunnerMessage(deltas=wire.Deltas(session_id=session_id, fence=fence, delta=[delta]))
        )

    async def lose(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


async def offered(there: Served) -> SessionId:
    session_id = await there.world.started()
    host = await there.world.hub.host(session_id)
    there.world.hub.appended(host, [])
    return session_id


async def test_a_missing_or_wrong_token_opens_nothing(there: Served) -> None:
    for token in ("", "wrong", TOKEN + "x"):
        channel = HubChannel(there.address, token)
        for call in (
            channel.read(SessionId("s"), 0),
            channel.document(DocumentId("d")),
            channel.append(SessionId("s"), 1, [], (), tree="", objects=b""),
            channel.credentials(SessionId("s"), 1),
            channel.publish_tree("w", "t", _nothing()),
        ):
            with pytest.raises(AdapterError, match="UNAUTHENTICATED"):
                await call
        with pytest.raises(grpc.RpcError) as refused:
            await anext(aiter(channel.work(_nothing_to_say())))
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED  # pyright: ignore[reportAttributeAccessIssue] (an AioRpcError)
        await channel.close()
    assert not there.world.hub.leases.runners


async def _nothing() -> AsyncIterator[bytes]:
    for _ in ():
        yield b""


async def _nothing_to_say() -> AsyncIterator[wire.RunnerMessage]:
    yield wire.RunnerMessage(hello=wire.Hello(runner_id="r", capacity=1))
    await asyncio.sleep(WAIT_S)


async def test_a_stream_that_does_not_begin_with_a_hello_is_refused(there: Served) -> None:
    async def beats() -> AsyncIterator[wire.RunnerMessage]:
        yield wire.RunnerMessage(heartbeat=wire.Heartbeat())
        await asyncio.sleep(WAIT_S)

    with pytest.raises(grpc.RpcError) as refused:
        async for _ in there.channel.work(beats()):
            pass
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # pyright: ignore[reportAttributeAccessIssue] (an AioRpcError)


async def test_a_stream_that_says_nothing_is_closed(there: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_service, "LOST_AFTER_SECONDS", 0.2)

    async def silence() -> AsyncIterator[wire.RunnerMessage]:
        await asyncio.sleep(WAIT_S)
        yield wire.RunnerMessage()

    async with asyncio.timeout(WAIT_S):
        with pytest.raises(grpc.RpcError):
            async for _ in there.channel.work(silence()):
                pass


async def test_the_sessions_of_a_lost_stream_go_to_the_next_runner_and_the_lost_one_is_fenced(there: Served) -> None:
    session_id = await offered(there)
    lost_channel = HubChannel(there.address, TOKEN)
    one = Stream(lost_channel, "r1")
    first = await one.leased(session_id)
    two = Stream(there.channel, "r2")
    await one.lose()
    second = await two.leased(session_id)
    assert second > first
    host = await there.world.hub.host(session_id)
    stale = numbered(session_id, host.state.version, [h.begun()])
    with pytest.raises(Refused) as refused:
        await lost_channel.append(session_id, first, stale, (), tree="", objects=b"")
    assert refused.value.code == "fenced"
    assert host.state.tasks == ()
    with pytest.raises(AdapterError, match="PERMISSION_DENIED"):
        await lost_channel.credentials(session_id, first)
    taken = [e.SessionTakenUp(runner_id=RunnerId("r2"), fence=second), h.begun()]
    await there.channel.append(
        session_id, second, numbered(session_id, host.state.version, taken), (), tree="", objects=b""
    )
    assert len(host.state.tasks) == 1
    await two.lose()
    await lost_channel.close()


async def test_a_silent_runner_loses_its_sessions(there: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_service, "LOST_AFTER_SECONDS", 0.5)
    session_id = await offered(there)
    silent = Stream(there.channel, "r1", beats=False)
    first = await silent.leased(session_id)
    other_channel = HubChannel(there.address, TOKEN)
    lively = Stream(other_channel, "r2")
    assert await lively.leased(session_id) > first
    async with asyncio.timeout(WAIT_S):
        await silent.ended.wait()
    assert not lively.ended.is_set(), "heartbeats did not keep the runner"
    for one in (silent, lively):
        await one.lose()
    await other_channel.close()


async def test_a_session_that_was_given_back_and_has_work_left_is_leased_again_but_not_in_a_storm(
    there: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "FIRST_PAUSE_SECONDS", 0.2)
    session_id = await offered(there)
    one = Stream(there.channel, "r1")
    fence = await one.leased(session_id)
    pauses: list[float] = []
    loop = asyncio.get_running_loop()
    for _ in range(3):
        begun = loop.time()
        one.release(session_id, fence)
        fence = await one.leased(session_id, above=fence)
        pauses.append(loop.time() - begun)
    assert pauses[0] >= 0.2
    assert pauses[2] >= 0.8, "the pauses do not grow"
    await one.lose()


async def test_streamed_text_of_a_stale_lease_is_not_shown(there: Served) -> None:
    session_id = await offered(there)
    one = Stream(there.channel, "r1")
    fence = await one.leased(session_id)
    await there.world.append(session_id, h.begun(), h.task_started(), h.model_intended("m1", task="t1"))
    host = await there.world.hub.host(session_id)
    one.deltas(session_id, fence + 1, "m1", "stale ")
    one.deltas(session_id, fence, "m1", "fresh")
    async with asyncio.timeout(WAIT_S):
        while getattr(host.entity("step", "m1"), "text", "") != "fresh":
            assert getattr(host.entity("step", "m1"), "text", "") in ("", "fresh")
            await asyncio.sleep(0.01)
    await one.lose()


async def test_garbage_in_an_append_is_refused_and_changes_nothing(there: Served) -> None:
    session_id = await offered(there)
    one = Stream(there.channel, "r1")
    fence = await one.leased(session_id)
    host = await there.world.hub.host(session_id)
    before = host.state
    foreign = numbered(session_id, before.version, [h.begun()], client="cli")
    with pytest.raises(Refused):
        await there.channel.append(session_id, fence, foreign, (), tree="", objects=b"")
    with pytest.raises(Refused):
        await there.channel.append(session_id, fence, [], (), tree="0" * 40, objects=b"garbage")
    illegal = numbered(session_id, before.version, [h.gate_finished()])
    with pytest.raises(Refused):
        await there.channel.append(session_id, fence, illegal, (), tree="", objects=b"")
    raw = wire.AppendRequest(session_id=session_id, fence=fence, envelope=[b"\xff{garbage"])
    reply = await there.channel._append(session_id, raw)
    assert reply.refused.code
    assert host.state == before
    await one.lose()


async def test_keys_are_given_to_the_holder_of_the_lease_only(there: Served) -> None:
    session_id = await offered(there)
    offer = {"provider": "openai", "label": "K", "value": "sk-secret", "base_url": None, "origin": "environment"}
    there.world.hub.credentials.offer([OfferedCredential.model_validate(offer)])
    one = Stream(there.channel, "r1")
    fence = await one.leased(session_id)
    (given,) = await there.channel.credentials(session_id, fence)
    assert given.value == "sk-secret"
    assert "sk-secret" not in repr(given)
    with pytest.raises(AdapterError, match="PERMISSION_DENIED"):
        await there.channel.credentials(session_id, fence + 1)
    await one.lose()


async def test_the_channel_says_when_the_hub_is_gone(tmp_path: Path) -> None:
    async with served(tmp_path) as there:
        channel = HubChannel(there.address, TOKEN)
    with pytest.raises(AdapterError) as gone:
        await channel.read(SessionId("s"), 0)
    assert gone.value.code == "hub_gone"
    await channel.close()
