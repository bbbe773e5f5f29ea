// The sessions that this window follows: the one that is shown, and those it began that still work. Each is attached
// at the hub and mends itself after a gap, a lost connection or a restart of the hub.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import type { DecisionEntity, Snapshot, StepEntity, Update } from "../protocol/messages";
import { SessionStore } from "./store";

const MOST_FOLLOWED = 8;
const SHOWN_KEY = "draftsmith.shown";

export type SessionEvent =
  | { kind: "shown"; store: SessionStore | undefined }
  | { kind: "snapshot"; store: SessionStore }
  | { kind: "update"; store: SessionStore; update: Update }
  | { kind: "step"; store: SessionStore; step: StepEntity };

export class Sessions implements vscode.Disposable {
  private readonly followed = new Map<string, SessionStore>();
  private readonly attaching = new Map<string, Promise<void>>();
  private readonly events = new vscode.EventEmitter<SessionEvent>();
  private readonly asked = new vscode.EventEmitter<{ store: SessionStore; decision: DecisionEntity }>();
  private readonly subscriptions: vscode.Disposable[];
  private shownId: string | undefined;

  readonly onEvent = this.events.event;
  /** A question that was not open before. */
  readonly onQuestion = this.asked.event;

  constructor(
    private readonly edge: Edge,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.shownId = memory.get<string>(SHOWN_KEY);
    this.subscriptions = [
      edge.onUpdate((update) => this.take(update)),
      edge.onSnapshot((snapshot) => this.replace(snapshot)),
      edge.onConnection(({ state }) => {
        if (state === "connected") void this.attachAll();
      }),
      edge.onSessionStarted((sessionId) => void this.show(sessionId)),
    ];
  }

  get shown(): SessionStore | undefined {
    return this.shownId === undefined ? undefined : this.followed.get(this.shownId);
  }

  get shownSessionId(): string | undefined {
    return this.shownId;
  }

  /** Newest use last. */
  get all(): SessionStore[] {
    return [...this.followed.values()];
  }

  /** Undefined shows the empty view, from which a new session is begun. */
  async show(sessionId: string | undefined): Promise<void> {
    this.shownId = sessionId;
    await this.memory.update(SHOWN_KEY, sessionId);
    if (sessionId !== undefined) await this.follow(sessionId);
    if (this.shownId === sessionId) this.events.fire({ kind: "shown", store: this.shown });
  }

  async follow(sessionId: string): Promise<void> {
    const held = this.followed.get(sessionId);
    this.followed.delete(sessionId);
    this.followed.set(sessionId, held ?? new SessionStore(sessionId));
    this.forgetOldest();
    if (held === undefined) await this.attach(sessionId);
  }

  /** Raises what the hub says, for example that somebody else was faster. */
  async answer(sessionId: string, decisionId: string, answer: string, text = ""): Promise<void> {
    await this.edge.call("decision/answer", { session_id: sessionId, decision_id: decisionId, answer, text });
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.events, this.asked]) one.dispose();
  }

  private async attachAll(): Promise<void> {
    if (this.shownId !== undefined && !this.followed.has(this.shownId)) {
      this.followed.set(this.shownId, new SessionStore(this.shownId));
    }
    await Promise.all([...this.followed.keys()].map((sessionId) => this.attach(sessionId)));
    this.events.fire({ kind: "shown", store: this.shown });
  }

  /** One attach of a session at a time; whoever comes meanwhile waits for it. */
  private attach(sessionId: string): Promise<void> {
    const under = this.attaching.get(sessionId);
    if (under !== undefined) return under;
    const work = this.attachNow(sessionId).finally(() => this.attaching.delete(sessionId));
    this.attaching.set(sessionId, work);
    return work;
  }

  private async attachNow(sessionId: string): Promise<void> {
    const store = this.followed.get(sessionId);
    if (store === undefined) return;
    const from = store.epoch === null ? {} : { epoch: store.epoch, seq: store.seq };
    try {
      const result = await this.edge.call("session/attach", { session_id: sessionId, ...from });
      if (result.snapshot !== null) this.replace(result.snapshot);
      for (const update of result.updates) this.take(update);
    } catch (failure) {
      this.log.warn(`session ${sessionId} was not attached: ${String(failure)}`);
      if (store.epoch === null) this.forget(sessionId);
    }
  }

  private take(update: Update): void {
    const store = this.followed.get(update.session_id);
    if (store === undefined) return;
    const open = openQuestions(store);
    const change = store.apply(update);
    if (change === "known") return;
    if (change === "gap") {
      // While an attach is under way, updates may come before its snapshot: that one closes the gap.
      if (!this.attaching.has(update.session_id)) void this.attach(update.session_id);
      return;
    }
    this.events.fire({ kind: "update", store, update });
    for (const stepId of change.wanted) void this.reread(store, stepId);
    this.tellQuestions(store, open);
  }

  private replace(snapshot: Snapshot): void {
    const store = this.followed.get(snapshot.session_id);
    if (store === undefined) return;
    const open = openQuestions(store);
    store.replace(snapshot);
    this.events.fire({ kind: "snapshot", store });
    this.tellQuestions(store, open);
  }

  private tellQuestions(store: SessionStore, before: ReadonlySet<string>): void {
    for (const decision of store.all("decision")) {
      if (decision.state === "open" && !before.has(decision.id)) this.asked.fire({ store, decision });
    }
  }

  private async reread(store: SessionStore, stepId: string): Promise<void> {
    try {
      const params = { session_id: store.sessionId, kind: "step", id: stepId } as const;
      const { entity } = await this.edge.call("entity/get", params);
      if (entity.kind !== "step" || !store.put(entity)) return;
      this.events.fire({ kind: "step", store, step: entity });
    } catch (failure) {
      this.log.warn(`step ${stepId} was not read: ${String(failure)}`);
    }
  }

  private forgetOldest(): void {
    for (const store of this.all) {
      if (this.followed.size <= MOST_FOLLOWED) return;
      if (store.sessionId !== this.shownId) this.forget(store.sessionId);
    }
  }

  private forget(sessionId: string): void {
    this.followed.delete(sessionId);
    if (this.edge.connection.state === "connected") {
      void this.edge.call("session/detach", { session_id: sessionId }).catch(() => undefined);
    }
  }
}

function openQuestions(store: SessionStore): ReadonlySet<string> {
  const open = store.all("decision").filter((decision) => decision.state === "open");
  return new Set(open.map((decision) => decision.id));
}
