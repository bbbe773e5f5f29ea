"""One connection to the hub of this machine, found or started, kept up for as long as the edge lives.

Nobody waits for it but who calls: a call waits a bounded time for the connection to be there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeVar

from draftsmith.domain.errors import AdapterError, DraftsmithError
from draftsmith.edge.log_file import keep_out

if TYPE_CHECKING:
    from pathlib import Path

    from draftsmith.client.connection import Answerer, HubConnection
    from draftsmith.client.inbox import Notified
    from draftsmith.client.messages import MethodName

log = logging.getLogger(__name__)

LinkState = Literal["connecting", "connected", "lost"]

FIRST_DELAY = 0.05
LONGEST_DELAY = 5.0
WAIT_FOR_HUB = 30.0
"""Seconds that a call waits for a connection: as long as a hub may take to start."""

ResultT = TypeVar("ResultT")


class HubLink:
    """Run `run` as a task. Callbacks are called in the loop and must not wait.

    `on_notified` gets None where notifications were lost because too many came at once.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        client: str,
        on_state: Callable[[LinkState, str], None],
        on_notified: Callable[[Notified | None], None],
    ) -> None:
        self._state_dir = state_dir
        self.client = client
        self._on_state = on_state
        self._on_notified = on_notified
        self._at_connect: list[Callable[[], Awaitable[None]]] = []
        self._answer: Answerer | None = None
        self._connection: HubConnection | None = None
        self._here = asyncio.Event()
        self._wanted = asyncio.Event()
        self.state: LinkState = "connecting"
        self.reason = ""

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def at_connect(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do this whenever the connection is there (again); one after the other."""
        self._at_connect.append(work)

    def answer_with(self, answer: Answerer) -> None:
        """Who does what the hub asks of this client."""
        self._answer = answer

    async def call(
        self,
        method: MethodName,
        params: Mapping[str, object],
        result: type[ResultT],
        *,
        within: float = 60.0,
        wait: float = WAIT_FOR_HUB,
    ) -> ResultT:
        """The method's result; see `HubConnection.call`. Raises AdapterError (`hub_unavailable`) without a hub."""
        connection = await self._available(wait)
        return await connection.call(method, params, result, within=within)

    async def run(self) -> None:
        """Connect, listen, connect again, until cancelled."""
        delay, stopped = FIRST_DELAY, False
        while True:
            try:
                connection = await self._connect(start=not stopped or self._wanted.is_set())
            except DraftsmithError as failure:
                self._tell("lost", str(failure))
                connection, delay = None, max(delay, 1.0)
            if connection is not None:
                delay = FIRST_DELAY
                stopped = await self._serve(connection)
            await self._pause(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def _connect(self, *, start: bool) -> HubConnection | None:
        self._wanted.clear()
        # Late, and in a thread: the WebSocket library takes as long to import as all the rest of an edge.
        client = await asyncio.to_thread(import_module, "draftsmith.client.start")
        if not start:
            return await client.connect_running(self._state_dir, client=self.client)
        return await client.connect_hub(
            self._state_dir, client=self.client, on_start=lambda: self._tell("connecting", "Starting the hub …")
        )

    async def _serve(self, connection: HubConnection) -> bool:
        """Until the connection ends; whether the hub was stopped in the orderly way."""
        from draftsmith.client.failures import HubLost
        from draftsmith.client.inbox import Notified

        welcome: asyncio.Task[None] | None = None
        try:
            await self._offer_keys(connection)
            if self._answer is not None:
                connection.answer_with(self._answer)
            self._connection = connection
            self._here.set()
            self._tell("connected", "")
            # Not awaited: what they ask for is answered among the notifications below.
            welcome = asyncio.ensure_future(self._begin())
            while True:
                notified = await connection.next_notification()
                self._on_notified(notified if isinstance(notified, Notified) else None)
                # Many may be here already: what the editor asks comes in between, and not after all of them.
                await asyncio.sleep(0)
        except HubLost as lost:
            self._tell("lost", lost.message)
            return lost.stopping
        except DraftsmithError as failure:
            self._tell("lost", str(failure))
            return False
        finally:
            self._connection = None
            self._here.clear()
            if welcome is not None:
                welcome.cancel()
            await connection.close()

    async def _begin(self) -> None:
        for work in tuple(self._at_connect):
            try:
                await work()
            except DraftsmithError as failure:
                log.info("%s at the beginning of a connection", failure)

    async def _offer_keys(self, connection: HubConnection) -> None:
        from draftsmith.client.credentials import credentials_in
        from draftsmith.client.messages import OfferCredentialsParams, OfferCredentialsResult

        found = credentials_in(os.environ)
        for credential in found:
            keep_out(credential["value"])
        if found:
            params = OfferCredentialsParams(credentials=found)
            await connection.call("credentials/offer", params, OfferCredentialsResult)

    async def _available(self, wait: float) -> HubConnection:
        if self._connection is None:
            self._wanted.set()
            try:
                async with asyncio.timeout(wait):
                    await self._here.wait()
            except TimeoutError as late:
                raise AdapterError(
                    f"The hub is not there. {self.reason}".strip(),
                    code="hub_unavailable",
                    remedy="`draftsmith doctor` says what is missing; `draftsmith hub logs` tells what it did.",
                    retryable=True,
                ) from late
        if self._connection is None:
            raise AdapterError("The connection to the hub broke.", code="hub_lost", retryable=True)
        return self._connection

    async def _pause(self, delay: float) -> None:
        """A while, cut short by a call that wants the hub."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay * random.uniform(0.5, 1.0)):  # noqa: S311  spreads clients, guards nothing
                await self._wanted.wait()

    def _tell(self, state: LinkState, reason: str) -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self._on_state(state, reason)
