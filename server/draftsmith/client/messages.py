"""Types of what crosses the wire, for clients that do without Pydantic.

Made by `python -m draftsmith.protocol.generate` from `draftsmith.protocol`; do not edit.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

PROTOCOL_VERSION = 1
OLDEST_PROTOCOL_VERSION = 1

MethodName = Literal[
    "hello",
    "hub/status",
    "hub/stop",
    "web/open",
    "credentials/offer",
    "document/read",
    "session/start",
    "session/list",
    "session/attach",
    "session/detach",
    "session/message",
    "session/cancel",
    "session/resume",
    "session/fork",
    "session/delete",
    "session/restore",
    "session/export",
    "steps/list",
    "entity/get",
    "decision/answer",
    "plan/read",
    "plan/edit",
    "hub/watch",
    "preferences/read",
    "preferences/set",
    "steps/search",
    "checkpoint/preview",
    "code/files",
    "proposal/hunks",
    "proposal/edit",
    "proposal/accept",
    "proposal/reject",
    "proposal/undo",
    "file/read",
    "proposal/conflict",
    "folder/list",
    "file/save",
    "file/symbols",
    "git/state",
    "git/log",
    "git/commit",
    "git/read",
    "project/templates",
    "project/create",
    "models/settings",
    "models/endpoint",
    "models/forget",
    "models/facts",
    "models/order",
    "models/prefer",
    "models/pin",
    "models/limit",
    "models/unpin",
    "models/list",
    "models/check",
    "credentials/keep",
    "credentials/drop",
    "usage/read",
    "rules/list",
    "rules/add",
    "rules/remove",
    "users/list",
    "users/add",
    "users/role",
    "users/remove",
    "monitor/read",
    "logs/read",
    "settings/read",
    "settings/write",
    "sandbox/read",
    "spending/read",
    "analytics/read",
    "buffers/held",
    "buffers/observed",
    "code/map",
    "code/symbols",
    "code/uses",
    "code/similar",
    "code/structure",
    "code/search",
    "code/facts",
]
NotificationName = Literal["session/update", "session/snapshot", "sessions/changed", "hub/changed"]
RequestName = Literal["buffers/read", "buffers/apply", "buffers/diagnostics"]
JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


class Entity(TypedDict):
    """`version` is the version of the event that changed it last; it only grows."""

    id: str
    version: int


class SessionEntity(TypedDict):
    id: str
    version: int
    kind: Literal["session"]
    workspace_id: str
    roots: list[RootFolder]
    title: str
    request: str
    status: Literal["starting", "working", "waiting", "proposed", "finished", "stopped", "cancelled"]
    # Hunks are being written, or are about to be, unasked.
    applying: bool
    autonomy: Autonomy
    model: str
    # Replies come from a recording; every screen says so.
    recorded: bool
    created_at: int
    updated_at: int
    base: str | None
    draft: str | None
    plan_summary: str
    plan_risks: list[str]
    estimate: EstimateInfo | None
    summary: str
    # For the proposal; nothing is ever committed by itself.
    commit_message: str
    # The model that wrote title and commit message; empty: made by rule.
    described_by: str
    # Names of the pictures that came with the request.
    images: list[str]
    verified: list[str]
    unverified: list[str]
    stopped: StoppedReason | None
    forked_from: str | None
    # What the snapshot left out, with the reason.
    skipped: list[str]
    skipped_count: int


class RootFolder(TypedDict):
    name: str
    path: str


class EstimateInfo(TypedDict):
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


class StoppedReason(TypedDict):
    category: str
    reason: str
    way_on: str


class TaskEntity(TypedDict):
    id: str
    version: int
    kind: Literal["task"]
    ordinal: int
    title: str
    description: str
    status: Literal["proposed", "pending", "active", "done", "failed", "skipped"]
    phase: Literal["coding", "gates", "critique", "closing"]
    depends_on: list[str]
    checks: list[str]
    files: list[str]
    repairs: int
    report: str
    reason: str


class StepEntity(TypedDict):
    """One thing the agent did. While it runs, `text` grows by appends; `document` names the whole when it is long."""

    id: str
    version: int
    kind: Literal["step"]
    # Version of the event that began it; the order of steps.
    ordinal: int
    step: Literal["model", "tool", "gate", "note"]
    state: Literal["running", "ok", "failed", "cancelled"]
    task_id: str | None
    title: str
    role: str
    tool: str
    # `provider/model` of a model's step.
    model: str
    # Label of the key or server that the model was called with.
    endpoint: str
    # Why this model was chosen.
    why: str
    arguments: str
    arguments_document: str | None
    outcome: str
    text: str
    document: str | None
    # Characters of the whole text.
    length: int
    reasoning: str
    # What a command uses, one line about each second while it runs; at its end, what it used in all.
    usage: str
    touched: list[str]
    cost_nano_usd: int | None
    duration_ms: int
    at: int


class FileEntity(TypedDict):
    id: str
    version: int
    kind: Literal["file"]
    ordinal: int
    path: str
    root: int
    change: Literal["modify", "create", "delete", "mode", "symlink", "binary"]
    hunks: list[str]


class HunkEntity(TypedDict):
    """Lines count from 1 in the base. The text comes by `proposal/hunks`."""

    id: str
    version: int
    kind: Literal["hunk"]
    ordinal: int
    path: str
    root: int
    base_start: int
    base_length: int
    new_length: int
    status: Literal["pending", "accepted", "in_buffer", "on_disk", "rejected", "conflicted", "reverted"]
    note: str


class GateEntity(TypedDict):
    id: str
    version: int
    kind: Literal["gate"]
    ordinal: int
    task_id: str
    gate: str
    verdict: Literal["running", "passed", "failed", "not_verified"]
    reason: str
    command: str
    evidence: str
    evidence_document: str | None
    duration_ms: int
    # Of a run of tests whose result could be read.
    tests: SuiteResult | None


class SuiteResult(TypedDict):
    """A run of the project's tests against the one before the change.

    `compared` False: there is no such run, so that all that fails is in `newly_failing`. Lists hold the first of each
    kind, the counts are of all. Flaky tests failed, and passed when they were run again alone."""

    runner: str
    # `412 passed, 2 failed before and after, 1 fixed`.
    summary: str
    passed: int
    failed: int
    errors: int
    skipped: int
    compared: bool
    newly_failing: list[CaseResult]
    newly_failing_count: int
    still_failing: list[CaseResult]
    still_failing_count: int
    fixed: list[CaseResult]
    fixed_count: int
    flaky: list[CaseResult]
    flaky_count: int
    new_count: int
    gone: list[str]
    gone_count: int


class CaseResult(TypedDict):
    """One test. `path` is relative to the project's folder where that is known; line 0: unknown."""

    name: str
    status: Literal["passed", "failed", "error", "skipped"]
    path: str
    line: int
    message: str


