"""`project`: which entities an event changed. What is shown is kept beside the state and can be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.figures import Figures, WorkKey
from draftsmith.domain.ids import SessionId
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.projection import overview, results, steps
from draftsmith.ports.events import EntityRow, SessionRow, WorkRow
from draftsmith.protocol.entities import AnyEntity, EntityKind, StepEntity

Key = tuple[EntityKind, str]


@dataclass(slots=True)
class Shown:
    """The entities of one session that are kept in memory: all but finished steps."""

    entities: dict[Key, AnyEntity] = field(default_factory=dict[Key, AnyEntity])

    def put(self, entity: AnyEntity) -> None:
        """Finished steps are history: they are read from the store when somebody asks."""
        if isinstance(entity, StepEntity) and entity.state != "running":
            self.entities.pop(("step", entity.id), None)
        else:
            self.entities[(entity.kind, entity.id)] = entity

    def step(self, step_id: str) -> StepEntity | None:
        entity = self.entities.get(("step", step_id))
        return entity if isinstance(entity, StepEntity) else None


@dataclass(slots=True)
class Changes:
    """Entities in their new form, and those that are no more."""

    entities: list[AnyEntity] = field(default_factory=list[AnyEntity])
    removed: list[Key] = field(default_factory=list[Key])


def project(shown: Shown, before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]) -> Changes:
    """What the event changed, also put into `shown`."""
    changed: list[AnyEntity] = [
        *overview.changed(shown.entities, before, after, envelope),
        *steps.changed(shown.step, before, envelope),
        *results.changed(shown.entities, before, after, envelope),
    ]
    for entity in changed:
        shown.put(entity)
    removed = results.superseded(shown.entities, envelope)
    for key in removed:
        del shown.entities[key]
    return Changes(entities=changed, removed=removed)


def entity_rows(session_id: SessionId, entities: Iterable[AnyEntity]) -> tuple[EntityRow, ...]:
    """Rows for the read tables; of one entity only the last form."""
    last = {(entity.kind, entity.id): entity for entity in entities}
    return tuple(
        EntityRow(
            session_id=session_id,
            kind=entity.kind,
            entity_id=entity.id,
            ordinal=getattr(entity, "ordinal", 0),
            body=entity.model_dump_json(),
        )
        for entity in last.values()
    )


def work_rows(
    session_id: SessionId, before: Mapping[WorkKey, Figures], after: Mapping[WorkKey, Figures]
) -> tuple[WorkRow, ...]:
    """The figures of models that changed."""
    if before is after:
        return ()
    return tuple(
        WorkRow(session_id=session_id, key=key, figures=figures)
        for key, figures in after.items()
        if before.get(key) is not figures
    )


def session_row(state: SessionState) -> SessionRow:
    """The session's line in lists."""
    return SessionRow(
        session_id=state.session_id,
        workspace_id=state.workspace_id,
        title=state.title,
        status=_listed(state),
        created_at=state.created_at,
        updated_at=state.updated_at,
        cost_nano_usd=state.spent.nano_usd,
        version=state.version,
        owner=state.owner,
    )


def _listed(state: SessionState) -> str:
    """`unsaved`: all is done, but hunks are in editors' buffers only."""
    if state.apply is not None or state.applies_itself:
        return "applying"
    hunks = state.proposal.hunks if state.proposal and state.over else ()
    return "unsaved" if any(hunk.status == "in_buffer" for hunk in hunks) else state.status
