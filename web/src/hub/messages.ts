// Types of what crosses the wire. Made by `make generate` from the server's protocol; do not edit.

export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL_VERSION = 1;

export type JsonValue = boolean | number | string | null | JsonValue[] | { [name: string]: JsonValue };

export type EntityKind = "session" | "task" | "step" | "file" | "hunk" | "gate" | "finding" | "decision" | "usage" | "checkpoint" | "apply";
export type Autonomy = "suggest" | "ask" | "auto";
export type AnyEntity = SessionEntity | TaskEntity | StepEntity | FileEntity | HunkEntity | GateEntity | FindingEntity | DecisionEntity | UsageEntity | CheckpointEntity | ApplyEntity;

/** `version` is the version of the event that changed it last; it only grows. */
export interface Entity {
  id: string;
  version: number;
}

export interface SessionEntity {
  id: string;
  version: number;
  kind: "session";
  workspace_id: string;
  roots: RootFolder[];
  title: string;
  request: string;
  status: "starting" | "working" | "waiting" | "proposed" | "finished" | "stopped" | "cancelled";
  /** Hunks are being written, or are about to be, unasked. */
  applying: boolean;
  autonomy: Autonomy;
  model: string;
  /** Replies come from a recording; every screen says so. */
  recorded: boolean;
  created_at: number;
  updated_at: number;
  base: string | null;
  draft: string | null;
  plan_summary: string;
  plan_risks: string[];
  estimate: EstimateInfo | null;
  summary: string;
  /** For the proposal; nothing is ever committed by itself. */
  commit_message: string;
  /** The model that wrote title and commit message; empty: made by rule. */
  described_by: string;
  /** Names of the pictures that came with the request. */
  images: string[];
  verified: string[];
  unverified: string[];
  stopped: StoppedReason | null;
  forked_from: string | null;
  /** What the snapshot left out, with the reason. */
  skipped: string[];
  skipped_count: number;
}

export interface RootFolder {
  name: string;
  path: string;
}

/**
 * What the plan was thought to take before it began. `others`: little was recorded of the model,
 * but enough of others; `rough`: of none.
 */
export interface EstimateInfo {
  model: string;
  tasks: number;
  input_tokens: number;
  output_tokens: number;
  nano_usd: number | null;
  seconds: number;
  basis: "record" | "others" | "rough";
  recorded_tasks: number;
}

export interface StoppedReason {
  category: string;
  reason: string;
  way_on: string;
}

export interface TaskEntity {
  id: string;
  version: number;
  kind: "task";
  ordinal: number;
  title: string;
  description: string;
  status: "proposed" | "pending" | "active" | "done" | "failed" | "skipped";
  phase: "coding" | "gates" | "critique" | "closing";
  depends_on: string[];
  checks: string[];
  files: string[];
  repairs: number;
  report: string;
  reason: string;
}

/** One thing the agent did. While it runs, `text` grows by appends; `document` names the whole when it is long. */
export interface StepEntity {
  id: string;
  version: number;
  kind: "step";
  /** Version of the event that began it; the order of steps. */
  ordinal: number;
  step: "model" | "tool" | "gate" | "note";
  state: "running" | "ok" | "failed" | "cancelled";
  task_id: string | null;
  title: string;
  role: string;
  tool: string;
  /** `provider/model` of a model's step. */
  model: string;
  /** Label of the key or server that the model was called with. */
  endpoint: string;
  /** Why this model was chosen. */
  why: string;
  arguments: string;
  arguments_document: string | null;
  outcome: string;
  text: string;
  document: string | null;
  /** Characters of the whole text. */
  length: number;
  reasoning: string;
  /** What a command uses, one line about each second while it runs; at its end, what it used in all. */
  usage: string;
  touched: string[];
  cost_nano_usd: number | null;
  duration_ms: number;
  at: number;
}

export interface FileEntity {
  id: string;
  version: number;
  kind: "file";
  ordinal: number;
  path: string;
  root: number;
  change: "modify" | "create" | "delete" | "mode" | "symlink" | "binary";
  hunks: string[];
}

/** Lines count from 1 in the base. The text comes by `proposal/hunks`. */
export interface HunkEntity {
  id: string;
  version: number;
  kind: "hunk";
  ordinal: number;
  path: string;
  root: number;
  base_start: number;
  base_length: number;
  new_length: number;
  status: "pending" | "accepted" | "in_buffer" | "on_disk" | "rejected" | "conflicted" | "reverted";
  note: string;
}

export interface GateEntity {
  id: string;
  version: number;
  kind: "gate";
  ordinal: number;
  task_id: string;
  gate: string;
  verdict: "running" | "passed" | "failed" | "not_verified";
  reason: string;
  command: string;
  evidence: string;
  evidence_document: string | null;
  duration_ms: number;
  /** Of a run of tests whose result could be read. */
  tests: SuiteResult | null;
}

/**
 * A run of the project's tests against the one before the change.
 *
 * `compared` False: there is no such run, so that all that fails is in `newly_failing`. Lists hold the first of each
 * kind, the counts are of all. Flaky tests failed, and passed when they were run again alone.
 */
export interface SuiteResult {
  runner: string;
  /** `412 passed, 2 failed before and after, 1 fixed`. */
  summary: string;
  passed: number;
  failed: number;
  errors: number;
  skipped: number;
  compared: boolean;
  newly_failing: CaseResult[];
  newly_failing_count: number;
  still_failing: CaseResult[];
  still_failing_count: number;
  fixed: CaseResult[];
  fixed_count: number;
  flaky: CaseResult[];
  flaky_count: number;
  new_count: number;
  gone: string[];
  gone_count: number;
}

/** One test. `path` is relative to the project's folder where that is known; line 0: unknown. */
export interface CaseResult {
  name: string;
  status: "passed" | "failed" | "error" | "skipped";
  path: string;
  line: number;
  message: string;
}

export interface FindingEntity {
  id: string;
  version: number;
  kind: "finding";
  ordinal: number;
  task_id: string;
  path: string;
  line: number;
  severity: "info" | "minor" | "major" | "critical";
  message: string;
  remedy: string;
  /** The name that a tool has for it; empty for a reviewer's own words. */
  rule: string;
}

export interface DecisionEntity {
  id: string;
  version: number;
  kind: "decision";
  ordinal: number;
  subject: "plan" | "question" | "command" | "repeat_command" | "key" | "price" | "cost";
  prompt: string;
  prompt_document: string | null;
  options: string[];
  free_text: boolean;
  /** What the answers `session` and `workspace` let run without asking again. */
  grants: string[];
  state: "open" | "answered" | "void";
  answer: string;
  answered_by: string;
}

export interface UsageEntity {
  id: string;
  version: number;
  kind: "usage";
  steps: number;
  steps_limit: number;
  milliseconds: number;
  seconds_limit: number;
  cost_nano_usd: number;
  reserved_nano_usd: number;
  limit_nano_usd: number | null;
  unpriced_calls: number;
  model_calls: number;
  tool_calls: number;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
}

export interface CheckpointEntity {
  id: string;
  version: number;
  kind: "checkpoint";
  ordinal: number;
  tree: string;
  /** The snapshot of the workspace that the draft stood on then. */
  base: string;
  label: string;
  green: boolean;
  at: number;
}

export interface ApplyEntity {
  id: string;
  version: number;
  kind: "apply";
  ordinal: number;
  hunks: string[];
  state: "writing" | "done" | "undone";
  undoes: string | null;
  at: number;
}

