"""One session as an edge holds it: its entities without the streamed text, and the text of its hunks. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from draftsmith.client.held import Change, HeldSession, Outcome
from draftsmith.client.messages import (
    ApplyEntity,
    DecisionEntity,
    FileEntity,
    HunkEntity,
    HunkText,
    SessionEntity,
    StepEntity,
    TaskEntity,
)

if TYPE_CHECKING:
    from draftsmith.client.messages import AnyEntity, EntityKind, Snapshot, Update

EntityT = TypeVar("EntityT")

LIVE = frozenset({"starting", "working", "waiting"})
DECIDABLE = frozenset({"pending", "conflicted", "reverted"})
"""States of a hunk in which it waits for a person."""
APPLIED = frozenset({"accepted", "in_buffer", "on_disk"})


class Followed:
    """`texts` holds what `proposal/hunks` gave for hunks that wait; it is let go with them."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.held = HeldSession(session_id)
        self.texts: dict[str, HunkText] = {}
        self._kinds: dict[EntityKind, list[object]] = {}
        self._waiting: dict[str, list[HunkEntity]] | None = None
        """By real path."""
        self.doing = ""
        """What the agent does now, in a few words."""

    def replace(self, snapshot: Snapshot) -> Change:
        slim = {**snapshot, "entities": [self._slim(entity) for entity in snapshot["entities"]]}
        change = self.held.replace(cast("Snapshot", slim))
        self._settled()
        return change

    def apply(self, update: Update) -> Outcome:
        # Streamed text is for views of the session; twenty sessions of it would keep this process busy.
        slim = {**update, "entities": [self._slim(entity) for entity in update["entities"]], "appends": []}
        outcome = self.held.apply(cast("Update", slim))
        if isinstance(outcome, Change) and (outcome.entities or outcome.removed):
            self._settled()
        return outcome

    @property
    def session(self) -> SessionEntity | None:
        return cast("SessionEntity | None", self.held.get("session", self.session_id))

    @property
    def title(self) -> str:
        session = self.session
        if session is None:
            return self.session_id
        return session["title"] or session["request"].strip().partition("\n")[0][:80]

    @property
    def roots(self) -> list[str]:
        session = self.session
        return [root["path"] for root in session["roots"]] if session else []

    @property
    def live(self) -> bool:
        """Whether the agent works on it, or waits for an answer."""
        session = self.session
        return session is not None and (session["status"] in LIVE or session["applying"])

    @property
    def hunks(self) -> list[HunkEntity]:
        return self._of("hunk", HunkEntity)

    @property
    def files(self) -> list[FileEntity]:
        return self._of("file", FileEntity)

    @property
    def tasks(self) -> list[TaskEntity]:
        return self._of("task", TaskEntity)

    @property
    def applies(self) -> list[ApplyEntity]:
        return self._of("apply", ApplyEntity)

    @property
    def questions(self) -> list[DecisionEntity]:
        return [one for one in self._of("decision", DecisionEntity) if one["state"] == "open"]

    def waiting_hunks(self, path: str | None = None) -> list[HunkEntity]:
        """Hunks that wait for a person, of one file (its real path) or of all."""
        if self._waiting is None:
            self._waiting = {}
            for hunk in self.hunks:
                if hunk["status"] in DECIDABLE:
                    self._waiting.setdefault(self.path_of(hunk["root"], hunk["path"]), []).append(hunk)
        if path is not None:
            return self._waiting.get(path, [])
        return [hunk for hunks in self._waiting.values() for hunk in hunks]

    def path_of(self, root: int, path: str) -> str:
        """The real path of a file of the session."""
        roots = self.roots
        return f"{roots[root].rstrip('/')}/{path}" if root < len(roots) else path

    def place_of(self, path: str) -> tuple[int, str] | None:
        """Root and relative path of a real path, if it lies in the session."""
        for number, root in enumerate(self.roots):
            if path.startswith(f"{root.rstrip('/')}/"):
                return number, path[len(root.rstrip("/")) + 1 :]
        return None

    def missing_texts(self) -> list[str]:
        """Ids of hunks that wait and whose text is not here yet."""
        return [hunk["id"] for hunk in self.waiting_hunks() if hunk["id"] not in self.texts]

    def put_texts(self, texts: list[HunkText]) -> None:
        waiting = {hunk["id"] for hunk in self.waiting_hunks()}
        self.texts |= {text["hunk_id"]: text for text in texts if text["hunk_id"] in waiting}

    def _of(self, kind: EntityKind, entity: type[EntityT]) -> list[EntityT]:
        """As `HeldSession.of`, looked through once for each change: lenses and actions are asked for far more often."""
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = cast("list[object]", self.held.of(kind, entity))
        return cast("list[EntityT]", found)

    def _settled(self) -> None:
        self._kinds.clear()
        self._waiting = None
        if self.texts:
            waiting = {hunk["id"] for hunk in self.waiting_hunks()}
            for hunk_id in self.texts.keys() - waiting:
                del self.texts[hunk_id]

    def _slim(self, entity: AnyEntity) -> AnyEntity:
        if entity["kind"] != "step":
            return entity
        step = cast("StepEntity", entity)
        if step["state"] == "running":
            self.doing = step["title"]
        return cast("AnyEntity", {**step, "text": "", "reasoning": "", "arguments": "", "usage": ""})
