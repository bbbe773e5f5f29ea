"""Asking a client: one answer by id, or a failure in words, within a bounded time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from draftsmith.hub.peers import Peer, PeerFailed
from draftsmith.protocol.jsonrpc import Reply, ReplyError
from draftsmith.protocol.methods.buffers import ReadParams, ReadResult

PARAMS = ReadParams(path="/f", offset=0, limit=10)
RESULT = {"held": False, "version": 0, "sha256": None, "text": "", "length": 0}


class Wire:
    """Takes what the peer is sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.broken = False
        self.peer = Peer("vscode", self._send)

    async def _send(self, text: str) -> None:
        if self.broken:
            raise OSError
        self.sent.append(json.loads(text))

    def ask(self, *, within: float = 20.0) -> asyncio.Future[ReadResult]:
        return asyncio.ensure_future(self.peer.ask("buffers/read", PARAMS, ReadResult, within=within))

    def reply(self, request: int, result: Any = None, error: str | None = None) -> None:
        failure = None if error is None else ReplyError(code=-32000, message=error)
        self.peer.answered(Reply(jsonrpc="2.0", id=self.sent[request]["id"], result=result, error=failure))


async def test_answers_are_matched_by_id() -> None:
    wire = Wire()
    first, second = wire.ask(), wire.ask()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    wire.reply(1, {**RESULT, "version": 2})
    wire.reply(0, {**RESULT, "version": 1})
    assert ((await first).version, (await second).version) == (1, 2)
    wire.reply(0, RESULT)  # once more, for nobody


@pytest.mark.parametrize(
    ("reply", "words", "gone"),
    [
        ({"error": "It is read-only."}, "vscode refused: It is read-only.", False),
        ({"result": {"held": 1}}, "vscode answered buffers/read with something else.", True),
    ],
)
async def test_no_and_nonsense_are_failures_in_words(reply: Any, words: str, gone: bool) -> None:
    wire = Wire()
    asked = wire.ask()
    await asyncio.sleep(0)
    wire.reply(0, **reply)
    with pytest.raises(PeerFailed) as failed:
        await asked
    assert (failed.value.message, failed.value.gone) == (words, gone)


async def test_silence_is_given_up() -> None:
    with pytest.raises(PeerFailed, match=r"vscode did not answer within 0 s\.") as failed:
        await Wire().ask(within=0.02)
    assert failed.value.gone


async def test_the_end_of_the_connection_ends_every_wait_and_is_told_once() -> None:
    wire = Wire()
    left: list[str] = []
    wire.peer.on_leaving(lambda: left.append("left"))
    asked = [wire.ask(), wire.ask()]
    await asyncio.sleep(0)
    wire.peer.leave()
    wire.peer.leave()
    for one in asked:
        with pytest.raises(PeerFailed, match="ended"):
            await one
    with pytest.raises(PeerFailed, match="ended"):
        await wire.ask()
    assert left == ["left"]


async def test_a_socket_that_breaks_is_the_end_too() -> None:
    wire = Wire()
    wire.broken = True
    with pytest.raises(PeerFailed, match="ended"):
        await wire.ask()


async def test_what_no_frame_can_hold_is_not_sent() -> None:
    wire = Wire()
    params = ReadParams.model_construct(path="x" * 9_000_000, offset=0, limit=1)
    with pytest.raises(PeerFailed, match="too long") as failed:
        await wire.peer.ask("buffers/read", params, ReadResult, within=1)
    assert wire.sent == []
    assert not failed.value.gone