/** The first message of every connection. */
export interface HelloParams {
  token: string;
  /** `cli`, `vscode`, `jetbrains`, `web`, `lsp` … */
  client: string;
  /** Protocol versions that the client speaks, best first. */
  versions: number[];
}

export interface HelloResult {
  version: number;
  epoch: string;
  application_version: string;
}

export type StatusParams = Record<string, never>;

export interface StatusResult {
  pid: number;
  application_version: string;
  protocol_version: number;
  epoch: string;
  started_at: number;
  state_dir: string;
  database: string;
  clients: number;
  open_sessions: number;
  /** That editors hold, and into which accepted hunks go. */
  held_documents: number;
  /** Of these, those that were changed and not saved yet. */
  unsaved_documents: number;
  runners: RunnerInfo[];
  /** What went wrong at start and was mended, for example a quarantine. */
  notices: string[];
}

export interface RunnerInfo {
  runner_id: string;
  pid: number;
  state: "connected" | "lost" | "starting" | "gave_up";
  sessions: string[];
  reason: string;
}

export type StopParams = Record<string, never>;

export interface StopResult {
  stopping: true;
}

export type OpenParams = Record<string, never>;

/** `url` signs a browser in, once, within `seconds`: treat it like a password. */
export interface OpenResult {
  url: string;
  seconds: number;
}

/** Keys for the runner that works on the user's sessions. They stay in the hub's memory. */
export interface OfferCredentialsParams {
  credentials: OfferedCredential[];
}

export interface OfferedCredential {
  provider: string;
  label: string;
  value: string;
  base_url?: string | null;
  origin: string;
}

export interface OfferCredentialsResult {
  accepted: number;
}

export interface DocumentParams {
  document_id: string;
  /** Bytes. */
  offset?: number;
  /** Bytes. */
  limit?: number;
}

/** Text with bytes that are not UTF-8 shown as U+FFFD; `next_offset` is None at the end. */
export interface DocumentResult {
  text: string;
  length: number;
  next_offset: number | null;
}

export interface StartParams {
  /** Absolute paths. */
  folders: string[];
  request: string;
  autonomy?: Autonomy;
  limits?: LimitsParams;
  /** `provider/model`; empty lets the runner choose. */
  model?: string;
  /** Text of a recording to play instead of a model (JSON Lines). */
  recording?: string;
  overlays?: Overlay[];
  /** What the request is about, for models that read images; 5 MB in all. */
  images?: RequestImage[];
  /** The user confirmed that a home folder is meant. */
  allow_home?: boolean;
}

/** Limits not given keep their default, or what the session has. */
export interface LimitsParams {
  steps?: number | null;
  seconds?: number | null;
  nano_usd?: number | null;
}

/** Unsaved text of an open document: what the session sees instead of the file. */
export interface Overlay {
  path: string;
  text: string;
}

/** PNG, JPEG, GIF or WebP; `name` is for people. */
export interface RequestImage {
  name: string;
  /** The bytes as Base64. */
  data: string;
}

export interface SessionRef {
  session_id: string;
}

export interface ListParams {
  limit?: number;
  cursor?: string | null;
  workspace_id?: string | null;
}

/** Newest first. `cursor` is None on the last page. */
export interface ListResult {
  sessions: SessionLine[];
  cursor: string | null;
}

/** `tasks` are those of the plan that were not skipped; `folders` are absolute paths. */
export interface SessionLine {
  session_id: string;
  workspace_id: string;
  title: string;
  status: string;
  created_at: number;
  updated_at: number;
  cost_nano_usd: number;
  version: number;
  folders: string[];
  tasks: number;
  tasks_done: number;
}

/** `epoch` and `seq` of the last update seen; without them, or when they are too old, a snapshot comes. */
export interface AttachParams {
  session_id: string;
  epoch?: string | null;
  seq?: number | null;
}

/** Either `snapshot`, or the `updates` that were missed. Later ones come as `session/update` notifications. */
export interface AttachResult {
  snapshot: Snapshot | null;
  updates: Update[];
}

/** Everything a client needs to show a session; older steps come by `steps/list`. */
export interface Snapshot {
  session_id: string;
  epoch: string;
  seq: number;
  entities: AnyEntity[];
  /** There are older steps than the last 100. */
  more_steps: boolean;
}

/** What changed in one session. `seq` counts without gaps within one `epoch`, which changes when the hub starts. */
export interface Update {
  session_id: string;
  epoch: string;
  seq: number;
  entities: AnyEntity[];
  removed: RemovedEntity[];
  appends: Appended[];
}

export interface RemovedEntity {
  kind: EntityKind;
  id: string;
}

/**
 * Streamed text of a running step. `offset` counts UTF-16 code units, as in LSP.
 *
 * When it is not the length held, ask for the entity.
 */
export interface Appended {
  entity_id: string;
  field: "text" | "reasoning" | "arguments" | "usage";
  offset: number;
  text: string;
}

export type Empty = Record<string, never>;

export interface MessageParams {
  session_id: string;
  text: string;
}

export interface ResumeParams {
  session_id: string;
  limits?: LimitsParams;
  model?: string | null;
}

/** A new session over the same base whose draft begins at a checkpoint (default: the current draft). */
export interface ForkParams {
  session_id: string;
  checkpoint_id?: string | null;
  /** Default: the request of the session. */
  request?: string | null;
}

export interface RestoreParams {
  session_id: string;
  checkpoint_id: string;
}

export interface ExportParams {
  session_id: string;
  /** Version of the last event already held. */
  after?: number;
  limit?: number;
}

/** Envelopes of the one codec, each a JSON object as text; secrets are never in events. */
export interface ExportResult {
  events: string[];
  more: boolean;
}

export interface StepsParams {
  session_id: string;
  /** Ordinal of the oldest step held. */
  before?: number | null;
  /** Place, counted from 0, of the first; instead of `before`. */
  first?: number | null;
  limit?: number;
}

/** Ascending order. `first` is the place of the first of them, counted from 0; `more`: there are older ones. */
export interface StepsResult {
  steps: StepEntity[];
  more: boolean;
  first: number;
  total: number;
}

export interface EntityParams {
  session_id: string;
  kind: EntityKind;
  id: string;
}

export interface EntityResult {
  entity: AnyEntity;
}

export interface AnswerParams {
  session_id: string;
  decision_id: string;
  answer: string;
  /** Feedback that goes with the answer. */
  text?: string;
}

/** The plan as text that can be edited. `decision_id` names the question that waits for it; None: none does. */
export interface PlanText {
  text: string;
  decision_id: string | null;
}

/** `decision_id` as `plan/read` gave it: another plan that came in between is not overwritten. */
export interface EditPlanParams {
  session_id: string;
  decision_id: string;
  text: string;
}

export interface EditPlanResult {
  task_ids: string[];
}

export type WatchParams = Record<string, never>;

export type PreferencesParams = Record<string, never>;

/** What was never set is not there. */
export interface PreferencesResult {
  preferences: PreferenceLine[];
}

export interface PreferenceLine {
  name: string;
  /** JSON. */
  content: string;
}

/** `content` None: as it is without the user's word. */
export interface PreferenceParams {
  /** Letters and dots. */
  name: string;
  /** JSON. */
  content?: string | null;
}

