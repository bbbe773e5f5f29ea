"""The other end of a client's connection as somebody to ask: requests of the hub, answers by id, bounded waits.

It asks nothing by itself and holds nothing that outlives the connection.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from pydantic import ValidationError

from draftsmith.domain.errors import AdapterError
from draftsmith.protocol.jsonrpc import Reply
from draftsmith.protocol.model import MAX_FRAME, Message

ResultT = TypeVar("ResultT", bound=Message)
Send = Callable[[str], Awaitable[None]]


class PeerFailed(AdapterError):
    """The client did not do what it was asked. `gone`: nobody knows whether it still will."""

    def __init__(self, message: str, *, gone: bool) -> None:
        super().__init__(message, code="client_failed", retryable=True)
        self.gone = gone


class Peer:
    """Lives as long as the connection. `client` is the name that it signed in with."""

    def __init__(self, client: str, send: Send) -> None:
        self.client = client
        self.connected = True
        self._send = send
        self._numbers = count(1)
        self._asked: dict[str, asyncio.Future[Reply]] = {}
        self._leaving: list[Callable[[], None]] = []

    async def ask(self, method: str, params: Message, result: type[ResultT], *, within: float) -> ResultT:
        """Raises PeerFailed: it is gone, was silent, said no, or said what the method does not say."""
        request_id = f"hub-{next(self._numbers)}"
        frame = (
            f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"method":"{method}","params":{params.model_dump_json()}}}'
        )
        if len(frame) > MAX_FRAME:
            raise PeerFailed(f"What {self.client} would be asked is too long for one message.", gone=False)
        if not self.connected:
            raise self._gone()
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._asked[request_id] = answer
        try:
            async with asyncio.timeout(within):
                await self._send(frame)
                reply = await answer
        except TimeoutError as late:
            raise PeerFailed(f"{self.client} did not answer within {within:.0f} s.", gone=True) from late
        except (OSError, RuntimeError) as broken:
            raise self._gone() from broken
        finally:
            del self._asked[request_id]
        if reply.error is not None:
            raise PeerFailed(f"{self.client} refused: {reply.error.message}", gone=False)
        try:
            return result.model_validate(reply.result)
        except ValidationError as unfit:
            raise PeerFailed(f"{self.client} answered {method} with something else.", gone=True) from unfit

    def answered(self, reply: Reply) -> None:
        """What came too late, or answers nothing, is let go."""
        answer = self._asked.get(reply.id)
        if answer is not None and not answer.done():
            answer.set_result(reply)

    def on_leaving(self, act: Callable[[], None]) -> None:
        """Called once, when the connection has ended."""
        self._leaving.append(act)

    def leave(self) -> None:
        if not self.connected:
            return
        self.connected = False
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(self._gone())
        for act in self._leaving:
            act()

    def _gone(self) -> PeerFailed:
        return PeerFailed(f"The connection to {self.client} ended.", gone=True)
