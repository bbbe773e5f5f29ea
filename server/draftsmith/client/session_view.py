"""A session as it is now, kept up over lost connections and restarts of the hub.

It shows and never decides: what to do about a question, or a hub that was stopped, is its user's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from draftsmith.client.connection import HubConnection
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.client.held import Change, HeldSession
from draftsmith.client.inbox import Notified
from draftsmith.client.messages import AttachParams, AttachResult, EntityParams, EntityResult
from draftsmith.domain.errors import AdapterError, UserError

if TYPE_CHECKING:
    from draftsmith.client.held import Key
    from draftsmith.client.messages import Snapshot, Update

Connector = Callable[["HubLost | None"], Awaitable["HubConnection | None"]]
"""Makes a connection, or gives None while there is no hub. It is told how the last one was lost."""

FIRST_DELAY = 0.05
LONGEST_DELAY = 2.0
PATIENCE = 60.0
"""Seconds without any hub after which the view gives up."""
PATIENCE_STOPPED = 8.0
"""The same when the hub stopped in order: somebody wanted that, or a newer one takes over now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """The connection is gone; the view tries to get it back."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected:
    """The connection is back; what was missed follows."""


ViewEvent = Change | Interrupted | Reconnected


class SessionView:
    """`held` is what is known; `changes` keeps it up for as long as it is iterated (by one consumer)."""

    def __init__(self, session_id: str, connect: Connector, *, patience: float = PATIENCE) -> None:
        self.held = HeldSession(session_id)
        self._connect = connect
        self._patience = patience
        self._connection: HubConnection | None = None

    @property
    def connection(self) -> HubConnection:
        """The connection for calls about this session. Raises HubLost while there is none."""
        if self._connection is None:
            raise HubLost("The connection to the hub is not back yet.")
        return self._connection

    async def changes(self) -> AsyncIterator[ViewEvent]:
        """Every change until the iteration is closed.

        Raises HubUnavailable after `patience` seconds without a hub, UserError when the session is unknown.
        """
        lost: HubLost | None = None
        while True:
            try:
                self._connection = await self._connected(lost)
                if lost is not None:
                    yield Reconnected()
                for change in await self._attach():
                    yield change
                while True:
                    for change in await self._next():
                        yield change
            except HubLost as ended:
                lost = ended
                yield Interrupted(reason=ended.message)
            finally:
                await self._let_go()

    async def _let_go(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _connected(self, lost: HubLost | None) -> HubConnection:
        delay = FIRST_DELAY
        loop = asyncio.get_running_loop()
        stopped = lost is not None and lost.stopping
        deadline = loop.time() + (min(self._patience, PATIENCE_STOPPED) if stopped else self._patience)
        failure: Exception | None = lost
        while True:
            try:
                connection = await self._connect(lost)
            except (HubLost, HubUnavailable) as failed:
                connection, failure = None, failed
            if connection is not None:
                return connection
            if loop.time() > deadline:
                # Not HubLost, which `changes` would take for one more connection to get back.
                raise _gone(failure) from failure
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311  spreads clients, guards nothing
            delay = min(delay * 2, LONGEST_DELAY)

    async def _attach(self) -> list[Change]:
        held = self.held
        params = AttachParams(session_id=held.session_id, epoch=held.epoch, seq=held.seq)
        result = await self.connection.call("session/attach", params, AttachResult)
        changes = [] if result["snapshot"] is None else [held.replace(result["snapshot"])]
        for update in result["updates"]:
            outcome = held.apply(update)
            if outcome == "gap":
                raise AdapterError(
                    "The hub sent updates that do not follow each other.",
                    code="hub_garbage",
                    remedy="`draftsmith attach` shows the session anew.",
                )
            if isinstance(outcome, Change):
                changes.append(outcome)
        return [await self._completed(change) for change in changes]

    async def _next(self) -> list[Change]:
        notified = await self.connection.next_notification()
        if not isinstance(notified, Notified):
            return await self._attach()
        if notified.params.get("session_id") != self.held.session_id:
            return []
        match notified.method:
            case "session/snapshot":
                return [self.held.replace(cast("Snapshot", notified.params))]
            case "session/update":
                outcome = self.held.apply(cast("Update", notified.params))
                if outcome == "gap":
                    return await self._attach()
                return [await self._completed(outcome)] if isinstance(outcome, Change) else []
            case _:
                return []

    async def _completed(self, change: Change) -> Change:
        """The change, with entities asked for whose streamed text did not fit."""
        entities = list(change.entities)
        for key in change.wanted:
            with suppress(UserError):  # gone meanwhile: its removal follows
                entity = (await self._fetch(key))["entity"]
                if self.held.put(entity):
                    entities.append(entity)
        return Change(entities=tuple(entities), removed=change.removed, appends=change.appends, whole=change.whole)

    async def _fetch(self, key: Key) -> EntityResult:
        kind, entity_id = key
        params = EntityParams(session_id=self.held.session_id, kind=kind, id=entity_id)
        return await self.connection.call("entity/get", params, EntityResult)


def _gone(failure: Exception | None) -> HubUnavailable:
    if isinstance(failure, HubUnavailable):
        return failure
    message = failure.message if isinstance(failure, HubLost) else "No hub runs."
    return HubUnavailable(message, remedy="Sessions are kept; the next command starts the hub, and they go on.")