/** `text` is looked for as it is, in titles, calls, words and results, without regard to case. */
export interface SearchStepsParams {
  session_id: string;
  text: string;
  /** `searched_to` of the page before. */
  before?: number | null;
  limit?: number;
}

/** Newest first. Steps older than `searched_to` were not looked at yet; None: all were. */
export interface SearchStepsResult {
  found: FoundStep[];
  searched_to: number | null;
}

/** `place` counts the session's steps from 0. */
export interface FoundStep {
  step_id: string;
  place: number;
  title: string;
  excerpt: string;
  at: number;
}

export interface CheckpointParams {
  session_id: string;
  checkpoint_id: string;
}

/** `total` counts all files; `note` says what of an older round would give way. */
export interface CheckpointPreview {
  files: CheckpointFile[];
  total: number;
  note: string;
}

/** What restoring would do to one file of the draft. `added` and `removed` count lines. */
export interface CheckpointFile {
  path: string;
  root: number;
  change: "modify" | "create" | "delete" | "mode" | "symlink" | "binary";
  added: number;
  removed: number;
}

/** Files whose path has the letters of `query` in their order; empty: any. */
export interface FindFilesParams {
  folders: string[];
  query?: string;
  limit?: number;
}

/** The best fit first; with several folders each path begins with its folder's name. `total` counts what fits. */
export interface FindFilesResult {
  paths: string[];
  total: number;
}

export interface HunkTextsParams {
  session_id: string;
  /** Empty: all, up to `limit`. */
  hunk_ids?: string[];
  /** Id of the last hunk held, in the proposal's order. */
  after?: string | null;
  limit?: number;
}

export interface HunkTextsResult {
  hunks: HunkText[];
  more: boolean;
}

/** A hunk with its lines. Bytes that are not UTF-8 show as U+FFFD; `binary` hunks have no text. */
export interface HunkText {
  hunk_id: string;
  path: string;
  root: number;
  base_start: number;
  status: string;
  note: string;
  binary: boolean;
  before: string;
  after: string;
  context_before: string;
  context_after: string;
}

/** What a hunk is to write instead; the same text as in the base takes the hunk away. */
export interface EditParams {
  session_id: string;
  hunk_id: string;
  text: string;
}

/** Ids of the hunks that stand where the edited one stood. */
export interface EditResult {
  hunk_ids: string[];
}

export interface HunksParams {
  session_id: string;
  hunk_ids: string[];
}

export interface DecideResult {
  results: HunkOutcome[];
}

/** `conflict` has the three sides when the user's text and the hunk cannot be merged. */
export interface HunkOutcome {
  hunk_id: string;
  status: string;
  note: string;
}

/** Undoes the last apply that is not undone, or the one named. */
export interface UndoParams {
  session_id: string;
  apply_id?: string | null;
}

/** A side of one file, for a difference view: clients never read our folders. */
export interface FileParams {
  session_id: string;
  root?: number;
  path: string;
  side: "base" | "draft" | "workspace";
}

/**
 * `text` is None when the file does not exist on that side or is binary. `size` in bytes.
 *
 * `version` tells its content apart, for `file/save`; empty when there is none. `read_only` says why it cannot be
 * edited, and is empty when it can.
 */
export interface FileResult {
  exists: boolean;
  binary: boolean;
  text: string | null;
  size: number;
  version: string;
  read_only: string;
}

export interface ConflictParams {
  session_id: string;
  root?: number;
  path: string;
}

/**
 * `parts` make the file from top to bottom; none where there is no text to show, with the `reason`.
 *
 * `version` is the user's file on disk, for `file/save`; `hunk_ids` are the hunks in conflict.
 */
export interface ConflictResult {
  hunk_ids: string[];
  exists: boolean;
  version: string;
  parts: ConflictPart[];
  reason: string;
  note: string;
}

/** A stretch of the file: merged by itself, as `text`, or to be decided between three. */
export interface ConflictPart {
  conflict: boolean;
  text: string;
  base: string;
  yours: string;
  draft: string;
}

export interface FolderParams {
  session_id: string;
  root?: number;
  /** Empty: the root itself. */
  path?: string;
  side?: "base" | "draft" | "workspace";
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
}

/** Folders first, then by name. `cursor` is None on the last page. */
export interface FolderResult {
  entries: FolderEntryLine[];
  total: number;
  cursor: string | null;
}

/** `size` in bytes, None where it is not known. What is `other` cannot be opened. */
export interface FolderEntryLine {
  name: string;
  kind: "folder" | "file" | "link" | "other";
  size: number | null;
}

/** `version` is what `file/read` gave with the text that was edited; empty for a new file. */
export interface SaveParams {
  session_id: string;
  root?: number;
  path: string;
  side?: "draft" | "workspace";
  /** Lines end in LF; the file keeps its own line ends. */
  text: string;
  version?: string;
}

/**
 * `changed`: the file is no longer what was edited, and was left alone. `held`: an editor has unsaved text of it.
 *
 * `version` is the file's version now; `reason` is for a person.
 */
export interface SaveResult {
  state: "saved" | "same" | "changed" | "held" | "refused";
  reason: string;
  version: string;
}

export interface FileSymbolsParams {
  session_id: string;
  root?: number;
  path: string;
  side?: "base" | "draft" | "workspace";
}

/** By line. `skipped` says why the file was not looked at: `language`, `binary`, `too_large`, `minified`, … */
export interface FileSymbolsResult {
  symbols: SymbolLine[];
  skipped: string;
}

export interface SymbolLine {
  path: string;
  line: number;
  end_line: number;
  name: string;
  kind: string;
  signature: string;
  container: string;
  doc: string;
  test: boolean;
}

/** `root` is the number of one of the session's folders. */
export interface GitRoot {
  session_id: string;
  root?: number;
}

/**
 * `branch` is empty when a commit is checked out by itself, `commit` before the first one. `cut`: there are
 * more files than are told.
 */
export interface GitStateResult {
  repository: boolean;
  branch: string;
  commit: string;
  files: GitFileLine[];
  cut: boolean;
}

/**
 * `path` is relative to the folder; a folder of untracked files ends in a slash. `before`: what it was renamed
 * from.
 */
export interface GitFileLine {
  path: string;
  state: "modified" | "added" | "deleted" | "renamed" | "untracked" | "conflicted" | "type";
  staged: boolean;
  before: string;
}

export interface GitLogParams {
  session_id: string;
  root?: number;
  /** Only commits that changed this file or folder. */
  path?: string;
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
}

/** Newest first. `cursor` is None on the last page. */
export interface GitLogResult {
  commits: CommitLine[];
  cursor: string | null;
}

/** `at` is the author's time, in milliseconds since 1970. */
export interface CommitLine {
  commit: string;
  parents: string[];
  author: string;
  at: number;
  subject: string;
}

export interface GitCommitParams {
  session_id: string;
  root?: number;
  commit: string;
}

/** `files` are compared with the first parent; `cut`: there are more. */
export interface GitCommitResult {
  commit: CommitLine;
  message: string;
  files: GitFileLine[];
  cut: boolean;
}

export interface GitReadParams {
  session_id: string;
  root?: number;
  path: string;
  /** Empty: what is checked out. */
  commit?: string;
}

export type TemplatesParams = Record<string, never>;

export interface TemplatesResult {
  templates: TemplateLine[];
}

/** `request` is what a first session could be asked. */
export interface TemplateLine {
  template: string;
  title: string;
  summary: string;
  language: string;
  request: string;
  files: string[];
}