class FindingEntity(TypedDict):
    id: str
    version: int
    kind: Literal["finding"]
    ordinal: int
    task_id: str
    path: str
    line: int
    severity: Literal["info", "minor", "major", "critical"]
    message: str
    remedy: str
    # The name that a tool has for it; empty for a reviewer's own words.
    rule: str


class DecisionEntity(TypedDict):
    id: str
    version: int
    kind: Literal["decision"]
    ordinal: int
    subject: Literal["plan", "question", "command", "repeat_command", "key", "price", "cost"]
    prompt: str
    prompt_document: str | None
    options: list[str]
    free_text: bool
    # What the answers `session` and `workspace` let run without asking again.
    grants: list[str]
    state: Literal["open", "answered", "void"]
    answer: str
    answered_by: str


class UsageEntity(TypedDict):
    id: str
    version: int
    kind: Literal["usage"]
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


class CheckpointEntity(TypedDict):
    id: str
    version: int
    kind: Literal["checkpoint"]
    ordinal: int
    tree: str
    # The snapshot of the workspace that the draft stood on then.
    base: str
    label: str
    green: bool
    at: int


class ApplyEntity(TypedDict):
    id: str
    version: int
    kind: Literal["apply"]
    ordinal: int
    hunks: list[str]
    state: Literal["writing", "done", "undone"]
    undoes: str | None
    at: int


class HelloParams(TypedDict):
    """The first message of every connection."""

    token: str
    # `cli`, `vscode`, `jetbrains`, `web`, `lsp` …
    client: str
    # Protocol versions that the client speaks, best first.
    versions: list[int]


class HelloResult(TypedDict):
    version: int
    epoch: str
    application_version: str


class StatusParams(TypedDict):
    pass


class StatusResult(TypedDict):
    pid: int
    application_version: str
    protocol_version: int
    epoch: str
    started_at: int
    state_dir: str
    database: str
    clients: int
    open_sessions: int
    # That editors hold, and into which accepted hunks go.
    held_documents: int
    # Of these, those that were changed and not saved yet.
    unsaved_documents: int
    runners: list[RunnerInfo]
    # What went wrong at start and was mended, for example a quarantine.
    notices: list[str]


class RunnerInfo(TypedDict):
    runner_id: str
    pid: int
    state: Literal["connected", "lost", "starting", "gave_up"]
    sessions: list[str]
    reason: str


class StopParams(TypedDict):
    pass


class StopResult(TypedDict):
    stopping: Literal[True]


class OpenParams(TypedDict):
    pass


class OpenResult(TypedDict):
    """`url` signs a browser in, once, within `seconds`: treat it like a password."""

    url: str
    seconds: int


class OfferCredentialsParams(TypedDict):
    """Keys for the runner that works on the user's sessions. They stay in the hub's memory."""

    credentials: list[OfferedCredential]


class OfferedCredential(TypedDict):
    provider: str
    label: str
    value: str
    base_url: NotRequired[str | None]
    origin: str


class OfferCredentialsResult(TypedDict):
    accepted: int


class DocumentParams(TypedDict):
    document_id: str
    # Bytes.
    offset: NotRequired[int]
    # Bytes.
    limit: NotRequired[int]


class DocumentResult(TypedDict):
    """Text with bytes that are not UTF-8 shown as U+FFFD; `next_offset` is None at the end."""

    text: str
    length: int
    next_offset: int | None


class StartParams(TypedDict):
    # Absolute paths.
    folders: list[str]
    request: str
    autonomy: NotRequired[Autonomy]
    limits: NotRequired[LimitsParams]
    # `provider/model`; empty lets the runner choose.
    model: NotRequired[str]
    # Text of a recording to play instead of a model (JSON Lines).
    recording: NotRequired[str]
    overlays: NotRequired[list[Overlay]]
    # What the request is about, for models that read images; 5 MB in all.
    images: NotRequired[list[RequestImage]]
    # The user confirmed that a home folder is meant.
    allow_home: NotRequired[bool]


class LimitsParams(TypedDict):
    """Limits not given keep their default, or what the session has."""

    steps: NotRequired[int | None]
    seconds: NotRequired[int | None]
    nano_usd: NotRequired[int | None]


class Overlay(TypedDict):
    """Unsaved text of an open document: what the session sees instead of the file."""

    path: str
    text: str


class RequestImage(TypedDict):
    """PNG, JPEG, GIF or WebP; `name` is for people."""

    name: str
    # The bytes as Base64.
    data: str


class SessionRef(TypedDict):
    session_id: str


class ListParams(TypedDict):
    limit: NotRequired[int]
    cursor: NotRequired[str | None]
    workspace_id: NotRequired[str | None]


class ListResult(TypedDict):
    """Newest first. `cursor` is None on the last page."""

    sessions: list[SessionLine]
    cursor: str | None


class SessionLine(TypedDict):
    """`tasks` are those of the plan that were not skipped; `folders` are absolute paths."""

    session_id: str
    workspace_id: str
    title: str
    status: str
    created_at: int
    updated_at: int
    cost_nano_usd: int
    version: int
    folders: list[str]
    tasks: int
    tasks_done: int


class AttachParams(TypedDict):
    """`epoch` and `seq` of the last update seen; without them, or when they are too old, a snapshot comes."""

    session_id: str
    epoch: NotRequired[str | None]
    seq: NotRequired[int | None]


class AttachResult(TypedDict):
    """Either `snapshot`, or the `updates` that were missed. Later ones come as `session/update` notifications."""

    snapshot: Snapshot | None
    updates: list[Update]


class Snapshot(TypedDict):
    """Everything a client needs to show a session; older steps come by `steps/list`."""

    session_id: str
    epoch: str
    seq: int
    entities: list[AnyEntity]
    # There are older steps than the last 100.
    more_steps: bool


