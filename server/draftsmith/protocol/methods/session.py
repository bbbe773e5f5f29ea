"""Methods about sessions: start, watch, steer, end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.entities import AnyEntity, EntityKind, Snapshot, StepEntity, Update
from draftsmith.protocol.model import Count, Message

Autonomy = Literal["suggest", "ask", "auto"]


class LimitsParams(Message):
    """Limits not given keep their default, or what the session has."""

    steps: int | None = Field(default=None, ge=1, le=100_000)
    seconds: int | None = Field(default=None, ge=1, le=604_800)
    nano_usd: Count | None = None


class Overlay(Message):
    """Unsaved text of an open document: what the session sees instead of the file."""

    path: str
    text: str


class RequestImage(Message):
    """PNG, JPEG, GIF or WebP; `name` is for people."""

    name: str = Field(max_length=200)
    data: str = Field(max_length=5_100_000, description="The bytes as Base64.")


class StartParams(Message):
    folders: tuple[str, ...] = Field(min_length=1, max_length=50, description="Absolute paths.")
    request: str = Field(min_length=1, max_length=200_000)
    autonomy: Autonomy = "ask"
    limits: LimitsParams = LimitsParams()
    model: str = Field(default="", description="`provider/model`; empty lets the runner choose.")
    recording: str = Field(default="", description="Text of a recording to play instead of a model (JSON Lines).")
    overlays: tuple[Overlay, ...] = ()
    images: tuple[RequestImage, ...] = Field(
        default=(), max_length=5, description="What the request is about, for models that read images; 5 MB in all."
    )
    allow_home: bool = Field(default=False, description="The user confirmed that a home folder is meant.")


class SessionRef(Message):
    session_id: str


class Empty(Message):
    pass


class SessionLine(Message):
    """`tasks` are those of the plan that were not skipped; `folders` are absolute paths."""

    session_id: str
    workspace_id: str
    title: str
    status: str
    created_at: int
    updated_at: int
    cost_nano_usd: int
    version: int
    folders: tuple[str, ...]
    tasks: Count
    tasks_done: Count


class ListParams(Message):
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = None
    workspace_id: str | None = None


class ListResult(Message):
    """Newest first. `cursor` is None on the last page."""

    sessions: tuple[SessionLine, ...]
    cursor: str | None


class AttachParams(Message):
    """`epoch` and `seq` of the last update seen; without them, or when they are too old, a snapshot comes."""

    session_id: str
    epoch: str | None = None
    seq: Count | None = None


class AttachResult(Message):
    """Either `snapshot`, or the `updates` that were missed. Later ones come as `session/update` notifications."""

    snapshot: Snapshot | None
    updates: tuple[Update, ...]


class StepsParams(Message):
    session_id: str
    before: Count | None = Field(default=None, description="Ordinal of the oldest step held.")
    first: Count | None = Field(default=None, description="Place, counted from 0, of the first; instead of `before`.")
    limit: int = Field(default=100, ge=1, le=500)


class StepsResult(Message):
    """Ascending order. `first` is the place of the first of them, counted from 0; `more`: there are older ones."""

    steps: tuple[StepEntity, ...]
    more: bool
    first: Count
    total: Count


class EntityParams(Message):
    session_id: str
    kind: EntityKind
    id: str


class EntityResult(Message):
    entity: AnyEntity


class MessageParams(Message):
    session_id: str
    text: str = Field(min_length=1, max_length=200_000)


class ResumeParams(Message):
    session_id: str
    limits: LimitsParams = LimitsParams()
    model: str | None = None


class AnswerParams(Message):
    session_id: str
    decision_id: str
    answer: str = Field(max_length=20_000)
    text: str = Field(default="", max_length=200_000, description="Feedback that goes with the answer.")


class PlanText(Message):
    """The plan as text that can be edited. `decision_id` names the question that waits for it; None: none does."""

    text: str
    decision_id: str | None


class EditPlanParams(Message):
    """`decision_id` as `plan/read` gave it: another plan that came in between is not overwritten."""

    session_id: str
    decision_id: str
    text: str = Field(min_length=1, max_length=400_000)


class EditPlanResult(Message):
    task_ids: tuple[str, ...]


class RestoreParams(Message):
    session_id: str
    checkpoint_id: str


class ForkParams(Message):
    """A new session over the same base whose draft begins at a checkpoint (default: the current draft)."""

    session_id: str
    checkpoint_id: str | None = None
    request: str | None = Field(default=None, description="Default: the request of the session.")


class ExportParams(Message):
    session_id: str
    after: Count = Field(default=0, description="Version of the last event already held.")
    limit: int = Field(default=500, ge=1, le=2_000)


class ExportResult(Message):
    """Envelopes of the one codec, each a JSON object as text; secrets are never in events."""

    events: tuple[str, ...]
    more: bool
