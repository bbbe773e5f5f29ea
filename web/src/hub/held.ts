// What a tab holds of one session, and the rules by which updates change it. No I/O, and no opinion on what the
// entities mean. Steps are apart: there may be very many, and only those that were looked at are held.

import type { AnyEntity, Appended, EntityKind, Snapshot, StepEntity, Update } from "./messages";
import { HeldSteps } from "./held-steps";

export type EntityOf<K extends EntityKind> = Extract<AnyEntity, { kind: K }>;
export type OtherKind = Exclude<EntityKind, "step">;

/** `wanted` are steps whose text no longer fits: ask for them with `entity/get`. */
export interface Change {
  kinds: ReadonlySet<EntityKind>;
  wanted: string[];
  gone: boolean;
}

export class HeldSession {
  epoch: string | null = null;
  seq: number | null = null;
  readonly steps = new HeldSteps();
  private readonly byKind = new Map<OtherKind, Map<string, AnyEntity>>();
  private readonly sorted = new Map<OtherKind, AnyEntity[]>();

  constructor(readonly sessionId: string) {}

  /** Hold what the snapshot holds and nothing else. */
  replace(snapshot: Snapshot): void {
    this.epoch = snapshot.epoch;
    this.seq = snapshot.seq;
    this.byKind.clear();
    this.sorted.clear();
    const steps: StepEntity[] = [];
    for (const entity of snapshot.entities) {
      if (entity.kind === "step") steps.push(entity);
      else this.kindOf(entity.kind).set(entity.id, entity);
    }
    this.steps.replace(steps, snapshot.more_steps);
  }

  /** `gap`: something is missing, attach again; `known`: it was applied before. */
  apply(update: Update): Change | "gap" | "known" {
    if (update.epoch !== this.epoch || this.seq === null) return "gap";
    if (update.seq <= this.seq) return "known";
    if (update.seq !== this.seq + 1) return "gap";
    this.seq = update.seq;
    const kinds = new Set<EntityKind>();
    for (const entity of update.entities) if (this.put(entity)) kinds.add(entity.kind);
    for (const { kind, id } of update.removed) {
      if (kind === "step") continue;
      this.kindOf(kind).delete(id);
      this.sorted.delete(kind);
      kinds.add(kind);
    }
    const wanted = new Set<string>();
    for (const piece of update.appends) {
      const outcome = this.append(piece);
      if (outcome === "misfit") wanted.add(piece.entity_id);
      if (outcome === "added") kinds.add("step");
    }
    const gone = update.removed.some(({ kind, id }) => kind === "session" && id === this.sessionId);
    return { kinds, wanted: [...wanted], gone };
  }

  /** Hold the entity unless a newer version is held; false when nothing changed. */
  put(entity: AnyEntity): boolean {
    if (entity.kind === "step") return this.steps.put(entity);
    const all = this.kindOf(entity.kind);
    const held = all.get(entity.id);
    if (held !== undefined && held.version > entity.version) return false;
    all.set(entity.id, entity);
    this.sorted.delete(entity.kind);
    return true;
  }

  get<K extends OtherKind>(kind: K, id: string): EntityOf<K> | undefined {
    return this.byKind.get(kind)?.get(id) as EntityOf<K> | undefined;
  }

  /** All entities of a kind in their order; the same array until one of them changes. */
  all<K extends OtherKind>(kind: K): readonly EntityOf<K>[] {
    let found = this.sorted.get(kind);
    if (found === undefined) {
      found = [...this.kindOf(kind).values()].sort(
        (one, other) => ordinalOf(one) - ordinalOf(other) || (one.id < other.id ? -1 : 1),
      );
      this.sorted.set(kind, found);
    }
    return found as EntityOf<K>[];
  }

  private append(piece: Appended): "added" | "nothing" | "misfit" {
    const step = this.steps.get(piece.entity_id);
    if (step === undefined) return "nothing";
    const text = step[piece.field];
    if (piece.offset === text.length) {
      this.steps.change({ ...step, [piece.field]: text + piece.text });
      return "added";
    }
    // After `entity/get` the text may already hold what was still under way.
    return text.slice(piece.offset).startsWith(piece.text) ? "nothing" : "misfit";
  }

  private kindOf(kind: OtherKind): Map<string, AnyEntity> {
    let found = this.byKind.get(kind);
    if (found === undefined) {
      found = new Map();
      this.byKind.set(kind, found);
    }
    return found;
  }
}

function ordinalOf(entity: AnyEntity): number {
  return "ordinal" in entity ? entity.ordinal : 0;
}