class Update(TypedDict):
    """What changed in one session. `seq` counts without gaps within one `epoch`, which changes when the hub starts."""

    session_id: str
    epoch: str
    seq: int
    entities: list[AnyEntity]
    removed: list[RemovedEntity]
    appends: list[Appended]


class RemovedEntity(TypedDict):
    kind: EntityKind
    id: str


class Appended(TypedDict):
    """Streamed text of a running step. `offset` counts UTF-16 code units, as in LSP.

    When it is not the length held, ask for the entity."""

    entity_id: str
    field: Literal["text", "reasoning", "arguments", "usage"]
    offset: int
    text: str


class Empty(TypedDict):
    pass


class MessageParams(TypedDict):
    session_id: str
    text: str


class ResumeParams(TypedDict):
    session_id: str
    limits: NotRequired[LimitsParams]
    model: NotRequired[str | None]


class ForkParams(TypedDict):
    """A new session over the same base whose draft begins at a checkpoint (default: the current draft)."""

    session_id: str
    checkpoint_id: NotRequired[str | None]
    # Default: the request of the session.
    request: NotRequired[str | None]


class RestoreParams(TypedDict):
    session_id: str
    checkpoint_id: str


class ExportParams(TypedDict):
    session_id: str
    # Version of the last event already held.
    after: NotRequired[int]
    limit: NotRequired[int]


class ExportResult(TypedDict):
    """Envelopes of the one codec, each a JSON object as text; secrets are never in events."""

    events: list[str]
    more: bool


class StepsParams(TypedDict):
    session_id: str
    # Ordinal of the oldest step held.
    before: NotRequired[int | None]
    # Place, counted from 0, of the first; instead of `before`.
    first: NotRequired[int | None]
    limit: NotRequired[int]


class StepsResult(TypedDict):
    """Ascending order. `first` is the place of the first of them, counted from 0; `more`: there are older ones."""

    steps: list[StepEntity]
    more: bool
    first: int
    total: int


class EntityParams(TypedDict):
    session_id: str
    kind: EntityKind
    id: str


class EntityResult(TypedDict):
    entity: AnyEntity


class AnswerParams(TypedDict):
    session_id: str
    decision_id: str
    answer: str
    # Feedback that goes with the answer.
    text: NotRequired[str]


class PlanText(TypedDict):
    """The plan as text that can be edited. `decision_id` names the question that waits for it; None: none does."""

    text: str
    decision_id: str | None


class EditPlanParams(TypedDict):
    """`decision_id` as `plan/read` gave it: another plan that came in between is not overwritten."""

    session_id: str
    decision_id: str
    text: str


class EditPlanResult(TypedDict):
    task_ids: list[str]


class WatchParams(TypedDict):
    pass


class PreferencesParams(TypedDict):
    pass


class PreferencesResult(TypedDict):
    """What was never set is not there."""

    preferences: list[PreferenceLine]


class PreferenceLine(TypedDict):
    name: str
    # JSON.
    content: str


class PreferenceParams(TypedDict):
    """`content` None: as it is without the user's word."""

    # Letters and dots.
    name: str
    # JSON.
    content: NotRequired[str | None]


class SearchStepsParams(TypedDict):
    """`text` is looked for as it is, in titles, calls, words and results, without regard to case."""

    session_id: str
    text: str
    # `searched_to` of the page before.
    before: NotRequired[int | None]
    limit: NotRequired[int]


class SearchStepsResult(TypedDict):
    """Newest first. Steps older than `searched_to` were not looked at yet; None: all were."""

    found: list[FoundStep]
    searched_to: int | None


class FoundStep(TypedDict):
    """`place` counts the session's steps from 0."""

    step_id: str
    place: int
    title: str
    excerpt: str
    at: int


class CheckpointParams(TypedDict):
    session_id: str
    checkpoint_id: str


class CheckpointPreview(TypedDict):
    """`total` counts all files; `note` says what of an older round would give way."""

    files: list[CheckpointFile]
    total: int
    note: str


class CheckpointFile(TypedDict):
    """What restoring would do to one file of the draft. `added` and `removed` count lines."""

    path: str
    root: int
    change: Literal["modify", "create", "delete", "mode", "symlink", "binary"]
    added: int
    removed: int


class FindFilesParams(TypedDict):
    """Files whose path has the letters of `query` in their order; empty: any."""

    folders: list[str]
    query: NotRequired[str]
    limit: NotRequired[int]


class FindFilesResult(TypedDict):
    """The best fit first; with several folders each path begins with its folder's name. `total` counts what fits."""

    paths: list[str]
    total: int


class HunkTextsParams(TypedDict):
    session_id: str
    # Empty: all, up to `limit`.
    hunk_ids: NotRequired[list[str]]
    # Id of the last hunk held, in the proposal's order.
    after: NotRequired[str | None]
    limit: NotRequired[int]


class HunkTextsResult(TypedDict):
    hunks: list[HunkText]
    more: bool


class HunkText(TypedDict):
    """A hunk with its lines. Bytes that are not UTF-8 show as U+FFFD; `binary` hunks have no text."""

    hunk_id: str
    path: str
    root: int
    base_start: int
    status: str
    note: str
    binary: bool
    before: str
    after: str
    context_before: str
    context_after: str


class EditParams(TypedDict):
    """What a hunk is to write instead; the same text as in the base takes the hunk away."""

    session_id: str
    hunk_id: str
    text: str


class EditResult(TypedDict):
    """Ids of the hunks that stand where the edited one stood."""

    hunk_ids: list[str]


class HunksParams(TypedDict):
    session_id: str
    hunk_ids: list[str]


class DecideResult(TypedDict):
    results: list[HunkOutcome]


class HunkOutcome(TypedDict):
    """`conflict` has the three sides when the user's text and the hunk cannot be merged."""

    hunk_id: str
    status: str
    note: str


class UndoParams(TypedDict):
    """Undoes the last apply that is not undone, or the one named."""

    session_id: str
    apply_id: NotRequired[str | None]


class FileParams(TypedDict):
    """A side of one file, for a difference view: clients never read our folders."""

    session_id: str
    root: NotRequired[int]
    path: str
    side: Literal["base", "draft", "workspace"]


