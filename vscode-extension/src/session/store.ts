// What a client holds of one session, and the rules by which updates change it. No I/O, and no opinion on what the
// entities mean. The extension and its session view run the same code; the history stays on the server.

import type { AnyEntity, Appended, EntityKind, Snapshot, StepEntity, Update } from "../protocol/messages";

/** As many of the last steps as a snapshot has; older ones come by page. */
export const STEPS_HELD = 100;

const STANDING: ReadonlySet<string> = new Set(["accepted", "in_buffer", "on_disk"]);

export type EntityOf<K extends EntityKind> = Extract<AnyEntity, { kind: K }>;

/** `wanted` are steps whose text no longer fits: ask for them with `entity/get`. */
export interface Change {
  entities: AnyEntity[];
  wanted: string[];
  appended: boolean;
}

export class SessionStore {
  readonly sessionId: string;
  epoch: string | null = null;
  seq: number | null = null;
  moreSteps = false;
  private readonly held = new Map<string, AnyEntity>();

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  /** Hold what the snapshot holds and nothing else. */
  replace(snapshot: Snapshot): void {
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    this.moreSteps = snapshot.more_steps;
    this.held.clear();
    for (const entity of snapshot.entities) this.held.set(keyOf(entity.kind, entity.id), entity);
    this.dropOldSteps();
  }

  /** `gap`: something is missing, attach again; `known`: it was applied before. */
  apply(update: Update): Change | "gap" | "known" {
    if (update.epoch !== this.epoch || this.seq === null) return "gap";
    if (update.seq <= this.seq) return "known";
    if (update.seq !== this.seq + 1) return "gap";
    this.seq = update.seq;
    const entities = update.entities.filter((entity) => this.put(entity));
    for (const removed of update.removed) this.held.delete(keyOf(removed.kind, removed.id));
    const outcomes = update.appends.map((piece) => ({ id: piece.entity_id, outcome: this.append(piece) }));
    const wanted = new Set(outcomes.filter((one) => one.outcome === "misfit").map((one) => one.id));
    return { entities, wanted: [...wanted], appended: outcomes.some((one) => one.outcome === "added") };
  }

  /** Hold the entity unless a newer version is held; false when nothing changed. */
  put(entity: AnyEntity): boolean {
    const key = keyOf(entity.kind, entity.id);
    const held = this.held.get(key);
    if (held === undefined && entity.kind === "step" && this.isTooOld(entity)) return false;
    if (held !== undefined && held.version > entity.version) return false;
    this.held.set(key, entity);
    if (entity.kind === "step" && held === undefined) this.dropOldSteps();
    return true;
  }

  get<K extends EntityKind>(kind: K, id: string): EntityOf<K> | undefined {
    return this.held.get(keyOf(kind, id)) as EntityOf<K> | undefined;
  }

  /** All entities of a kind in their order. */
  all<K extends EntityKind>(kind: K): EntityOf<K>[] {
    const found = [...this.held.values()].filter((entity): entity is EntityOf<K> => entity.kind === kind);
    return found.sort((one, other) => ordinalOf(one) - ordinalOf(other) || (one.id < other.id ? -1 : 1));
  }

  get session(): EntityOf<"session"> | undefined {
    return this.get("session", this.sessionId);
  }

  get usage(): EntityOf<"usage"> | undefined {
    return this.all("usage")[0];
  }

  /** Whether something that was accepted still stands. */
  get undoable(): boolean {
    const done = this.all("apply").filter((apply) => apply.state === "done" && apply.undoes === null);
    const stands = (id: string): boolean => STANDING.has(this.get("hunk", id)?.status ?? "");
    return done.some((apply) => apply.hunks.some(stands));
  }

  /** The same state as a snapshot, for a view that opens now. */
  snapshot(): Snapshot | undefined {
    if (this.epoch === null || this.seq === null) return undefined;
    return {
      session_id: this.sessionId,
      epoch: this.epoch,
      seq: this.seq,
      entities: [...this.held.values()],
      more_steps: this.moreSteps,
    };
  }

  private append(piece: Appended): "added" | "nothing" | "misfit" {
    const step = this.get("step", piece.entity_id);
    if (step === undefined) return "nothing";
    const text = step[piece.field];
    if (piece.offset === text.length) {
      this.held.set(keyOf("step", step.id), { ...step, [piece.field]: text + piece.text });
      return "added";
    }
    // After `entity/get` the text may already hold what was still under way.
    return text.slice(piece.offset).startsWith(piece.text) ? "nothing" : "misfit";
  }

  private isTooOld(step: StepEntity): boolean {
    const oldest = Math.min(...this.all("step").map((one) => one.ordinal));
    return this.moreSteps && step.ordinal < oldest;
  }

  private dropOldSteps(): void {
    const steps = this.all("step");
    for (const step of steps.slice(0, Math.max(0, steps.length - STEPS_HELD))) {
      this.held.delete(keyOf("step", step.id));
      this.moreSteps = true;
    }
  }
}

function keyOf(kind: EntityKind, id: string): string {
  return `${kind}\0${id}`;
}

function ordinalOf(entity: AnyEntity): number {
  return "ordinal" in entity ? entity.ordinal : 0;
}
