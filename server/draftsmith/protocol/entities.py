"""What clients show: whole entities with id and version, sent again when they change.

Clients hold no truth: they replace an entity by the newer one and append streamed text at its offset.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from draftsmith.protocol.model import Message

EntityKind = Literal[
    "session", "task", "step", "file", "hunk", "gate", "finding", "decision", "usage", "checkpoint", "apply"
]


class Entity(Message):
    """`version` is the version of the event that changed it last; it only grows."""

    id: str
    version: int


class StoppedReason(Message):
    category: str
    reason: str
    way_on: str


class RootFolder(Message):
    name: str
    path: str


class EstimateInfo(Message):
    """What the plan was thought to take before it began. `others`: little was recorded of the model,
    but enough of others; `rough`: of none."""

    model: str
    tasks: int
    input_tokens: int
    output_tokens: int
    nano_usd: int | None
    seconds: int
    basis: Literal["record", "others", "rough"]
    recorded_tasks: int


class SessionEntity(Entity):
    kind: Literal["session"] = "session"
    workspace_id: str
    roots: tuple[RootFolder, ...]
    title: str
    request: str
    status: Literal["starting", "working", "waiting", "proposed", "finished", "stopped", "cancelled"]
    applying: bool = Field(default=False, description="Hunks are being written, or are about to be, unasked.")
    autonomy: Literal["suggest", "ask", "auto"]
    model: str
    recorded: bool = Field(description="Replies come from a recording; every screen says so.")
    created_at: int
    updated_at: int
    base: str | None
    draft: str | None
    plan_summary: str = ""
    plan_risks: tuple[str, ...] = ()
    estimate: EstimateInfo | None = None
    summary: str = ""
    commit_message: str = Field(default="", description="For the proposal; nothing is ever committed by itself.")
    described_by: str = Field(
        default="", description="The model that wrote title and commit message; empty: made by rule."
    )
    images: tuple[str, ...] = Field(default=(), description="Names of the pictures that came with the request.")
    verified: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    stopped: StoppedReason | None = None
    forked_from: str | None = None
    skipped: tuple[str, ...] = Field(default=(), description="What the snapshot left out, with the reason.")
    skipped_count: int = 0


class TaskEntity(Entity):
    kind: Literal["task"] = "task"
    ordinal: int
    title: str
    description: str
    status: Literal["proposed", "pending", "active", "done", "failed", "skipped"]
    phase: Literal["coding", "gates", "critique", "closing"]
    depends_on: tuple[str, ...]
    checks: tuple[str, ...]
    files: tuple[str, ...]
    repairs: int
    report: str
    reason: str


class StepEntity(Entity):
    """One thing the agent did. While it runs, `text` grows by appends; `document` names the whole when it is long."""

    kind: Literal["step"] = "step"
    ordinal: int = Field(description="Version of the event that began it; the order of steps.")
    step: Literal["model", "tool", "gate", "note"]
    state: Literal["running", "ok", "failed", "cancelled"]
    task_id: str | None
    title: str
    role: str = ""
    tool: str = ""
    model: str = Field(default="", description="`provider/model` of a model's step.")
    endpoint: str = Field(default="", description="Label of the key or server that the model was called with.")
    why: str = Field(default="", description="Why this model was chosen.")
    arguments: str = ""
    arguments_document: str | None = None
    outcome: str = ""
    text: str = ""
    document: str | None = None
    length: int = Field(default=0, description="Characters of the whole text.")
    reasoning: str = ""
    usage: str = Field(
        default="",
        description="What a command uses, one line about each second while it runs; at its end, what it used in all.",
    )
    touched: tuple[str, ...] = ()
    cost_nano_usd: int | None = None
    duration_ms: int = 0
    at: int


class FileEntity(Entity):
    kind: Literal["file"] = "file"
    ordinal: int
    path: str
    root: int
    change: Literal["modify", "create", "delete", "mode", "symlink", "binary"]
    hunks: tuple[str, ...]


class HunkEntity(Entity):
    """Lines count from 1 in the base. The text comes by `proposal/hunks`."""

    kind: Literal["hunk"] = "hunk"
    ordinal: int
    path: str
    root: int
    base_start: int
    base_length: int
    new_length: int
    status: Literal["pending", "accepted", "in_buffer", "on_disk", "rejected", "conflicted", "reverted"]
    note: str


class CaseResult(Message):
    """One test. `path` is relative to the project's folder where that is known; line 0: unknown."""

    name: str
    status: Literal["passed", "failed", "error", "skipped"]
    path: str
    line: int
    message: str


