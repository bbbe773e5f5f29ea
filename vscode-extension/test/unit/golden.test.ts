// The golden messages are read by every client. Here each goes through what the extension does with it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type AnyEntity, METHOD_NAMES, type Snapshot, type Update } from "../../src/protocol/messages";
import { SessionStore } from "../../src/session/store";
import { GOLDEN } from "./golden";

interface Golden {
  kind: string;
  name: string;
  examples: Record<string, unknown>[];
}

function read(name: string): Golden {
  return JSON.parse(readFileSync(join(GOLDEN, name), "utf8")) as Golden;
}

test("every method that the protocol has is known, and no other", () => {
  const methods = readdirSync(GOLDEN)
    .filter((name) => name.startsWith("method."))
    .map((name) => read(name).name);
  assert.deepEqual([...METHOD_NAMES].sort(), methods.sort());
});

test("entities of every kind are held as they came", () => {
  for (const file of readdirSync(GOLDEN).filter((name) => name.startsWith("entity."))) {
    for (const example of read(file).examples) {
      const entity = example.entity as AnyEntity;
      const store = new SessionStore("s_01");
      store.replace({ session_id: "s_01", epoch: "e_01", seq: 1, entities: [entity], more_steps: false });
      assert.deepEqual(store.get(entity.kind, entity.id), entity);
      assert.deepEqual(store.all(entity.kind), [entity]);
    }
  }
});

test("snapshots and the updates after them are taken", () => {
  const snapshots = read("notification.session.snapshot.json").examples;
  const updates = read("notification.session.update.json").examples;
  const paramsOf = (example: Record<string, unknown> | undefined): unknown => {
    assert.ok(example);
    return (example.message as { params: unknown }).params;
  };
  for (const [index, example] of snapshots.entries()) {
    const snapshot = paramsOf(example) as Snapshot;
    const update = paramsOf(updates[index]) as Update;
    const store = new SessionStore(snapshot.session_id);
    store.replace(snapshot);
    const next = { ...update, epoch: snapshot.epoch, seq: snapshot.seq + 1 };
    assert.notEqual(store.apply(next), "gap");
    assert.equal(store.seq, next.seq);
  }
});