class FileResult(TypedDict):
    """`text` is None when the file does not exist on that side or is binary. `size` in bytes.

    `version` tells its content apart, for `file/save`; empty when there is none. `read_only` says why it cannot be
    edited, and is empty when it can."""

    exists: bool
    binary: bool
    text: str | None
    size: int
    version: str
    read_only: str


class ConflictParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    path: str


class ConflictResult(TypedDict):
    """`parts` make the file from top to bottom; none where there is no text to show, with the `reason`.

    `version` is the user's file on disk, for `file/save`; `hunk_ids` are the hunks in conflict."""

    hunk_ids: list[str]
    exists: bool
    version: str
    parts: list[ConflictPart]
    reason: str
    note: str


class ConflictPart(TypedDict):
    """A stretch of the file: merged by itself, as `text`, or to be decided between three."""

    conflict: bool
    text: str
    base: str
    yours: str
    draft: str


class FolderParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    # Empty: the root itself.
    path: NotRequired[str]
    side: NotRequired[Literal["base", "draft", "workspace"]]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]


class FolderResult(TypedDict):
    """Folders first, then by name. `cursor` is None on the last page."""

    entries: list[FolderEntryLine]
    total: int
    cursor: str | None


class FolderEntryLine(TypedDict):
    """`size` in bytes, None where it is not known. What is `other` cannot be opened."""

    name: str
    kind: Literal["folder", "file", "link", "other"]
    size: int | None


class SaveParams(TypedDict):
    """`version` is what `file/read` gave with the text that was edited; empty for a new file."""

    session_id: str
    root: NotRequired[int]
    path: str
    side: NotRequired[Literal["draft", "workspace"]]
    # Lines end in LF; the file keeps its own line ends.
    text: str
    version: NotRequired[str]


class SaveResult(TypedDict):
    """`changed`: the file is no longer what was edited, and was left alone. `held`: an editor has unsaved text of it.

    `version` is the file's version now; `reason` is for a person."""

    state: Literal["saved", "same", "changed", "held", "refused"]
    reason: str
    version: str


class FileSymbolsParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    path: str
    side: NotRequired[Literal["base", "draft", "workspace"]]


class FileSymbolsResult(TypedDict):
    """By line. `skipped` says why the file was not looked at: `language`, `binary`, `too_large`, `minified`, …"""

    symbols: list[SymbolLine]
    skipped: str


class SymbolLine(TypedDict):
    path: str
    line: int
    end_line: int
    name: str
    kind: str
    signature: str
    container: str
    doc: str
    test: bool


class GitRoot(TypedDict):
    """`root` is the number of one of the session's folders."""

    session_id: str
    root: NotRequired[int]


class GitStateResult(TypedDict):
    """`branch` is empty when a commit is checked out by itself, `commit` before the first one. `cut`: there are
    more files than are told."""

    repository: bool
    branch: str
    commit: str
    files: list[GitFileLine]
    cut: bool


class GitFileLine(TypedDict):
    """`path` is relative to the folder; a folder of untracked files ends in a slash. `before`: what it was renamed
    from."""

    path: str
    state: Literal["modified", "added", "deleted", "renamed", "untracked", "conflicted", "type"]
    staged: bool
    before: str


class GitLogParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    # Only commits that changed this file or folder.
    path: NotRequired[str]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]


class GitLogResult(TypedDict):
    """Newest first. `cursor` is None on the last page."""

    commits: list[CommitLine]
    cursor: str | None


class CommitLine(TypedDict):
    """`at` is the author's time, in milliseconds since 1970."""

    commit: str
    parents: list[str]
    author: str
    at: int
    subject: str


class GitCommitParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    commit: str


class GitCommitResult(TypedDict):
    """`files` are compared with the first parent; `cut`: there are more."""

    commit: CommitLine
    message: str
    files: list[GitFileLine]
    cut: bool


class GitReadParams(TypedDict):
    session_id: str
    root: NotRequired[int]
    path: str
    # Empty: what is checked out.
    commit: NotRequired[str]


class TemplatesParams(TypedDict):
    pass


class TemplatesResult(TypedDict):
    templates: list[TemplateLine]


class TemplateLine(TypedDict):
    """`request` is what a first session could be asked."""

    template: str
    title: str
    summary: str
    language: str
    request: str
    files: list[str]


class CreateParams(TypedDict):
    """`folder` is an absolute path (`~/` is the user's home); it must be empty or not exist, the one above must."""

    template: str
    folder: str
    # Default: the folder's name.
    name: NotRequired[str]


class CreateResult(TypedDict):
    """`folder` with links resolved, for `session/start`."""

    folder: str
    files: list[str]


class SettingsParams(TypedDict):
    pass


class ModelSettingsResult(TypedDict):
    """All that the user decided about models. `version` counts the changes."""

    endpoints: list[EndpointInfo]
    facts: list[ModelFactsLine]
    order: list[RoleOrder]
    preference: Literal["best", "balanced", "cheap", "local"]
    pins: list[PinLine]
    limits: list[LimitLine]
    # Names of the keys in the system's keyring.
    keys: list[str]
    version: int


class EndpointInfo(TypedDict):
    """An OpenAI-compatible address of the user's own. Its key is offered under the label `name`."""

    # Letters, digits, dots, dashes and underscores.
    name: str
    base_url: str
    # Names that it serves; only models that are named here are used.
    models: NotRequired[list[str]]


class ModelFactsLine(TypedDict):
    model: str
    facts: OwnFactsInfo


class OwnFactsInfo(TypedDict):
    """The user's facts of a model; what is left out is as known without the user."""

    # Tokens.
    context_window: NotRequired[int | None]
    # Tokens.
    output_limit: NotRequired[int | None]
    # Nano-dollars for a million tokens.
    input_rate: NotRequired[int | None]
    # Nano-dollars for a million tokens.
    output_rate: NotRequired[int | None]
    # Nano-dollars for a million tokens.
    cached_rate: NotRequired[int | None]
    # Nano-dollars for a million tokens.
    cache_write_rate: NotRequired[int | None]
    # Nano-dollars for a million tokens.
    reasoning_rate: NotRequired[int | None]
    tools: NotRequired[bool | None]
    images: NotRequired[bool | None]
    json_schema: NotRequired[bool | None]
    reasoning: NotRequired[bool | None]


class RoleOrder(TypedDict):
    role: Literal["plan", "code", "critique", "quick"]
    models: list[str]


