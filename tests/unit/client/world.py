"""The hub's side of one session, small: entities that change, numbered updates, and what a client may ask for."""

from __future__ import annotations

from typing import Any

from draftsmith.client.messages import AnyEntity, AttachResult, Snapshot, Update

SESSION = "s_1"
Entity = dict[str, Any]


def step(step_id: str, ordinal: int, version: int, text: str = "", state: str = "running") -> Entity:
    return {
        "kind": "step",
        "id": step_id,
        "version": version,
        "ordinal": ordinal,
        "step": "model",
        "state": state,
        "task_id": None,
        "title": f"Step {ordinal}",
        "role": "code",
        "tool": "",
        "arguments": "",
        "arguments_document": None,
        "outcome": "",
        "text": text,
        "document": None,
        "length": 0,
        "reasoning": "",
        "usage": "",
        "touched": [],
        "cost_nano_usd": None,
        "duration_ms": 0,
        "at": 0,
    }


class World:
    """Every change is one update. `kept` bounds the updates that a client can still catch up with."""

    def __init__(self, *, kept: int = 1_000) -> None:
        self.entities: dict[tuple[str, str], Entity] = {}
        self.version = 0
        self.seq = 0
        self.epochs = 1
        self.kept = kept
        self.updates: list[Update] = []

    @property
    def epoch(self) -> str:
        return f"h_{self.epochs}"

    def put(self, entity: Entity) -> Update:
        self.version += 1
        entity = {**entity, "version": self.version}
        self.entities[(entity["kind"], entity["id"])] = entity
        return self._publish(entities=[entity])

    def remove(self, kind: str, entity_id: str) -> Update:
        self.entities.pop((kind, entity_id), None)
        return self._publish(removed=[{"kind": kind, "id": entity_id}])

    def append(self, step_id: str, text: str, field: str = "text") -> Update:
        held = self.entities[("step", step_id)]
        piece = {"entity_id": step_id, "field": field, "offset": len(held[field]), "text": text}
        self.entities[("step", step_id)] = {**held, field: held[field] + text}
        return self._publish(appends=[piece])

    def restart(self) -> None:
        """The hub starts anew: another epoch, nothing kept to catch up with."""
        self.epochs += 1
        self.seq = 0
        self.updates = []

    def snapshot(self) -> Snapshot:
        return {
            "session_id": SESSION,
            "epoch": self.epoch,
            "seq": self.seq,
            "entities": self._values(),
            "more_steps": False,
        }

    def attach(self, epoch: str | None, seq: int | None) -> AttachResult:
        first = self.updates[0]["seq"] if self.updates else self.seq + 1
        if epoch != self.epoch or seq is None or seq > self.seq or seq + 1 < first:
            return {"snapshot": self.snapshot(), "updates": []}
        return {"snapshot": None, "updates": [one for one in self.updates if one["seq"] > seq]}

    def _values(self) -> list[AnyEntity]:
        return [*self.entities.values()]  # pyright: ignore[reportReturnType] (built by `step`, which has all fields)

    def _publish(self, **content: Any) -> Update:
        self.seq += 1
        update: Any = {
            "session_id": SESSION,
            "epoch": self.epoch,
            "seq": self.seq,
            "entities": [],
            "removed": [],
            "appends": [],
            **content,
        }
        self.updates = [*self.updates, update][-self.kept :] if self.kept else []
        return update
