"""What a client holds of one session, and the rules by which updates change it. No I/O.

It has no opinion on what the entities mean: newer versions replace older ones, streamed text is put at its offset.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from draftsmith.domain.text import utf16_from, utf16_length

if TYPE_CHECKING:
    from draftsmith.client.messages import AnyEntity, Appended, EntityKind, Snapshot, StepEntity, Update

STEPS_HELD = 100
"""As many of the last steps as a snapshot has; older ones come by `steps/list`."""

Key = tuple["EntityKind", str]
EntityT = TypeVar("EntityT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an update did. `wanted` are entities whose text no longer fits: ask for them with `entity/get`."""

    entities: tuple[AnyEntity, ...] = ()
    removed: tuple[Key, ...] = ()
    appends: tuple[Appended, ...] = ()
    wanted: tuple[Key, ...] = ()
    whole: bool = False
    """A snapshot replaced everything."""


Outcome = Change | Literal["known", "gap"]
"""`known`: it was applied before; `gap`: something is missing, attach again."""


class HeldSession:
    """One session as this client knows it. Entities handed out are never changed in place."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.epoch: str | None = None
        self.seq: int | None = None
        self.more_steps = False
        self._entities: dict[Key, AnyEntity] = {}

    def replace(self, snapshot: Snapshot) -> Change:
        """Hold what the snapshot holds and nothing else."""
        self.epoch, self.seq, self.more_steps = snapshot["epoch"], snapshot["seq"], snapshot["more_steps"]
        self._entities = {(entity["kind"], entity["id"]): entity for entity in snapshot["entities"]}
        self._drop_old_steps()
        return Change(entities=tuple(self._entities.values()), whole=True)

    def apply(self, update: Update) -> Outcome:
        """Take the next update in, in any epoch but the held one or after a gap nothing changes."""
        if update["epoch"] != self.epoch or self.seq is None:
            return "gap"
        if update["seq"] <= self.seq:
            return "known"
        if update["seq"] != self.seq + 1:
            return "gap"
        self.seq = update["seq"]
        changed = tuple(entity for entity in update["entities"] if self.put(entity))
        removed: list[Key] = [(one["kind"], one["id"]) for one in update["removed"]]
        for key in removed:
            self._entities.pop(key, None)
        appended: list[Appended] = []
        wanted: list[Key] = []
        for piece in update["appends"]:
            match self._append(piece):
                case "added":
                    appended.append(piece)
                case "misfit":
                    wanted.append(("step", piece["entity_id"]))
                case "nothing":
                    pass
        return Change(
            entities=changed, removed=tuple(removed), appends=tuple(appended), wanted=tuple(dict.fromkeys(wanted))
        )

    def put(self, entity: AnyEntity) -> bool:
        """Hold the entity unless a newer version is held; False when nothing changed."""
        key = (entity["kind"], entity["id"])
        held = self._entities.get(key)
        if held is None and self._is_too_old(entity):
            return False
        if held is not None and held["version"] > entity["version"]:
            return False
        self._entities[key] = entity
        if entity["kind"] == "step" and held is None:
            self._drop_old_steps()
        return True

    def get(self, kind: EntityKind, entity_id: str) -> AnyEntity | None:
        return self._entities.get((kind, entity_id))

    def of(self, kind: EntityKind, _type: type[EntityT]) -> list[EntityT]:
        """All entities of a kind in their order; `_type` is the kind's type in `messages`."""
        found = [entity for (held_kind, _), entity in self._entities.items() if held_kind == kind]
        found.sort(key=_order)
        return cast("list[EntityT]", found)

    def __iter__(self) -> Iterator[AnyEntity]:
        return iter(self._entities.values())

    def _append(self, piece: Appended) -> Literal["added", "nothing", "misfit"]:
        key: Key = ("step", piece["entity_id"])
        step = cast("StepEntity | None", self._entities.get(key))
        if step is None:
            return "nothing"
        field = piece["field"]
        text = step[field]
        offset = piece["offset"]
        if offset == utf16_length(text):
            self._entities[key] = cast("AnyEntity", {**step, field: text + piece["text"]})
            return "added"
        # After `entity/get` the text may already hold what was still under way.
        return "nothing" if utf16_from(text, offset).startswith(piece["text"]) else "misfit"

    def _is_too_old(self, entity: AnyEntity) -> bool:
        if entity["kind"] != "step" or not self.more_steps:
            return False
        oldest = min((step["ordinal"] for step in self._steps()), default=0)
        return entity["ordinal"] < oldest

    def _drop_old_steps(self) -> None:
        steps = sorted(self._steps(), key=_order)
        for step in steps[: max(0, len(steps) - STEPS_HELD)]:
            del self._entities[("step", step["id"])]
            self.more_steps = True

    def _steps(self) -> list[StepEntity]:
        return [entity for entity in self._entities.values() if entity["kind"] == "step"]


def _order(entity: object) -> tuple[int, str]:
    fields = cast("dict[str, object]", entity)
    ordinal = fields.get("ordinal", 0)
    return (ordinal if isinstance(ordinal, int) else 0, str(fields["id"]))