class PinLine(TypedDict):
    model: str
    pinned: str


class LimitLine(TypedDict):
    scope: Literal["day", "month", "key"]
    label: str
    limit_nano_usd: int


class EndpointName(TypedDict):
    name: str


class SetFactsParams(TypedDict):
    # `provider/model`.
    model: str
    # None: what is known without the user holds again.
    facts: NotRequired[OwnFactsInfo | None]


class SetOrderParams(TypedDict):
    """The models that may take a role, first choice first; empty: one is chosen for each request."""

    role: Literal["plan", "code", "critique", "quick"]
    models: list[str]


class SetPreferenceParams(TypedDict):
    preference: Literal["best", "balanced", "cheap", "local"]


class PinParams(TypedDict):
    """Requests for `model` go to `pinned`; None: to the version that Draftsmith ships as pinned."""

    # `provider/model`.
    model: str
    pinned: NotRequired[str | None]


class SetLimitParams(TypedDict):
    """A hard limit on what all sessions together spend; one for a key counts a month. Days and months are in UTC."""

    scope: Literal["day", "month", "key"]
    # The key's label for scope `key`, else empty.
    label: NotRequired[str]
    limit_nano_usd: NotRequired[int | None]


class UnpinParams(TypedDict):
    """Takes the last pin of `model` back."""

    # `provider/model`.
    model: str


class ModelsParams(TypedDict):
    # Also ask local servers what they serve.
    local: NotRequired[bool]
    # Models that the client's environment names, as `provider/model`.
    also: NotRequired[list[str]]


class ModelsResult(TypedDict):
    models: list[ModelInfo]
    choices: list[ChoiceInfo]
    # How to get a model, when there is none; lines of text.
    guide: str


class ModelInfo(TypedDict):
    """A model that can be used with one key or server."""

    model: str
    # Label of the key or server.
    endpoint: str
    # Where the key or server comes from, in words.
    origin: str
    address: str
    vendor: str
    local: bool
    # The version that requests name.
    sent_as: str
    # Dated versions that are newer than the pinned one.
    newer: list[str]
    context_window: int | None
    output_limit: int | None
    rates: RatesInfo
    # What is not there is not known.
    abilities: list[AbilityInfo]
    facts_from: Literal["shipped", "user", "local", "unknown"]
    health: HealthInfo
    record: list[RecordInfo]


class RatesInfo(TypedDict):
    """Nano-dollars for a million tokens; None: not known."""

    input: int | None
    output: int | None
    cached: int | None
    cache_write: int | None
    reasoning: int | None


class AbilityInfo(TypedDict):
    name: Literal["tools", "parallel_tools", "images", "json_schema", "reasoning", "caching"]
    has: bool


class HealthInfo(TypedDict):
    """`refused`: its last call was refused for good; `open`: it failed too often and is left alone for a while."""

    state: Literal["untried", "closed", "half_open", "open", "refused"]
    allowances: list[AllowanceInfo]
    failures_in_a_row: int
    last_failure: str
    # Since the runner was started.
    calls: int
    failed_calls: int


class AllowanceInfo(TypedDict):
    """What a vendor's headers said is left for a key."""

    unit: Literal["requests", "tokens"]
    limit: int | None
    left: int
    resets_in_ms: int


class RecordInfo(TypedDict):
    """How the model did in a role, over the sessions of the last half year.

    `tasks`: of a coder the tasks that ended, of a planner the plans that were decided, of a critic the reviews."""

    role: Literal["plan", "code", "critique", "quick"]
    calls: int
    failed_calls: int
    tasks: int
    good_tasks: int
    gates: int
    passed_gates: int
    tool_calls: int
    invalid_tool_calls: int
    edits: list[EditRecord]
    # Mean.
    first_token_ms: int | None
    # Written, mean after the first token.
    tokens_a_minute: int | None
    cost_nano_usd: int
    unpriced_calls: int
    input_tokens: int
    output_tokens: int


class EditRecord(TypedDict):
    """Edits in one format, and how many of them found their place."""

    format: str
    tried: int
    good: int


class ChoiceInfo(TypedDict):
    """Which model a request of usual size would go to now, and why. `model` is empty when there is none."""

    role: Literal["plan", "code", "critique", "quick"]
    model: str
    endpoint: str
    reason: str


class CheckEndpointParams(TypedDict):
    """An endpoint to be looked at before it is added. Without a key, the one kept or offered under the name counts."""

    name: NotRequired[str]
    base_url: str
    models: NotRequired[list[str]]
    key: NotRequired[str | None]


class CheckEndpointResult(TypedDict):
    """`trouble` is empty when the endpoint can be used."""

    trouble: Literal["", "address", "timeout", "certificate", "key", "protocol", "model", "server"]
    problem: str
    remedy: str
    # What it serves, as far as it says so.
    models: list[str]


class KeepKeyParams(TypedDict):
    """`name` is a vendor (`anthropic`, `openai`, `gemini`) or the name of an endpoint of the user's own."""

    name: str
    value: str


class KeptKey(TypedDict):
    """`memory`: there is no usable keyring, so that the key is gone when the hub ends; `reason` says why."""

    kept_in: Literal["keyring", "memory"]
    reason: str


class KeyNameParams(TypedDict):
    name: str


class UsageParams(TypedDict):
    by: NotRequired[Literal["day", "model", "role", "key", "workspace", "session", "request"]]
    # Today (UTC) and the days before it.
    days: NotRequired[int]
    # Only of this session; needed for `request`.
    session_id: NotRequired[str]


class UsageResult(TypedDict):
    """Requests in the order in which they were made."""

    lines: list[UsageLine]
    total: UsageFigures
    # Older requests that are in the total only.
    left_out: int


class UsageLine(TypedDict):
    """`title` is for people where `name` is an id; empty `name` or `deleted/…`: of sessions that were deleted."""

    name: str
    title: str
    figures: UsageFigures
    # When a request was made, in milliseconds since 1970.
    at: int
    role: str
    model: str


class UsageFigures(TypedDict):
    calls: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    # Of the input tokens, those read from the vendor's cache.
    cached_tokens: int
    # Of the output tokens, those that are not shown.
    reasoning_tokens: int
    cost_nano_usd: int
    # Calls whose price is not known; the cost is without them.
    unpriced_calls: int


