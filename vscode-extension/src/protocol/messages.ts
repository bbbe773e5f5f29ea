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
  summary: string;
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

export interface SessionLine {
  session_id: string;
  workspace_id: string;
  title: string;
  status: string;
  created_at: number;
  updated_at: number;
  cost_nano_usd: number;
  version: number;
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
  limit?: number;
}

/** Ascending order. */
export interface StepsResult {
  steps: StepEntity[];
  more: boolean;
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

/** `text` is None when the file does not exist on that side or is binary. */
export interface FileResult {
  exists: boolean;
  binary: boolean;
  text: string | null;
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
  by?: "day" | "model" | "role" | "key" | "workspace" | "session";
  /** Today (UTC) and the days before it. */
  days?: number;
  /** Only of this session. */
  session_id?: string;
}

export interface UsageResult {
  lines: UsageLine[];
  total: UsageFigures;
}

/** `title` is for people where `name` is an id. */
export interface UsageLine {
  name: string;
  title: string;
  figures: UsageFigures;
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

/** Everything that the client holds, in place of what it said before. */
export interface HeldParams {
  /** The client's own name for itself, the same after a reconnect. */
  holder: string;
  /** What the editor can do to a file that it holds. */
  operations: ("create" | "rename" | "delete")[];
  /** It answers `buffers/diagnostics`. */
  diagnostics?: boolean;
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
 * `edit` replaces text; `delete` takes the file away; `rename` moves it to `new_path` and then replaces text.
 */
export interface BufferChange {
  path: string;
  action: "edit" | "delete" | "rename";
  new_path: string;
  before: string;
  after: string;
  edits: TextReplacement[];
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
  "proposal/hunks",
  "proposal/edit",
  "proposal/accept",
  "proposal/reject",
  "proposal/undo",
  "file/read",
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
}