/** `folder` is an absolute path (`~/` is the user's home); it must be empty or not exist, the one above must. */
export interface CreateParams {
  template: string;
  folder: string;
  /** Default: the folder's name. */
  name?: string;
}

/** `folder` with links resolved, for `session/start`. */
export interface CreateResult {
  folder: string;
  files: string[];
}

export type SettingsParams = Record<string, never>;

/** All that the user decided about models. `version` counts the changes. */
export interface ModelSettingsResult {
  endpoints: EndpointInfo[];
  facts: ModelFactsLine[];
  order: RoleOrder[];
  preference: "best" | "balanced" | "cheap" | "local";
  pins: PinLine[];
  limits: LimitLine[];
  /** Names of the keys in the system's keyring. */
  keys: string[];
  version: number;
}

/** An OpenAI-compatible address of the user's own. Its key is offered under the label `name`. */
export interface EndpointInfo {
  /** Letters, digits, dots, dashes and underscores. */
  name: string;
  base_url: string;
  /** Names that it serves; only models that are named here are used. */
  models?: string[];
}

export interface ModelFactsLine {
  model: string;
  facts: OwnFactsInfo;
}

/** The user's facts of a model; what is left out is as known without the user. */
export interface OwnFactsInfo {
  /** Tokens. */
  context_window?: number | null;
  /** Tokens. */
  output_limit?: number | null;
  /** Nano-dollars for a million tokens. */
  input_rate?: number | null;
  /** Nano-dollars for a million tokens. */
  output_rate?: number | null;
  /** Nano-dollars for a million tokens. */
  cached_rate?: number | null;
  /** Nano-dollars for a million tokens. */
  cache_write_rate?: number | null;
  /** Nano-dollars for a million tokens. */
  reasoning_rate?: number | null;
  tools?: boolean | null;
  images?: boolean | null;
  json_schema?: boolean | null;
  reasoning?: boolean | null;
}

export interface RoleOrder {
  role: "plan" | "code" | "critique" | "quick";
  models: string[];
}

export interface PinLine {
  model: string;
  pinned: string;
}

export interface LimitLine {
  scope: "day" | "month" | "key";
  label: string;
  limit_nano_usd: number;
}

export interface EndpointName {
  name: string;
}

export interface SetFactsParams {
  /** `provider/model`. */
  model: string;
  /** None: what is known without the user holds again. */
  facts?: OwnFactsInfo | null;
}

/** The models that may take a role, first choice first; empty: one is chosen for each request. */
export interface SetOrderParams {
  role: "plan" | "code" | "critique" | "quick";
  models: string[];
}

export interface SetPreferenceParams {
  preference: "best" | "balanced" | "cheap" | "local";
}

/** Requests for `model` go to `pinned`; None: to the version that Draftsmith ships as pinned. */
export interface PinParams {
  /** `provider/model`. */
  model: string;
  pinned?: string | null;
}

/** A hard limit on what all sessions together spend; one for a key counts a month. Days and months are in UTC. */
export interface SetLimitParams {
  scope: "day" | "month" | "key";
  /** The key's label for scope `key`, else empty. */
  label?: string;
  limit_nano_usd?: number | null;
}

/** Takes the last pin of `model` back. */
export interface UnpinParams {
  /** `provider/model`. */
  model: string;
}

export interface ModelsParams {
  /** Also ask local servers what they serve. */
  local?: boolean;
  /** Models that the client's environment names, as `provider/model`. */
  also?: string[];
}

export interface ModelsResult {
  models: ModelInfo[];
  choices: ChoiceInfo[];
  /** How to get a model, when there is none; lines of text. */
  guide: string;
}

/** A model that can be used with one key or server. */
export interface ModelInfo {
  model: string;
  /** Label of the key or server. */
  endpoint: string;
  /** Where the key or server comes from, in words. */
  origin: string;
  address: string;
  vendor: string;
  local: boolean;
  /** The version that requests name. */
  sent_as: string;
  /** Dated versions that are newer than the pinned one. */
  newer: string[];
  context_window: number | null;
  output_limit: number | null;
  rates: RatesInfo;
  /** What is not there is not known. */
  abilities: AbilityInfo[];
  facts_from: "shipped" | "user" | "local" | "unknown";
  health: HealthInfo;
  record: RecordInfo[];
}

/** Nano-dollars for a million tokens; None: not known. */
export interface RatesInfo {
  input: number | null;
  output: number | null;
  cached: number | null;
  cache_write: number | null;
  reasoning: number | null;
}

export interface AbilityInfo {
  name: "tools" | "parallel_tools" | "images" | "json_schema" | "reasoning" | "caching";
  has: boolean;
}

/** `refused`: its last call was refused for good; `open`: it failed too often and is left alone for a while. */
export interface HealthInfo {
  state: "untried" | "closed" | "half_open" | "open" | "refused";
  allowances: AllowanceInfo[];
  failures_in_a_row: number;
  last_failure: string;
  /** Since the runner was started. */
  calls: number;
  failed_calls: number;
}

/** What a vendor's headers said is left for a key. */
export interface AllowanceInfo {
  unit: "requests" | "tokens";
  limit: number | null;
  left: number;
  resets_in_ms: number;
}

/**
 * How the model did in a role, over the sessions of the last half year.
 *
 * `tasks`: of a coder the tasks that ended, of a planner the plans that were decided, of a critic the reviews.
 */
export interface RecordInfo {
  role: "plan" | "code" | "critique" | "quick";
  calls: number;
  failed_calls: number;
  tasks: number;
  good_tasks: number;
  gates: number;
  passed_gates: number;
  tool_calls: number;
  invalid_tool_calls: number;
  edits: EditRecord[];
  /** Mean. */
  first_token_ms: number | null;
  /** Written, mean after the first token. */
  tokens_a_minute: number | null;
  cost_nano_usd: number;
  unpriced_calls: number;
  input_tokens: number;
  output_tokens: number;
}

/** Edits in one format, and how many of them found their place. */
export interface EditRecord {
  format: string;
  tried: number;
  good: number;
}

/** Which model a request of usual size would go to now, and why. `model` is empty when there is none. */
export interface ChoiceInfo {
  role: "plan" | "code" | "critique" | "quick";
  model: string;
  endpoint: string;
  reason: string;
}

/** An endpoint to be looked at before it is added. Without a key, the one kept or offered under the name counts. */
export interface CheckEndpointParams {
  name?: string;
  base_url: string;
  models?: string[];
  key?: string | null;
}

/** `trouble` is empty when the endpoint can be used. */
export interface CheckEndpointResult {
  trouble: "" | "address" | "timeout" | "certificate" | "key" | "protocol" | "model" | "server";
  problem: string;
  remedy: string;
  /** What it serves, as far as it says so. */
  models: string[];
}

/** `name` is a vendor (`anthropic`, `openai`, `gemini`) or the name of an endpoint of the user's own. */
export interface KeepKeyParams {
  name: string;
  value: string;
}

/** `memory`: there is no usable keyring, so that the key is gone when the hub ends; `reason` says why. */
export interface KeptKey {
  kept_in: "keyring" | "memory";
  reason: string;
}

export interface KeyNameParams {
  name: string;
}

export interface UsageParams {
  by?: "day" | "model" | "role" | "key" | "workspace" | "session" | "request";
  /** Today (UTC) and the days before it. */
  days?: number;
  /** Only of this session; needed for `request`. */
  session_id?: string;
}