class RulesOf(TypedDict):
    """Whose rules: a session's with its workspace's, or those of the workspace with these folders."""

    session_id: NotRequired[str]
    # Absolute paths; used without a session.
    folders: NotRequired[list[str]]


class RulesResult(TypedDict):
    """Deny wins; else the session's rules count before the workspace's, and asking before allowing."""

    session: list[RuleInfo]
    workspace: list[RuleInfo]


class RuleInfo(TypedDict):
    id: str
    effect: Literal["allow", "ask", "deny"]
    program: str
    words: list[str]
    paths: list[str]
    network: list[str]
    # The rule in words, without its effect.
    text: str


class AddRuleParams(TypedDict):
    """Patterns are matched with the command as it was parsed, never with its text: `*`, `?` and `[…]` in each part."""

    session_id: NotRequired[str]
    # Absolute paths; used without a session.
    folders: NotRequired[list[str]]
    scope: Literal["session", "workspace"]
    effect: Literal["allow", "ask", "deny"]
    # A name, or a path; `*` is every one.
    program: str
    # The first words after the program.
    words: NotRequired[list[str]]
    # Of files that it touches; an allowing rule wants all of them to fit, the others one.
    paths: NotRequired[list[str]]
    # Hosts that it may reach, when allowed.
    network: NotRequired[list[str]]


class RemoveRuleParams(TypedDict):
    session_id: NotRequired[str]
    # Absolute paths; used without a session.
    folders: NotRequired[list[str]]
    rule_id: str


class UsersParams(TypedDict):
    pass


class UsersResult(TypedDict):
    users: list[UserLine]


class UserLine(TypedDict):
    name: str
    role: Literal["viewer", "reviewer", "owner"]
    # Others whose sessions this user sees as well; `local`: the machine's own.
    sees: list[str]
    # Whether there is a password to sign in with.
    password: bool
    # What the identity provider calls this user; empty when that is not used.
    identity: str


class AddUserParams(TypedDict):
    """A user who is there already is replaced, and signed out everywhere."""

    name: str
    role: Literal["viewer", "reviewer", "owner"]
    password: NotRequired[str | None]
    # The provider's `sub`, or a verified `email`.
    identity: NotRequired[str]
    sees: NotRequired[list[str]]


class UserRoleParams(TypedDict):
    name: str
    role: Literal["viewer", "reviewer", "owner"]
    # Left out: as before.
    sees: NotRequired[list[str] | None]


class UserParams(TypedDict):
    name: str


class MonitorParams(TypedDict):
    # How far back; what is older is forgotten.
    minutes: NotRequired[int]


class MonitorResult(TypedDict):
    started_at: int
    interval_ms: int
    processors: int
    memory_bytes: int
    disk_bytes: int
    # The oldest first.
    samples: list[MonitorSample]
    runners: list[RunnerLoad]


class MonitorSample(TypedDict):
    """One interval. Shares of processors are in thousandths: of one processor, for the machine of all together.

    Times are of what ended in the interval: the middle one and the one that one in a hundred is above, None when
    nothing did."""

    at: int
    hub_cpu: int
    hub_memory_bytes: int
    # Of all runners.
    runner_cpu: int
    runner_memory_bytes: int
    # That run in sandboxes, one second and longer.
    commands: int
    command_cpu: int
    command_memory_bytes: int
    # In the interval.
    command_written_bytes: int
    machine_cpu: int
    machine_memory_bytes: int
    # Where the state folder lies.
    disk_free_bytes: int
    # Written to sessions' logs in the interval.
    events: int
    # Of methods, by clients.
    calls: int
    # That ended in an error which is not the caller's.
    failed_calls: int
    model_calls: int
    failed_model_calls: int
    tool_calls: int
    failed_tool_calls: int
    # Sessions with work that wait for a runner.
    queue: int
    # Sessions that a runner holds.
    working: int
    clients: int
    call_us: int | None
    call_99_us: int | None
    # Until events were durable.
    write_us: int | None
    write_99_us: int | None
    first_token_ms: int | None
    model_ms: int | None


class RunnerLoad(TypedDict):
    """`known` is false for a runner of a version that does not tell."""

    runner_id: str
    pid: int
    known: bool
    cpu: int
    memory_bytes: int
    sessions: int
    capacity: int
    commands: int
    disk_bytes: int
    disk_free_bytes: int


class LogParams(TypedDict):
    process: NotRequired[Literal["hub", "runner"]]
    # This one and what is worse.
    level: NotRequired[Literal["info", "warning", "error"]]
    # Or a session's id.
    correlation_id: NotRequired[str]
    # Text in the line, in any case.
    words: NotRequired[str]
    cursor: NotRequired[str | None]
    limit: NotRequired[int]


class LogResult(TypedDict):
    """The newest first. `cursor` is None at the beginning of what is kept; a page may be empty before it is."""

    lines: list[LogLine]
    cursor: str | None
    # Where the files lie on the hub's machine.
    folder: str


class LogLine(TypedDict):
    # ISO 8601, UTC.
    at: str
    level: str
    event: str
    correlation_id: str
    session_id: str
    # The other fields, as `name=value`; long ones are cut. Known secrets are struck out.
    text: str
    # Where it happened, of a failure that nobody foresaw.
    trace: str


class SettingsOf(TypedDict):
    pass


class SettingsInfo(TypedDict):
    # The user's file, whether it is there or not.
    path: str
    settings: list[SettingInfo]
    # What in the file does not count, in words.
    trouble: list[str]


class SettingInfo(TypedDict):
    """`usual` and `usual_words` say what holds without a value. `problem`: why what is set does not count."""

    name: str
    # The environment variable, which wins over the file.
    variable: str
    group: Literal["sandbox", "work", "models", "limits", "web"]
    control: Literal["choice", "number", "switch", "text"]
    choices: list[str]
    smallest: int | None
    largest: int | None
    usual: str
    usual_words: str
    # What is in force.
    value: str
    origin: Literal["usual", "file", "environment"]
    in_file: str
    # The file says something that counts from the next start only.
    waits: bool
    counts: Literal["at_once", "next_runner", "next_hub"]
    problem: str


class WriteSettingParams(TypedDict):
    """An empty value takes the line out of the file."""

    name: str
    value: str


class SandboxParams(TypedDict):
    pass


