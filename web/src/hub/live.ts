// The sessions that this tab follows: attached once however many components look, mended after a gap, a lost
// connection or a restart of the hub, and left a while after the last one looked away.

import { connection } from "./connection";
import { asHubError, type HubError } from "./error";
import { HeldSession } from "./held";
import { STEPS_PAGE } from "./held-steps";
import type { EntityKind, Snapshot, Update } from "./messages";

const LINGER_MS = 5_000;
const AGAIN_MS = 100;

export type LiveState = "loading" | "ready" | "missing" | "failed";

export class Live {
  state: LiveState = "loading";
  error: HubError | undefined;
  readonly held: HeldSession;
  /** Grows with every change but those of steps. */
  version = 0;
  private users = 0;
  private leaving: number | undefined;
  private attaching: Promise<void> | undefined;
  private readonly pages = new Set<number>();
  private readonly watchers = new Set<() => void>();
  private readonly stepWatchers = new Set<() => void>();

  constructor(
    readonly sessionId: string,
    private readonly left: () => void,
  ) {
    this.held = new HeldSession(sessionId);
  }

  use(): () => void {
    window.clearTimeout(this.leaving);
    this.users += 1;
    if (this.users === 1 && this.attaching === undefined && this.held.epoch === null) this.attach();
    return () => {
      this.users -= 1;
      if (this.users === 0) this.leaving = window.setTimeout(() => this.leave(), LINGER_MS);
    };
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly watchSteps = (watcher: () => void): (() => void) => {
    this.stepWatchers.add(watcher);
    return () => this.stepWatchers.delete(watcher);
  };

  attach(): void {
    this.attaching ??= this.attachNow().finally(() => {
      this.attaching = undefined;
    });
  }

  take(update: Update): void {
    const change = this.held.apply(update);
    if (change === "known") return;
    if (change === "gap") {
      // While an attach is under way, updates may come before its snapshot: that one closes the gap.
      this.attach();
      return;
    }
    if (change.gone) this.become("missing");
    this.tell(change.kinds);
    for (const stepId of change.wanted) void this.reread(stepId);
  }

  replace(snapshot: Snapshot): void {
    this.held.replace(snapshot);
    this.pages.clear();
    this.become("ready");
    this.tellSteps();
    if (!this.held.steps.placed) void this.place();
  }

  /** Loads what is missing of the steps between two places. */
  ensureSteps(from: number, to: number): void {
    if (!this.held.steps.placed || connection.state.state !== "open") return;
    for (const page of this.held.steps.missing(from, to)) {
      if (!this.pages.has(page)) void this.loadPage(page, Math.round((from + to) / 2));
    }
  }

  private async attachNow(): Promise<void> {
    const { epoch, seq } = this.held;
    const from = epoch === null ? {} : { epoch, seq };
    try {
      const result = await connection.call("session/attach", { session_id: this.sessionId, ...from });
      if (result.snapshot !== null) this.replace(result.snapshot);
      else this.become("ready");
      for (const update of result.updates) this.take(update);
    } catch (failure) {
      const error = asHubError(failure);
      // Away: what is held stays on the screen, and the next connection attaches again.
      if (error.offline) return;
      this.error = error;
      this.become(error.code === "unknown_session" ? "missing" : "failed");
    }
  }

  private async place(): Promise<void> {
    try {
      const { steps, first } = await connection.call("steps/list", { session_id: this.sessionId, limit: 1 });
      const [last] = steps;
      if (last === undefined || this.held.steps.placed) return;
      if (this.held.steps.place(last.id, first)) this.tellSteps();
      else window.setTimeout(() => void this.place(), AGAIN_MS);
    } catch (failure) {
      if (!asHubError(failure).offline) window.setTimeout(() => void this.place(), 10 * AGAIN_MS);
    }
  }

  private async loadPage(page: number, around: number): Promise<void> {
    this.pages.add(page);
    const epoch = this.held.epoch;
    try {
      const params = { session_id: this.sessionId, first: page * STEPS_PAGE, limit: STEPS_PAGE };
      const result = await connection.call("steps/list", params);
      if (this.held.epoch === epoch) this.held.steps.fill(result.first, result.steps, around);
    } catch {
      // Whoever still looks there asks again with the next movement or the next connection.
    } finally {
      this.pages.delete(page);
      this.tellSteps();
    }
  }

  private async reread(stepId: string): Promise<void> {
    try {
      const { entity } = await connection.call("entity/get", {
        session_id: this.sessionId,
        kind: "step",
        id: stepId,
      });
      if (this.held.put(entity)) this.tellSteps();
    } catch {
      // The step's end comes with its whole text.
    }
  }

  private leave(): void {
    this.left();
    void connection.call("session/detach", { session_id: this.sessionId }).catch(() => undefined);
  }

  private become(state: LiveState): void {
    this.state = state;
    if (state === "ready") this.error = undefined;
    this.version += 1;
    for (const watcher of this.watchers) watcher();
  }

  private tell(kinds: ReadonlySet<EntityKind>): void {
    if (kinds.has("step")) this.tellSteps();
    if (kinds.size > (kinds.has("step") ? 1 : 0)) {
      this.version += 1;
      for (const watcher of this.watchers) watcher();
    }
  }

  private tellSteps(): void {
    for (const watcher of this.stepWatchers) watcher();
  }
}

class LiveSessions {
  private readonly followed = new Map<string, Live>();

  /** Call it once. */
  start(): void {
    connection.on("session/update", (update) => this.followed.get(update.session_id)?.take(update));
    connection.on("session/snapshot", (snapshot) => this.followed.get(snapshot.session_id)?.replace(snapshot));
    let open = false;
    connection.watch(() => {
      const now = connection.state.state === "open";
      if (now && !open) for (const live of this.followed.values()) live.attach();
      open = now;
    });
  }

  of(sessionId: string): Live {
    let live = this.followed.get(sessionId);
    if (live === undefined) {
      live = new Live(sessionId, () => this.followed.delete(sessionId));
      this.followed.set(sessionId, live);
    }
    return live;
  }
}

export const liveSessions = new LiveSessions();
