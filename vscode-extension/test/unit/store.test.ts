import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEntity, Snapshot, Update } from "../../src/protocol/messages";
import { SessionStore, STEPS_HELD } from "../../src/session/store";
import { goldenStep as step } from "./golden";

function snapshot(entities: AnyEntity[], more: Partial<Snapshot> = {}): Snapshot {
  return { session_id: "s", epoch: "e", seq: 5, entities, more_steps: false, ...more };
}

function update(seq: number, more: Partial<Update> = {}): Update {
  return { session_id: "s", epoch: "e", seq, entities: [], removed: [], appends: [], ...more };
}

function held(...entities: AnyEntity[]): SessionStore {
  const store = new SessionStore("s");
  store.replace(snapshot(entities));
  return store;
}

test("streamed text grows at its offset, counted in UTF-16 units", () => {
  const store = held(step(1, { text: "😀" }));
  const appends = [{ entity_id: "step_1", field: "text" as const, offset: 2, text: " done" }];
  assert.deepEqual(store.apply(update(6, { appends })), { entities: [], wanted: [], appended: true });
  assert.equal(store.get("step", "step_1")?.text, "😀 done");
});

test("text that does not fit its offset is asked for anew", () => {
  const store = held(step(1, { text: "abc" }));
  const change = store.apply(update(6, { appends: [{ entity_id: "step_1", field: "text", offset: 9, text: "x" }] }));
  assert.deepEqual(change, { entities: [], wanted: ["step_1"], appended: false });
});

test("text that is held already is not added twice", () => {
  const store = held(step(1, { text: "abcdef" }));
  store.apply(update(6, { appends: [{ entity_id: "step_1", field: "text", offset: 3, text: "def" }] }));
  assert.equal(store.get("step", "step_1")?.text, "abcdef");
});

test("a missing update and another epoch are gaps, an old update is known", () => {
  const store = held();
  assert.equal(store.apply(update(7)), "gap");
  assert.equal(store.apply(update(6, { epoch: "other" })), "gap");
  assert.equal(store.apply(update(5)), "known");
  assert.notEqual(store.apply(update(6)), "gap");
});

test("an update before the first snapshot is a gap", () => {
  assert.equal(new SessionStore("s").apply(update(1)), "gap");
});

test("an older version never replaces a newer one", () => {
  const store = held(step(1, { version: 9, title: "new" }));
  store.apply(update(6, { entities: [step(1, { version: 8, title: "old" })] }));
  assert.equal(store.get("step", "step_1")?.title, "new");
});

test("what is removed is gone", () => {
  const store = held(step(1));
  store.apply(update(6, { removed: [{ kind: "step", id: "step_1" }] }));
  assert.equal(store.get("step", "step_1"), undefined);
});

test("no more steps are held than a snapshot has, and the view is told that there are older ones", () => {
  const store = held();
  for (let ordinal = 1; ordinal <= STEPS_HELD + 20; ordinal += 1) {
    store.apply(update(5 + ordinal, { entities: [step(ordinal)] }));
  }
  const steps = store.all("step");
  assert.equal(steps.length, STEPS_HELD);
  assert.equal(steps[0]?.ordinal, 21);
  assert.equal(store.moreSteps, true);
  store.put(step(3));
  assert.equal(store.get("step", "step_3"), undefined);
});

test("a snapshot of what is held makes the same again", () => {
  const store = held(step(2), step(1));
  const again = new SessionStore("s");
  const copy = store.snapshot();
  assert.ok(copy);
  again.replace(copy);
  assert.deepEqual(again.all("step"), store.all("step"));
  assert.deepEqual([again.epoch, again.seq], ["e", 5]);
});

test("random updates in any order never leave two versions or lose the order", () => {
  let seed = 7;
  const random = (most: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  for (let round = 0; round < 200; round += 1) {
    const store = held();
    const newest = new Map<string, number>();
    for (let seq = 6; seq < 40; seq += 1) {
      const entities = [step(random(10), { version: random(50) }), step(random(10), { version: random(50) })];
      store.apply(update(seq, { entities }));
      for (const one of entities) newest.set(one.id, Math.max(newest.get(one.id) ?? -1, one.version));
    }
    for (const one of store.all("step")) assert.equal(one.version, newest.get(one.id));
    const ordinals = store.all("step").map((one) => one.ordinal);
    assert.deepEqual(
      ordinals,
      [...ordinals].sort((a, b) => a - b),
    );
  }
});