/** Requests in the order in which they were made. */
export interface UsageResult {
  lines: UsageLine[];
  total: UsageFigures;
  /** Older requests that are in the total only. */
  left_out: number;
}

/** `title` is for people where `name` is an id; empty `name` or `deleted/…`: of sessions that were deleted. */
export interface UsageLine {
  name: string;
  title: string;
  figures: UsageFigures;
  /** When a request was made, in milliseconds since 1970. */
  at: number;
  role: string;
  model: string;
}

export interface UsageFigures {
  calls: number;
  failed_calls: number;
  input_tokens: number;
  output_tokens: number;
  /** Of the input tokens, those read from the vendor's cache. */
  cached_tokens: number;
  /** Of the output tokens, those that are not shown. */
  reasoning_tokens: number;
  cost_nano_usd: number;
  /** Calls whose price is not known; the cost is without them. */
  unpriced_calls: number;
}

/** Whose rules: a session's with its workspace's, or those of the workspace with these folders. */
export interface RulesOf {
  session_id?: string;
  /** Absolute paths; used without a session. */
  folders?: string[];
}

/** Deny wins; else the session's rules count before the workspace's, and asking before allowing. */
export interface RulesResult {
  session: RuleInfo[];
  workspace: RuleInfo[];
}

export interface RuleInfo {
  id: string;
  effect: "allow" | "ask" | "deny";
  program: string;
  words: string[];
  paths: string[];
  network: string[];
  /** The rule in words, without its effect. */
  text: string;
}

/** Patterns are matched with the command as it was parsed, never with its text: `*`, `?` and `[…]` in each part. */
export interface AddRuleParams {
  session_id?: string;
  /** Absolute paths; used without a session. */
  folders?: string[];
  scope: "session" | "workspace";
  effect: "allow" | "ask" | "deny";
  /** A name, or a path; `*` is every one. */
  program: string;
  /** The first words after the program. */
  words?: string[];
  /** Of files that it touches; an allowing rule wants all of them to fit, the others one. */
  paths?: string[];
  /** Hosts that it may reach, when allowed. */
  network?: string[];
}

export interface RemoveRuleParams {
  session_id?: string;
  /** Absolute paths; used without a session. */
  folders?: string[];
  rule_id: string;
}

export type UsersParams = Record<string, never>;

export interface UsersResult {
  users: UserLine[];
}

export interface UserLine {
  name: string;
  role: "viewer" | "reviewer" | "owner";
  /** Others whose sessions this user sees as well; `local`: the machine's own. */
  sees: string[];
  /** Whether there is a password to sign in with. */
  password: boolean;
  /** What the identity provider calls this user; empty when that is not used. */
  identity: string;
}

/** A user who is there already is replaced, and signed out everywhere. */
export interface AddUserParams {
  name: string;
  role: "viewer" | "reviewer" | "owner";
  password?: string | null;
  /** The provider's `sub`, or a verified `email`. */
  identity?: string;
  sees?: string[];
}

export interface UserRoleParams {
  name: string;
  role: "viewer" | "reviewer" | "owner";
  /** Left out: as before. */
  sees?: string[] | null;
}

export interface UserParams {
  name: string;
}

export interface MonitorParams {
  /** How far back; what is older is forgotten. */
  minutes?: number;
}

export interface MonitorResult {
  started_at: number;
  interval_ms: number;
  processors: number;
  memory_bytes: number;
  disk_bytes: number;
  /** The oldest first. */
  samples: MonitorSample[];
  runners: RunnerLoad[];
}

/**
 * One interval. Shares of processors are in thousandths: of one processor, for the machine of all together.
 *
 * Times are of what ended in the interval: the middle one and the one that one in a hundred is above, None when
 * nothing did.
 */
export interface MonitorSample {
  at: number;
  hub_cpu: number;
  hub_memory_bytes: number;
  /** Of all runners. */
  runner_cpu: number;
  runner_memory_bytes: number;
  /** That run in sandboxes, one second and longer. */
  commands: number;
  command_cpu: number;
  command_memory_bytes: number;
  /** In the interval. */
  command_written_bytes: number;
  machine_cpu: number;
  machine_memory_bytes: number;
  /** Where the state folder lies. */
  disk_free_bytes: number;
  /** Written to sessions' logs in the interval. */
  events: number;
  /** Of methods, by clients. */
  calls: number;
  /** That ended in an error which is not the caller's. */
  failed_calls: number;
  model_calls: number;
  failed_model_calls: number;
  tool_calls: number;
  failed_tool_calls: number;
  /** Sessions with work that wait for a runner. */
  queue: number;
  /** Sessions that a runner holds. */
  working: number;
  clients: number;
  call_us: number | null;
  call_99_us: number | null;
  /** Until events were durable. */
  write_us: number | null;
  write_99_us: number | null;
  first_token_ms: number | null;
  model_ms: number | null;
}

/** `known` is false for a runner of a version that does not tell. */
export interface RunnerLoad {
  runner_id: string;
  pid: number;
  known: boolean;
  cpu: number;
  memory_bytes: number;
  sessions: number;
  capacity: number;
  commands: number;
  disk_bytes: number;
  disk_free_bytes: number;
}

export interface LogParams {
  process?: "hub" | "runner";
  /** This one and what is worse. */
  level?: "info" | "warning" | "error";
  /** Or a session's id. */
  correlation_id?: string;
  /** Text in the line, in any case. */
  words?: string;
  cursor?: string | null;
  limit?: number;
}

/** The newest first. `cursor` is None at the beginning of what is kept; a page may be empty before it is. */
export interface LogResult {
  lines: LogLine[];
  cursor: string | null;
  /** Where the files lie on the hub's machine. */
  folder: string;
}

export interface LogLine {
  /** ISO 8601, UTC. */
  at: string;
  level: string;
  event: string;
  correlation_id: string;
  session_id: string;
  /** The other fields, as `name=value`; long ones are cut. Known secrets are struck out. */
  text: string;
  /** Where it happened, of a failure that nobody foresaw. */
  trace: string;
}

export type SettingsOf = Record<string, never>;

export interface SettingsInfo {
  /** The user's file, whether it is there or not. */
  path: string;
  settings: SettingInfo[];
  /** What in the file does not count, in words. */
  trouble: string[];
}

/** `usual` and `usual_words` say what holds without a value. `problem`: why what is set does not count. */
export interface SettingInfo {
  name: string;
  /** The environment variable, which wins over the file. */
  variable: string;
  group: "sandbox" | "work" | "models" | "limits" | "web";
  control: "choice" | "number" | "switch" | "text";
  choices: string[];
  smallest: number | null;
  largest: number | null;
  usual: string;
  usual_words: string;
  /** What is in force. */
  value: string;
  origin: "usual" | "file" | "environment";
  in_file: string;
  /** The file says something that counts from the next start only. */
  waits: boolean;
  counts: "at_once" | "next_runner" | "next_hub";
  problem: string;
}

/** An empty value takes the line out of the file. */
export interface WriteSettingParams {
  name: string;
  value: string;
}

export type SandboxParams = Record<string, never>;

/** What commands run in now. `reason` says why that one, or why none can be. */
export interface SandboxResult {
  usable: boolean;
  engine: string;
  version: string;
  reason: string;
  remedy: string;
  confines: boolean;
  /** What holds each limit here, in sentences. */
  limits: string[];
}

