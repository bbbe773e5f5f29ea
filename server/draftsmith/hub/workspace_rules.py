"""The rules of workspaces in the hub: the only writer of their streams, read when first needed, told to sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, cast

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import EventId, WorkspaceId, workspace_stream
from draftsmith.domain.policy import Rule
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.events import SessionEvent, WorkspaceRulesTold
from draftsmith.domain.workspace_rules import (
    WorkspaceEvent,
    WorkspaceRules,
    decide_workspace,
    evolve_workspace,
)
from draftsmith.hub.host import SessionHost
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.events import Append, EventStore

HUB = Actor(client="hub")


class RulesBook:
    """What is read once stays in memory: a workspace has at most some hundred rules."""

    def __init__(
        self,
        store: EventStore,
        hosts: Callable[[], Iterable[SessionHost]],
        attend: Callable[[SessionHost], None],
        appended: Callable[[SessionHost, Sequence[Envelope[SessionEvent]]], None],
        changed: Callable[[Literal["rules"]], None],
    ) -> None:
        """`changed` hears that a workspace's rules are others, after it is durable; it must not wait."""
        self._store = store
        self._hosts = hosts
        self._attend = attend
        self._appended = appended
        self._changed = changed
        self._held: dict[WorkspaceId, WorkspaceRules] = {}
        self._lock = asyncio.Lock()

    def to_be_told(self, host: SessionHost) -> bool:
        """Whether a session that goes on may not know the rules as they are now."""
        held = self._held.get(host.state.workspace_id)
        return not host.state.over and (held is None or held.rules != host.state.workspace_rules)

    async def tell(self, host: SessionHost) -> None:
        """The rules of its workspace as they are now, in the session's own log; then what it is owed besides."""
        rules = await self.rules(host.state.workspace_id)
        told = Record(events=(WorkspaceRulesTold(rules=rules),) if rules != host.state.workspace_rules else ())
        self._appended(host, await host.command(told, HUB, correlation_id=host.correlation_id))

    async def rules(self, workspace_id: WorkspaceId) -> tuple[Rule, ...]:
        async with self._lock:
            return (await self._load(workspace_id)).rules

    async def change(
        self, workspace_id: WorkspaceId, wanted: Sequence[WorkspaceEvent], actor: Actor, correlation_id: str
    ) -> None:
        """Changes a workspace's rules; its sessions at work are told. Raises IllegalCommand (`bad_rule`)."""
        changing = self._change(workspace_id, tuple(wanted), actor, correlation_id)
        await asyncio.shield(asyncio.ensure_future(changing))
        for host in list(self._hosts()):
            if host.state.workspace_id == workspace_id:
                self._attend(host)

    async def _change(
        self, workspace_id: WorkspaceId, wanted: tuple[WorkspaceEvent, ...], actor: Actor, correlation_id: str
    ) -> None:
        async with self._lock:
            after = await self._load(workspace_id)
            envelopes: list[Envelope[WorkspaceEvent]] = []
            for one in wanted:
                for event in decide_workspace(after, one):
                    after = evolve_workspace(after, event)
                    envelopes.append(
                        Envelope(
                            event_id=EventId(new_id("e")),
                            stream_id=workspace_stream(workspace_id),
                            version=after.version,
                            at=now_ms(),
                            actor=actor,
                            causation_id=correlation_id,
                            correlation_id=correlation_id,
                            event=event,
                        )
                    )
            if envelopes:
                await self._store.append(Append(envelopes=tuple(envelopes)))
            self._held[workspace_id] = after
        if envelopes:
            self._changed("rules")

    async def _load(self, workspace_id: WorkspaceId) -> WorkspaceRules:
        held = self._held.get(workspace_id)
        if held is None:
            held = WorkspaceRules()
            async for batch in self._store.read(workspace_stream(workspace_id)):
                for envelope in cast("Sequence[Envelope[WorkspaceEvent]]", batch):
                    held = evolve_workspace(held, envelope.event)
            self._held[workspace_id] = held
        return held
