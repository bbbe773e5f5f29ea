// The session view's own state: pages of older steps, and gaps. The view's page is stood in for by two globals.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import type { StepEntity } from "../../src/protocol/messages";
import type * as State from "../../src/session/ui/state";
import type { FromView } from "../../src/session/wire";
import { goldenStep } from "./golden";

const posted: FromView[] = [];
let view: typeof State;

before(async () => {
  const api = {
    postMessage: (message: FromView) => posted.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  Object.assign(globalThis, { acquireVsCodeApi: () => api, document: { body: { dataset: { texts: "{}" } } } });
  view = await import("../../src/session/ui/state");
});

function steps(first: number, last: number): StepEntity[] {
  return Array.from({ length: last - first + 1 }, (_, index) => goldenStep(first + index));
}

beforeEach(() => {
  posted.length = 0;
  view.receive({ type: "none" });
  const snapshot = { session_id: "s", epoch: "e", seq: 1, entities: steps(901, 1000), more_steps: true };
  view.receive({ type: "snapshot", snapshot });
});

test("older steps come a page at a time, each asked for once", () => {
  view.loadOlder();
  view.loadOlder();
  assert.deepEqual(posted, [{ type: "older", before: 901 }]);
  view.receive({ type: "older", sessionId: "s", steps: steps(801, 900), more: true });
  view.loadOlder();
  assert.deepEqual(posted.at(-1), { type: "older", before: 801 });
});

test("no more than a few pages are held, and the gap that this makes is told", () => {
  for (let last = 900; last > 200; last -= 100) {
    view.loadOlder();
    view.receive({ type: "older", sessionId: "s", steps: steps(last - 99, last), more: true });
  }
  const { older } = view.state;
  assert.equal(older.pages.length, view.PAGES_HELD);
  assert.equal(older.pages[0]?.[0]?.ordinal, 201);
  assert.equal(older.gap, true);
  view.backToLatest();
  assert.deepEqual([view.state.older.pages.length, view.state.older.gap], [0, false]);
});

test("a page of another session is dropped", () => {
  view.loadOlder();
  view.receive({ type: "older", sessionId: "other", steps: steps(1, 5), more: false });
  assert.equal(view.state.older.pages.length, 0);
});

test("a view that missed something asks for everything", () => {
  const update = { session_id: "s", epoch: "e", seq: 9, entities: [], removed: [], appends: [] };
  view.receive({ type: "update", update });
  assert.deepEqual(posted.at(-1), { type: "ready", sessionId: "s" });
});

test("what was attached goes when the request was taken, and stays when it was refused", () => {
  view.receive({ type: "attach", attachment: { path: "a", language: "" } });
  view.receive({ type: "failed", message: "no" });
  assert.deepEqual([view.state.attachments.length, view.state.failure], [1, "no"]);
  view.receive({ type: "sent" });
  assert.deepEqual([view.state.attachments.length, view.state.failure], [0, ""]);
});