class SandboxResult(TypedDict):
    """What commands run in now. `reason` says why that one, or why none can be."""

    usable: bool
    engine: str
    version: str
    reason: str
    remedy: str
    confines: bool
    # What holds each limit here, in sentences.
    limits: list[str]


class SpendingParams(TypedDict):
    pass


class SpendingResult(TypedDict):
    lines: list[SpentLine]


class SpentLine(TypedDict):
    """`limit_nano_usd` is None without a limit. Days and months are in UTC; a key's is of this month."""

    scope: Literal["day", "month", "key"]
    label: str
    # What is reserved for calls under way is in it.
    spent_nano_usd: int
    limit_nano_usd: int | None


class AnalyticsParams(TypedDict):
    # Today (UTC) and the days before it.
    days: NotRequired[int]


class AnalyticsResult(TypedDict):
    lines: list[AnalyticsLine]
    outcomes: list[OutcomeLine]
    # Sessions beyond the newest 5,000, which outcomes do not count.
    sessions_left_out: int
    # So many tasks of either model are compared; fewer say nothing.
    enough_tasks: int
    enough_sessions: int
    # The largest first.
    model_savings: list[ModelSaving]
    limit_saving: LimitSaving | None
    not_compared: list[NotCompared]


class AnalyticsLine(TypedDict):
    """`name` is a day, a model, a role or a workspace's id; `title` is for people where the name is an id.

    Of a coder `tasks` are the tasks that ended, of a planner plans that were decided, of a critic reviews."""

    by: Literal["day", "model", "role", "workspace"]
    name: str
    title: str
    calls: int
    failed_calls: int
    tokens: int
    model_ms: int
    tool_ms: int
    tasks: int
    good_tasks: int
    gates: int
    passed_gates: int
    cost_nano_usd: int
    # Calls whose price is not known; the cost is without them.
    unpriced_calls: int


class OutcomeLine(TypedDict):
    """Sessions that were touched in these days, by how they stand now."""

    status: str
    sessions: int
    cost_nano_usd: int


class ModelSaving(TypedDict):
    """The same tasks by the other model at its cost for each: `tasks` × (`task_nano_usd` − `other_task_nano_usd`)."""

    role: Literal["plan", "code", "critique", "quick"]
    model: str
    tasks: int
    good_tasks: int
    task_nano_usd: int
    other: str
    other_tasks: int
    other_good_tasks: int
    other_task_nano_usd: int
    saving_nano_usd: int


class LimitSaving(TypedDict):
    """With a budget of `limit_nano_usd` for each session, the most that one with a proposal cost, those that came to
    nothing would have ended there: what they cost above it, in sum."""

    limit_nano_usd: int
    good_sessions: int
    lost_sessions: int
    # How many of the lost ones went above it.
    over_limit: int
    saving_nano_usd: int


class NotCompared(TypedDict):
    """`reason`: `few` tasks, or calls without a known price (`unpriced`), or nothing to compare it with (`alone`)."""

    role: Literal["plan", "code", "critique", "quick"]
    model: str
    tasks: int
    reason: Literal["few", "unpriced", "alone"]


class HeldParams(TypedDict):
    """Everything that the client holds, in place of what it said before."""

    # The client's own name for itself, the same after a reconnect.
    holder: str
    # What the editor can do to a file that it holds.
    operations: list[Literal["create", "rename", "delete"]]
    # It answers `buffers/diagnostics`.
    diagnostics: NotRequired[bool]
    # It creates files with their text and deletes files not held, in edits that it can undo.
    undoable_files: NotRequired[bool]
    documents: list[HeldDocument]


class HeldDocument(TypedDict):
    """An open document. `dirty`: it was changed in the editor since it was last like the file."""

    path: str
    version: int
    dirty: bool
    sha256: str


class ObservedParams(TypedDict):
    documents: list[ObservedDocument]


class ObservedDocument(TypedDict):
    """`closed` says nothing of the text."""

    path: str
    happened: Literal["opened", "changed", "saved", "closed"]
    version: int
    dirty: bool
    sha256: str | None


class MapParams(TypedDict):
    folders: list[str]
    # What the map is for: a request, a question.
    words: NotRequired[str]
    # Files that are open, just changed, or have diagnostics.
    focus: NotRequired[list[FocusFile]]
    tokens: NotRequired[int]


class FocusFile(TypedDict):
    path: str
    # Per cent.
    weight: NotRequired[int]


class MapResult(TypedDict):
    """`tokens` is an estimate on the high side; `truncated`: there are more files than the index takes."""

    text: str
    tokens: int
    files: int
    indexed_files: int
    skipped: list[SkippedFiles]
    truncated: bool
    notices: list[str]


class SkippedFiles(TypedDict):
    reason: str
    files: int


class SymbolsParams(TypedDict):
    folders: list[str]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]
    query: str


class SymbolsResult(TypedDict):
    symbols: list[SymbolLine]
    total: int
    cursor: str | None


class UsesParams(TypedDict):
    folders: list[str]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]
    kind: Literal["calls", "references", "imports"]
    # A name; for `imports` a file or a module.
    name: str


class UsesResult(TypedDict):
    """`cut` names the bound that ended the search early, if one did."""

    uses: list[UseLine]
    total: int
    cursor: str | None
    cut: str


class UseLine(TypedDict):
    path: str
    line: int
    text: str
    within: str


class SimilarParams(TypedDict):
    """A place or a text."""

    folders: list[str]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]
    path: NotRequired[str]
    line: NotRequired[int]
    text: NotRequired[str]


class StructureParams(TypedDict):
    folders: list[str]
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]
    language: str
    # A tree-sitter query with a capture.
    query: str
    glob: NotRequired[str]


class SearchParams(TypedDict):
    """`regex` is Rust's syntax; a pattern matches within one line."""

    folders: list[str]
    pattern: str
    regex: NotRequired[bool]
    ignore_case: NotRequired[bool]
    # Only files whose path fits.
    glob: NotRequired[str | None]
    # Lines around each match.
    context: NotRequired[int]
    # Also what .gitignore leaves out.
    include_ignored: NotRequired[bool]
    # Matching lines of one page.
    limit: NotRequired[int]
    # From the page before.
    cursor: NotRequired[str | None]