export type SpendingParams = Record<string, never>;

export interface SpendingResult {
  lines: SpentLine[];
}

/** `limit_nano_usd` is None without a limit. Days and months are in UTC; a key's is of this month. */
export interface SpentLine {
  scope: "day" | "month" | "key";
  label: string;
  /** What is reserved for calls under way is in it. */
  spent_nano_usd: number;
  limit_nano_usd: number | null;
}

export interface AnalyticsParams {
  /** Today (UTC) and the days before it. */
  days?: number;
}

export interface AnalyticsResult {
  lines: AnalyticsLine[];
  outcomes: OutcomeLine[];
  /** Sessions beyond the newest 5,000, which outcomes do not count. */
  sessions_left_out: number;
  /** So many tasks of either model are compared; fewer say nothing. */
  enough_tasks: number;
  enough_sessions: number;
  /** The largest first. */
  model_savings: ModelSaving[];
  limit_saving: LimitSaving | null;
  not_compared: NotCompared[];
}

/**
 * `name` is a day, a model, a role or a workspace's id; `title` is for people where the name is an id.
 *
 * Of a coder `tasks` are the tasks that ended, of a planner plans that were decided, of a critic reviews.
 */
export interface AnalyticsLine {
  by: "day" | "model" | "role" | "workspace";
  name: string;
  title: string;
  calls: number;
  failed_calls: number;
  tokens: number;
  model_ms: number;
  tool_ms: number;
  tasks: number;
  good_tasks: number;
  gates: number;
  passed_gates: number;
  cost_nano_usd: number;
  /** Calls whose price is not known; the cost is without them. */
  unpriced_calls: number;
}

/** Sessions that were touched in these days, by how they stand now. */
export interface OutcomeLine {
  status: string;
  sessions: number;
  cost_nano_usd: number;
}

/** The same tasks by the other model at its cost for each: `tasks` × (`task_nano_usd` − `other_task_nano_usd`). */
export interface ModelSaving {
  role: "plan" | "code" | "critique" | "quick";
  model: string;
  tasks: number;
  good_tasks: number;
  task_nano_usd: number;
  other: string;
  other_tasks: number;
  other_good_tasks: number;
  other_task_nano_usd: number;
  saving_nano_usd: number;
}

/**
 * With a budget of `limit_nano_usd` for each session, the most that one with a proposal cost, those that came to
 * nothing would have ended there: what they cost above it, in sum.
 */
export interface LimitSaving {
  limit_nano_usd: number;
  good_sessions: number;
  lost_sessions: number;
  /** How many of the lost ones went above it. */
  over_limit: number;
  saving_nano_usd: number;
}

/** `reason`: `few` tasks, or calls without a known price (`unpriced`), or nothing to compare it with (`alone`). */
export interface NotCompared {
  role: "plan" | "code" | "critique" | "quick";
  model: string;
  tasks: number;
  reason: "few" | "unpriced" | "alone";
}

/** Everything that the client holds, in place of what it said before. */
export interface HeldParams {
  /** The client's own name for itself, the same after a reconnect. */
  holder: string;
  /** What the editor can do to a file that it holds. */
  operations: ("create" | "rename" | "delete")[];
  /** It answers `buffers/diagnostics`. */
  diagnostics?: boolean;
  /** It creates files with their text and deletes files not held, in edits that it can undo. */
  undoable_files?: boolean;
  documents: HeldDocument[];
}

/** An open document. `dirty`: it was changed in the editor since it was last like the file. */
export interface HeldDocument {
  path: string;
  version: number;
  dirty: boolean;
  sha256: string;
}

export interface ObservedParams {
  documents: ObservedDocument[];
}

/** `closed` says nothing of the text. */
export interface ObservedDocument {
  path: string;
  happened: "opened" | "changed" | "saved" | "closed";
  version: number;
  dirty: boolean;
  sha256: string | null;
}

export interface MapParams {
  folders: string[];
  /** What the map is for: a request, a question. */
  words?: string;
  /** Files that are open, just changed, or have diagnostics. */
  focus?: FocusFile[];
  tokens?: number;
}

export interface FocusFile {
  path: string;
  /** Per cent. */
  weight?: number;
}

/** `tokens` is an estimate on the high side; `truncated`: there are more files than the index takes. */
export interface MapResult {
  text: string;
  tokens: number;
  files: number;
  indexed_files: number;
  skipped: SkippedFiles[];
  truncated: boolean;
  notices: string[];
}

export interface SkippedFiles {
  reason: string;
  files: number;
}

export interface SymbolsParams {
  folders: string[];
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
  query: string;
}

export interface SymbolsResult {
  symbols: SymbolLine[];
  total: number;
  cursor: string | null;
}

export interface UsesParams {
  folders: string[];
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
  kind: "calls" | "references" | "imports";
  /** A name; for `imports` a file or a module. */
  name: string;
}

/** `cut` names the bound that ended the search early, if one did. */
export interface UsesResult {
  uses: UseLine[];
  total: number;
  cursor: string | null;
  cut: string;
}

export interface UseLine {
  path: string;
  line: number;
  text: string;
  within: string;
}

/** A place or a text. */
export interface SimilarParams {
  folders: string[];
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
  path?: string;
  line?: number;
  text?: string;
}

export interface StructureParams {
  folders: string[];
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
  language: string;
  /** A tree-sitter query with a capture. */
  query: string;
  glob?: string;
}

/** `regex` is Rust's syntax; a pattern matches within one line. */
export interface SearchParams {
  folders: string[];
  pattern: string;
  regex?: boolean;
  ignore_case?: boolean;
  /** Only files whose path fits. */
  glob?: string | null;
  /** Lines around each match. */
  context?: number;
  /** Also what .gitignore leaves out. */
  include_ignored?: boolean;
  /** Matching lines of one page. */
  limit?: number;
  /** From the page before. */
  cursor?: string | null;
}

/** `total` counts matching lines, `files` the files that have any; `ended` says what ended the search early. */
export interface SearchResult {
  found: FoundFile[];
  total: number;
  files: number;
  ended: string;
  cursor: string | null;
}

export interface FoundFile {
  path: string;
  lines: FoundLine[];
}

/** `match` False: a line around one that matches. */
export interface FoundLine {
  line: number;
  text: string;
  match: boolean;
}

export interface FactsParams {
  folders: string[];
}

export interface FactsResult {
  folders: FolderFacts[];
}

/** What one folder's own files say; every source is a path in it. `rules` are files, not their text. */
export interface FolderFacts {
  folder: string;
  languages: LanguageFact[];
  frameworks: FrameworkFact[];
  managers: ManagerFact[];
  commands: CommandFact[];
  entries: EntryFact[];
  packages: PackageFact[];
  rules: string[];
  styles: StyleFact[];
}

export interface LanguageFact {
  name: string;
  files: number;
}

export interface FrameworkFact {
  name: string;
  source: string;
  hint: string;
}

/** `lock` is empty without a lock file; `add` says how a dependency is added. */
export interface ManagerFact {
  name: string;
  source: string;
  lock: string;
  add: string;
}

export interface CommandFact {
  purpose: "tests" | "lint" | "format" | "types" | "build";
  command: string;
  source: string;
}

export interface EntryFact {
  name: string;
  target: string;
  source: string;
}

export interface PackageFact {
  folder: string;
  name: string;
  source: string;
}