class SuiteResult(Message):
    """A run of the project's tests against the one before the change.

    `compared` False: there is no such run, so that all that fails is in `newly_failing`. Lists hold the first of each
    kind, the counts are of all. Flaky tests failed, and passed when they were run again alone.
    """

    runner: str
    summary: str = Field(description="`412 passed, 2 failed before and after, 1 fixed`.")
    passed: int
    failed: int
    errors: int
    skipped: int
    compared: bool
    newly_failing: tuple[CaseResult, ...]
    newly_failing_count: int
    still_failing: tuple[CaseResult, ...]
    still_failing_count: int
    fixed: tuple[CaseResult, ...]
    fixed_count: int
    flaky: tuple[CaseResult, ...]
    flaky_count: int
    new_count: int
    gone: tuple[str, ...]
    gone_count: int


class GateEntity(Entity):
    kind: Literal["gate"] = "gate"
    ordinal: int
    task_id: str
    gate: str
    verdict: Literal["running", "passed", "failed", "not_verified"]
    reason: str
    command: str
    evidence: str
    evidence_document: str | None
    duration_ms: int
    tests: SuiteResult | None = Field(default=None, description="Of a run of tests whose result could be read.")


class FindingEntity(Entity):
    kind: Literal["finding"] = "finding"
    ordinal: int
    task_id: str
    path: str
    line: int
    severity: Literal["info", "minor", "major", "critical"]
    message: str
    remedy: str
    rule: str = Field(description="The name that a tool has for it; empty for a reviewer's own words.")


class DecisionEntity(Entity):
    kind: Literal["decision"] = "decision"
    ordinal: int
    subject: Literal["plan", "question", "command", "repeat_command", "key", "price", "cost"]
    prompt: str
    prompt_document: str | None
    options: tuple[str, ...]
    free_text: bool
    grants: tuple[str, ...] = Field(
        default=(), description="What the answers `session` and `workspace` let run without asking again."
    )
    state: Literal["open", "answered", "void"]
    answer: str = ""
    answered_by: str = ""


class UsageEntity(Entity):
    kind: Literal["usage"] = "usage"
    steps: int
    steps_limit: int
    milliseconds: int
    seconds_limit: int
    cost_nano_usd: int
    reserved_nano_usd: int
    limit_nano_usd: int | None
    unpriced_calls: int
    model_calls: int
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int


class CheckpointEntity(Entity):
    kind: Literal["checkpoint"] = "checkpoint"
    ordinal: int
    tree: str
    base: str = Field(default="", description="The snapshot of the workspace that the draft stood on then.")
    label: str
    green: bool
    at: int


class ApplyEntity(Entity):
    kind: Literal["apply"] = "apply"
    ordinal: int
    hunks: tuple[str, ...]
    state: Literal["writing", "done", "undone"]
    undoes: str | None
    at: int = 0
    """Milliseconds since 1970."""


AnyEntity = Annotated[
    SessionEntity
    | TaskEntity
    | StepEntity
    | FileEntity
    | HunkEntity
    | GateEntity
    | FindingEntity
    | DecisionEntity
    | UsageEntity
    | CheckpointEntity
    | ApplyEntity,
    # Without it every kind is tried: reading 400 entities took 40 times as long.
    Field(discriminator="kind"),
]

ENTITY: TypeAdapter[AnyEntity] = TypeAdapter(AnyEntity)
"""Reads an entity of any kind from its JSON."""


class Appended(Message):
    """Streamed text of a running step. `offset` counts UTF-16 code units, as in LSP.

    When it is not the length held, ask for the entity.
    """

    entity_id: str
    field: Literal["text", "reasoning", "arguments", "usage"]
    offset: int
    text: str


class RemovedEntity(Message):
    kind: EntityKind
    id: str


class Update(Message):
    """What changed in one session. `seq` counts without gaps within one `epoch`, which changes when the hub starts."""

    session_id: str
    epoch: str
    seq: int
    entities: tuple[AnyEntity, ...] = ()
    removed: tuple[RemovedEntity, ...] = ()
    appends: tuple[Appended, ...] = ()


class Snapshot(Message):
    """Everything a client needs to show a session; older steps come by `steps/list`."""

    session_id: str
    epoch: str
    seq: int
    entities: tuple[AnyEntity, ...]
    more_steps: bool = Field(description="There are older steps than the last 100.")