class SearchResult(TypedDict):
    """`total` counts matching lines, `files` the files that have any; `ended` says what ended the search early."""

    found: list[FoundFile]
    total: int
    files: int
    ended: str
    cursor: str | None


class FoundFile(TypedDict):
    path: str
    lines: list[FoundLine]


class FoundLine(TypedDict):
    """`match` False: a line around one that matches."""

    line: int
    text: str
    match: bool


class FactsParams(TypedDict):
    folders: list[str]


class FactsResult(TypedDict):
    folders: list[FolderFacts]


class FolderFacts(TypedDict):
    """What one folder's own files say; every source is a path in it. `rules` are files, not their text."""

    folder: str
    languages: list[LanguageFact]
    frameworks: list[FrameworkFact]
    managers: list[ManagerFact]
    commands: list[CommandFact]
    entries: list[EntryFact]
    packages: list[PackageFact]
    rules: list[str]
    styles: list[StyleFact]


class LanguageFact(TypedDict):
    name: str
    files: int


class FrameworkFact(TypedDict):
    name: str
    source: str
    hint: str


class ManagerFact(TypedDict):
    """`lock` is empty without a lock file; `add` says how a dependency is added."""

    name: str
    source: str
    lock: str
    add: str


class CommandFact(TypedDict):
    purpose: Literal["tests", "lint", "format", "types", "build"]
    command: str
    source: str


class EntryFact(TypedDict):
    name: str
    target: str
    source: str


class PackageFact(TypedDict):
    folder: str
    name: str
    source: str


class StyleFact(TypedDict):
    """A section of .editorconfig."""

    pattern: str
    settings: list[StyleSetting]
    source: str


class StyleSetting(TypedDict):
    name: str
    value: str


class SessionsChanged(TypedDict):
    """Lines in place of those held. A session is told of at most twice a second."""

    sessions: list[SessionLine]
    removed: list[str]


class HubChanged(TypedDict):
    """What was changed, by this client or another: ask for it again."""

    what: Literal["models", "rules", "preferences"]


class ReadParams(TypedDict):
    """A page of a document's text, from `offset` on."""

    path: str
    offset: int
    limit: int


class ReadResult(TypedDict):
    """`held` false: the document is not open. `sha256` is that of the whole text: pages of one hash belong together."""

    held: bool
    version: int
    sha256: str | None
    text: str
    # Of the whole text.
    length: int


class ApplyBuffersParams(TypedDict):
    """One undoable edit. What is not begun within `seconds` must not be begun any more."""

    apply_id: str
    label: str
    seconds: int
    changes: list[BufferChange]


class BufferChange(TypedDict):
    """What is to happen to one document, if its text still has the hash `before`.

    `edit` replaces text; `delete` takes the file away; `rename` moves it to `new_path` and then replaces text; `create`
    makes a file of the text in `edits`. Without a file there is no hash."""

    path: str
    action: Literal["edit", "delete", "rename", "create"]
    new_path: str
    before: str
    after: str
    edits: list[TextReplacement]
    # It is about a file that is not open, and hashes are of its bytes. Only asked of who says `undoable_files`.
    on_disk: bool


class TextReplacement(TypedDict):
    """`text` in place of what stands from `start` to before `end`, counted in the text before the change."""

    start: int
    end: int
    text: str


class ApplyBuffersResult(TypedDict):
    outcomes: list[BufferOutcome]


class BufferOutcome(TypedDict):
    """`seen`: the document was seen to have the hash `after`. `moved`: it had another text, or the editor's version had
    gone on; nothing was done. `refused`: the editor would not. `unseen`: the editor agreed, but the text never came."""

    path: str
    state: Literal["seen", "moved", "refused", "unseen"]
    sha256: str | None
    reason: str


class DiagnosticsParams(TypedDict):
    """`paths` are folders, or one file."""

    paths: list[str]


class DiagnosticsResult(TypedDict):
    """`stale` are documents whose diagnostics speak of another version than the one that is open now."""

    documents: list[DiagnosedDocument]
    stale: list[str]
    # Documents that were left out, because there were too many.
    more: int


class DiagnosedDocument(TypedDict):
    """`sha256` and `dirty` are those of the open document that the diagnostics speak of; of a file that is not open
    there is no hash. `more` were left out, because there were too many."""

    path: str
    dirty: bool
    sha256: str | None
    diagnostics: list[ShownDiagnostic]
    more: int


class ShownDiagnostic(TypedDict):
    """Lines count from 1."""

    line: int
    end_line: int
    severity: Literal["error", "warning", "information", "hint"]
    code: str
    source: str
    message: str


class Request(TypedDict):
    """`id` missing makes it a notification, which has no answer."""

    jsonrpc: Literal["2.0"]
    method: str
    params: NotRequired[dict[str, JsonValue]]
    id: NotRequired[int | str | None]


class Notification(TypedDict):
    """What the hub sends unasked."""

    jsonrpc: Literal["2.0"]
    method: str
    params: dict[str, JsonValue]


class Response(TypedDict):
    jsonrpc: Literal["2.0"]
    id: int | str
    result: JsonValue


class ErrorResponse(TypedDict):
    """`id` is None when the request could not be read so far."""

    jsonrpc: Literal["2.0"]
    id: int | str | None
    error: ErrorBody


class ErrorBody(TypedDict):
    code: int
    message: str
    data: ErrorData


class ErrorData(TypedDict):
    """`correlation_id` finds the case in the logs."""

    code: str
    remedy: str
    correlation_id: str


class HubRequest(TypedDict):
    """What the hub asks of a client. Its ids are its own, apart from those of the client's calls."""

    jsonrpc: Literal["2.0"]
    id: str
    method: str
    params: dict[str, JsonValue]


class Reply(TypedDict):
    """A client's answer to a `HubRequest`: a result, or an error."""

    jsonrpc: Literal["2.0"]
    id: str
    result: NotRequired[JsonValue]
    error: NotRequired[ReplyError | None]


class ReplyError(TypedDict):
    code: int
    message: str
    data: NotRequired[JsonValue]


EntityKind: TypeAlias = Literal[
    "session", "task", "step", "file", "hunk", "gate", "finding", "decision", "usage", "checkpoint", "apply"
]
Autonomy: TypeAlias = Literal["suggest", "ask", "auto"]
AnyEntity: TypeAlias = (
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
    | ApplyEntity
)