/** A section of .editorconfig. */
export interface StyleFact {
  pattern: string;
  settings: StyleSetting[];
  source: string;
}

export interface StyleSetting {
  name: string;
  value: string;
}

/** Lines in place of those held. A session is told of at most twice a second. */
export interface SessionsChanged {
  sessions: SessionLine[];
  removed: string[];
}

/** What was changed, by this client or another: ask for it again. */
export interface HubChanged {
  what: "models" | "rules" | "preferences";
}

/** A page of a document's text, from `offset` on. */
export interface ReadParams {
  path: string;
  offset: number;
  limit: number;
}

/** `held` false: the document is not open. `sha256` is that of the whole text: pages of one hash belong together. */
export interface ReadResult {
  held: boolean;
  version: number;
  sha256: string | null;
  text: string;
  /** Of the whole text. */
  length: number;
}

/** One undoable edit. What is not begun within `seconds` must not be begun any more. */
export interface ApplyBuffersParams {
  apply_id: string;
  label: string;
  seconds: number;
  changes: BufferChange[];
}

/**
 * What is to happen to one document, if its text still has the hash `before`.
 *
 * `edit` replaces text; `delete` takes the file away; `rename` moves it to `new_path` and then replaces text; `create`
 * makes a file of the text in `edits`. Without a file there is no hash.
 */
export interface BufferChange {
  path: string;
  action: "edit" | "delete" | "rename" | "create";
  new_path: string;
  before: string;
  after: string;
  edits: TextReplacement[];
  /** It is about a file that is not open, and hashes are of its bytes. Only asked of who says `undoable_files`. */
  on_disk: boolean;
}

/** `text` in place of what stands from `start` to before `end`, counted in the text before the change. */
export interface TextReplacement {
  start: number;
  end: number;
  text: string;
}

export interface ApplyBuffersResult {
  outcomes: BufferOutcome[];
}

/**
 * `seen`: the document was seen to have the hash `after`. `moved`: it had another text, or the editor's version had
 * gone on; nothing was done. `refused`: the editor would not. `unseen`: the editor agreed, but the text never came.
 */
export interface BufferOutcome {
  path: string;
  state: "seen" | "moved" | "refused" | "unseen";
  sha256: string | null;
  reason: string;
}

/** `paths` are folders, or one file. */
export interface DiagnosticsParams {
  paths: string[];
}

/** `stale` are documents whose diagnostics speak of another version than the one that is open now. */
export interface DiagnosticsResult {
  documents: DiagnosedDocument[];
  stale: string[];
  /** Documents that were left out, because there were too many. */
  more: number;
}

/**
 * `sha256` and `dirty` are those of the open document that the diagnostics speak of; of a file that is not open
 * there is no hash. `more` were left out, because there were too many.
 */
export interface DiagnosedDocument {
  path: string;
  dirty: boolean;
  sha256: string | null;
  diagnostics: ShownDiagnostic[];
  more: number;
}

/** Lines count from 1. */
export interface ShownDiagnostic {
  line: number;
  end_line: number;
  severity: "error" | "warning" | "information" | "hint";
  code: string;
  source: string;
  message: string;
}

/** `id` missing makes it a notification, which has no answer. */
export interface Request {
  jsonrpc: "2.0";
  method: string;
  params?: { [name: string]: JsonValue };
  id?: number | string | null;
}

/** What the hub sends unasked. */
export interface Notification {
  jsonrpc: "2.0";
  method: string;
  params: { [name: string]: JsonValue };
}

export interface Response {
  jsonrpc: "2.0";
  id: number | string;
  result: JsonValue;
}

/** `id` is None when the request could not be read so far. */
export interface ErrorResponse {
  jsonrpc: "2.0";
  id: number | string | null;
  error: ErrorBody;
}

export interface ErrorBody {
  code: number;
  message: string;
  data: ErrorData;
}

/** `correlation_id` finds the case in the logs. */
export interface ErrorData {
  code: string;
  remedy: string;
  correlation_id: string;
}

/** What the hub asks of a client. Its ids are its own, apart from those of the client's calls. */
export interface HubRequest {
  jsonrpc: "2.0";
  id: string;
  method: string;
  params: { [name: string]: JsonValue };
}

/** A client's answer to a `HubRequest`: a result, or an error. */
export interface Reply {
  jsonrpc: "2.0";
  id: string;
  result?: JsonValue;
  error?: ReplyError | null;
}

export interface ReplyError {
  code: number;
  message: string;
  data?: JsonValue;
}

