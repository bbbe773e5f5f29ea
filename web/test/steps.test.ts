import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldSession } from "@/hub/held";
import { HeldSteps, STEPS_PAGE } from "@/hub/held-steps";
import type { StepEntity, Update } from "@/hub/messages";

function step(ordinal: number, more: Partial<StepEntity> = {}): StepEntity {
  return { id: `s${ordinal}`, kind: "step", version: ordinal, ordinal, text: "", ...more } as StepEntity;
}

function update(seq: number, more: Partial<Update>): Update {
  return { session_id: "s", epoch: "e", seq, entities: [], removed: [], appends: [], ...more };
}

function session(...steps: StepEntity[]): HeldSession {
  const held = new HeldSession("s");
  held.replace({ session_id: "s", epoch: "e", seq: 1, entities: steps, more_steps: false });
  return held;
}

test("a step's place is known once that of one of them is", () => {
  const steps = new HeldSteps();
  steps.replace([step(900), step(901)], true);
  assert.equal(steps.placed, false);
  assert.equal(steps.place("s901", 50_000), true);
  assert.equal(steps.total, 50_001);
  assert.equal(steps.at(49_999)?.id, "s900");
  steps.put(step(902));
  assert.equal(steps.at(50_001)?.id, "s902");
});

test("only pages of which something is missing are asked for", () => {
  const steps = new HeldSteps();
  steps.replace([step(1_000)], true);
  steps.place("s1000", 999);
  assert.deepEqual(steps.missing(120, 310), [1, 2, 3]);
  const page = Array.from({ length: STEPS_PAGE }, (_, at) => step(200 + at));
  steps.fill(200, page, 250);
  assert.deepEqual(steps.missing(120, 310), [1, 3]);
  assert.equal(steps.at(205)?.id, "s205");
});

test("what came live is newer than the page that was asked for before", () => {
  const steps = new HeldSteps();
  steps.replace([step(1), step(2, { version: 9, text: "new" })], false);
  steps.fill(0, [step(1), step(2)], 0);
  assert.equal(steps.get("s2")?.text, "new");
});

test("far pages are let go and the end stays", () => {
  const steps = new HeldSteps();
  steps.replace([step(90_000)], true);
  steps.place("s90000", 49_999);
  for (let page = 0; page < 60; page += 1) {
    const first = page * STEPS_PAGE;
    steps.fill(
      first,
      Array.from({ length: STEPS_PAGE }, (_, at) => step(first + at)),
      first,
    );
  }
  assert.equal(steps.at(0), undefined);
  assert.equal(steps.at(5_950)?.id, "s5950");
  assert.equal(steps.at(49_999)?.id, "s90000");
});

test("updates are applied in their order, once, and a gap is noticed", () => {
  const held = session(step(1));
  assert.equal(held.apply(update(3, {})), "gap");
  assert.notEqual(held.apply(update(2, { entities: [step(2)] })), "gap");
  assert.equal(held.apply(update(2, {})), "known");
  assert.equal(held.apply({ ...update(3, {}), epoch: "f" }), "gap");
  assert.equal(held.steps.total, 2);
});

test("streamed text is added at its offset, and what does not fit is asked for", () => {
  const held = session(step(1, { text: "ab" }));
  held.apply(update(2, { appends: [{ entity_id: "s1", field: "text", offset: 2, text: "cd" }] }));
  assert.equal(held.steps.get("s1")?.text, "abcd");
  const again = held.apply(update(3, { appends: [{ entity_id: "s1", field: "text", offset: 2, text: "cd" }] }));
  assert.ok(typeof again === "object" && again.wanted.length === 0);
  const misfit = held.apply(update(4, { appends: [{ entity_id: "s1", field: "text", offset: 9, text: "x" }] }));
  assert.ok(typeof misfit === "object");
  assert.deepEqual(misfit.wanted, ["s1"]);
});