/** Every method of the hub with what it takes and gives. */
export interface Methods {
  /** Signs a connection in. */
  "hello": { params: HelloParams; result: HelloResult };
  /** What runs, and how it is. */
  "hub/status": { params: StatusParams; result: StatusResult };
  /** Stops the hub and its runner; sessions go on at the next start. */
  "hub/stop": { params: StopParams; result: StopResult };
  /** An address that signs a browser in, once and soon. */
  "web/open": { params: OpenParams; result: OpenResult };
  /** Hands keys over, kept in memory only. */
  "credentials/offer": { params: OfferCredentialsParams; result: OfferCredentialsResult };
  /** A page of a long text. */
  "document/read": { params: DocumentParams; result: DocumentResult };
  /** Starts a session on one or more folders. */
  "session/start": { params: StartParams; result: SessionRef };
  /** Sessions, newest first. */
  "session/list": { params: ListParams; result: ListResult };
  /** Subscribes to a session, from where the client left off. */
  "session/attach": { params: AttachParams; result: AttachResult };
  /** Ends the subscription. */
  "session/detach": { params: SessionRef; result: Empty };
  /** Says something to the agent, also after the proposal. */
  "session/message": { params: MessageParams; result: Empty };
  /** Stops the work at once; nothing is lost. */
  "session/cancel": { params: SessionRef; result: Empty };
  /** Lets a stopped or cancelled session go on. */
  "session/resume": { params: ResumeParams; result: Empty };
  /** A new session from a state of this one. */
  "session/fork": { params: ForkParams; result: SessionRef };
  /** Deletes a session that is over, with its log and snapshots. It cannot be undone; files are not touched. */
  "session/delete": { params: SessionRef; result: Empty };
  /** Takes the draft back to a checkpoint. */
  "session/restore": { params: RestoreParams; result: Empty };
  /** The session's events. */
  "session/export": { params: ExportParams; result: ExportResult };
  /** Older steps, by page. */
  "steps/list": { params: StepsParams; result: StepsResult };
  /** One entity as it is now. */
  "entity/get": { params: EntityParams; result: EntityResult };
  /** Answers a question, once. */
  "decision/answer": { params: AnswerParams; result: Empty };
  /** The plan as text that can be edited. */
  "plan/read": { params: SessionRef; result: PlanText };
  /** Puts an edited plan in place of the one that waits for approval, and approves it. */
  "plan/edit": { params: EditPlanParams; result: EditPlanResult };
  /** From now on this connection is told of changes in the list of sessions and in what all sessions share. */
  "hub/watch": { params: WatchParams; result: Empty };
  /** What the user prefers of the screens. */
  "preferences/read": { params: PreferencesParams; result: PreferencesResult };
  /** Keeps one preference; every client of the user is told. */
  "preferences/set": { params: PreferenceParams; result: PreferencesResult };
  /** Steps that have some words in them, newest first. */
  "steps/search": { params: SearchStepsParams; result: SearchStepsResult };
  /** What restoring a checkpoint would change in the draft. */
  "checkpoint/preview": { params: CheckpointParams; result: CheckpointPreview };
  /** Files of folders whose path fits some letters, the best first. */
  "code/files": { params: FindFilesParams; result: FindFilesResult };
  /** Hunks with their text. */
  "proposal/hunks": { params: HunkTextsParams; result: HunkTextsResult };
  /** Changes what a hunk would write; the evidence is then older than the proposal, and that is said. */
  "proposal/edit": { params: EditParams; result: EditResult };
  /** Accepts hunks and writes them to the user's files. */
  "proposal/accept": { params: HunksParams; result: DecideResult };
  /** Rejects hunks. */
  "proposal/reject": { params: HunksParams; result: DecideResult };
  /** Undoes an apply; later edits of the user stay. */
  "proposal/undo": { params: UndoParams; result: DecideResult };
  /** One side of a file. */
  "file/read": { params: FileParams; result: FileResult };
  /** A file whose hunks are in conflict, as three texts side by side. */
  "proposal/conflict": { params: ConflictParams; result: ConflictResult };
  /** What stands in one folder of the session's workspace, of its base or of its draft. */
  "folder/list": { params: FolderParams; result: FolderResult };
  /** Writes a file that the user edited, if it still is what was edited. */
  "file/save": { params: SaveParams; result: SaveResult };
  /** What a file defines, by line. */
  "file/symbols": { params: FileSymbolsParams; result: FileSymbolsResult };
  /** Where the user's repository stands, and what changed since the last commit. */
  "git/state": { params: GitRoot; result: GitStateResult };
  /** Commits, newest first. */
  "git/log": { params: GitLogParams; result: GitLogResult };
  /** A commit with its message and the files that it changed. */
  "git/commit": { params: GitCommitParams; result: GitCommitResult };
  /** A file as a commit has it. */
  "git/read": { params: GitReadParams; result: FileResult };
  /** Templates of projects. */
  "project/templates": { params: TemplatesParams; result: TemplatesResult };
  /** Makes a project from a template in an empty folder. */
  "project/create": { params: CreateParams; result: CreateResult };
  /** What the user decided about models. */
  "models/settings": { params: SettingsParams; result: ModelSettingsResult };
  /** Adds an OpenAI-compatible endpoint, or changes the one of that name. */
  "models/endpoint": { params: EndpointInfo; result: ModelSettingsResult };
  /** Forgets an endpoint. */
  "models/forget": { params: EndpointName; result: ModelSettingsResult };
  /** Lays the user's facts of a model over what is known of it. */
  "models/facts": { params: SetFactsParams; result: ModelSettingsResult };
  /** Sets which models take a role, and in which order they stand in for each other. */
  "models/order": { params: SetOrderParams; result: ModelSettingsResult };
  /** Sets what counts when a model is chosen by itself. */
  "models/prefer": { params: SetPreferenceParams; result: ModelSettingsResult };
  /** Pins a model to one version of it, or takes that back. */
  "models/pin": { params: PinParams; result: ModelSettingsResult };
  /** Sets what may be spent in a day, in a month or with a key. */
  "models/limit": { params: SetLimitParams; result: ModelSettingsResult };
  /** Takes the last pin of a model back. */
  "models/unpin": { params: UnpinParams; result: ModelSettingsResult };
  /** The models that can be used, with facts, prices, health and record, and which of them each role would get. */
  "models/list": { params: ModelsParams; result: ModelsResult };
  /** Looks whether an endpoint can be used, and what it serves. Changes nothing. */
  "models/check": { params: CheckEndpointParams; result: CheckEndpointResult };
  /** Puts a key into the system's keyring. */
  "credentials/keep": { params: KeepKeyParams; result: KeptKey };
  /** Takes a key out of the system's keyring. */
  "credentials/drop": { params: KeyNameParams; result: KeptKey };
  /** Tokens and money by day, model, role, key, workspace or session. */
  "usage/read": { params: UsageParams; result: UsageResult };
  /** The rules on commands of a session and its workspace. */
  "rules/list": { params: RulesOf; result: RulesResult };
  /** Adds a rule; sessions at work act on it from their next command on. */
  "rules/add": { params: AddRuleParams; result: RulesResult };
  /** Removes a rule. */
  "rules/remove": { params: RemoveRuleParams; result: RulesResult };
  /** Who may come in by name. */
  "users/list": { params: UsersParams; result: UsersResult };
  /** Lets somebody in by name, with a password or by the identity provider. */
  "users/add": { params: AddUserParams; result: UsersResult };
  /** Changes what a user may do and see; the user signs in anew. */
  "users/role": { params: UserRoleParams; result: UsersResult };
  /** Lets a user in no longer, from this moment; sessions stay. */
  "users/remove": { params: UserParams; result: UsersResult };
  /** What hub, runners, sandboxes and machine used over the last minutes, and how quick and how good they were. */
  "monitor/read": { params: MonitorParams; result: MonitorResult };
  /** Lines of a log, the newest first; known secrets are struck out. */
  "logs/read": { params: LogParams; result: LogResult };
  /** The settings of hub and runner, each with what is in force and where that comes from. */
  "settings/read": { params: SettingsOf; result: SettingsInfo };
  /** Sets one line of the user's settings file. */
  "settings/write": { params: WriteSettingParams; result: SettingsInfo };
  /** What commands run in now, and why. */
  "sandbox/read": { params: SandboxParams; result: SandboxResult };
  /** What all sessions together spent today, this month and with each key, against the limits. */
  "spending/read": { params: SpendingParams; result: SpendingResult };
  /** Time, success and cost by day, model, role and workspace, and what would have cost less. */
  "analytics/read": { params: AnalyticsParams; result: AnalyticsResult };
  /** Says which documents an editor holds: accepted hunks of their files go to the editor. */
  "buffers/held": { params: HeldParams; result: Empty };
  /** Says what happened to documents that an editor holds or held. */
  "buffers/observed": { params: ObservedParams; result: Empty };
  /** What matters most in folders of code for some words, within a budget of tokens. */
  "code/map": { params: MapParams; result: MapResult };
  /** Definitions whose names fit, the best first. */
  "code/symbols": { params: SymbolsParams; result: SymbolsResult };
  /** Where a name is called or used, or a file or module imported. */
  "code/uses": { params: UsesParams; result: UsesResult };
  /** Definitions that use what a place or a text uses. */
  "code/similar": { params: SimilarParams; result: SymbolsResult };
  /** Where a tree-sitter query matches. */
  "code/structure": { params: StructureParams; result: UsesResult };
  /** Text in files: files with a definition of the searched word first, then by path. */
  "code/search": { params: SearchParams; result: SearchResult };
  /** What the folders' own files say: languages, frameworks, commands, packages, rules, each with its file. */
  "code/facts": { params: FactsParams; result: FactsResult };
}

export const METHOD_NAMES: readonly (keyof Methods)[] = [
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
];

/** What the hub sends unasked. */
export interface Notifications {
  /** What changed in a session that the client is attached to. */
  "session/update": Update;
  /** Sent in place of updates when the client fell too far behind. */
  "session/snapshot": Snapshot;
  /** Lines of the list that changed, to who called `hub/watch`. */
  "sessions/changed": SessionsChanged;
  /** What all sessions share was changed, to who called `hub/watch`. */
  "hub/changed": HubChanged;
}
