// The review's own reckoning: files, places of hunks, what comes next, what is told to the agent, merging.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConflictPart, FileEntity, FindingEntity, HunkEntity, SessionEntity } from "../src/hub/messages";
import { changesOf, lineStarts } from "../src/pages/review/changes";
import { keepsYours, merged, openPlaces } from "../src/pages/review/merging";
import {
  filesOf,
  findingsOf,
  messageOf,
  neighbour,
  nextOpen,
  placesOf,
  reviewState,
  tallyOf,
} from "../src/pages/review/model";

function hunk(id: string, more: Partial<HunkEntity> = {}): HunkEntity {
  const path = id.split("#")[0] ?? "";
  const lines = { base_start: 1, base_length: 1, new_length: 1 };
  return { kind: "hunk", id, version: 1, ordinal: 1, path, root: 0, ...lines, status: "pending", note: "", ...more };
}

function file(path: string, ...hunks: string[]): FileEntity {
  return { kind: "file", id: `0:${path}`, version: 1, ordinal: 1, path, root: 0, change: "modify", hunks };
}

const session = { status: "proposed", roots: [{ name: "ws", path: "/w/ws" }] } as unknown as SessionEntity;

test("files hold their hunks and what they come to", () => {
  const hunks = [
    hunk("a#1", { new_length: 3 }),
    hunk("a#2", { status: "on_disk" }),
    hunk("b#1", { status: "rejected" }),
  ];
  const [a, b] = filesOf([file("a", "a#1", "a#2"), file("b", "b#1", "gone")], hunks);
  assert.deepEqual([a?.added, a?.removed, a?.state], [4, 2, "open"]);
  assert.deepEqual([b?.hunks.length, b?.state], [1, "rejected"]);
});

test("hunks stand in the draft after what those before them added", () => {
  const places = placesOf([
    hunk("a#2", { base_start: 10, base_length: 0, new_length: 2 }),
    hunk("a#1", { base_start: 3, base_length: 1, new_length: 4 }),
    hunk("a#3", { base_start: 20, base_length: 5, new_length: 0 }),
    hunk("a#mode", { base_start: 0, base_length: 0, new_length: 1 }),
  ]);
  assert.deepEqual(
    places.map((one) => [one.hunk.id, one.baseLine, one.draftLine]),
    [
      ["a#1", 3, 3],
      ["a#2", 10, 13],
      ["a#3", 20, 25],
    ],
  );
});

test("the next hunk goes over the borders of files, and the next open one comes round", () => {
  const hunks = [hunk("a#1"), hunk("a#2", { status: "on_disk" }), hunk("b#1"), hunk("b#2", { status: "rejected" })];
  const files = filesOf([file("a", "a#1", "a#2"), file("b", "b#1", "b#2")], hunks);
  assert.equal(neighbour(files, "a#2", 1)?.hunk.id, "b#1");
  assert.equal(neighbour(files, "b#1", -1)?.hunk.id, "a#2");
  assert.equal(neighbour(files, "b#2", 1), undefined);
  assert.equal(neighbour(files, undefined, -1)?.hunk.id, "b#2");
  assert.equal(nextOpen(files, "a#1")?.hunk.id, "b#1");
  assert.equal(nextOpen(files, "b#1")?.hunk.id, "a#1");
  assert.equal(nextOpen(filesOf([file("a", "a#1")], [hunk("a#1")]), "a#1"), undefined);
});

test("the whole proposal is in one state, the gravest first", () => {
  const one = (...statuses: HunkEntity["status"][]): string =>
    reviewState(
      session,
      statuses.map((status, at) => hunk(`a#${at}`, { status })),
    );
  assert.equal(one(), "nothing");
  assert.equal(one("pending", "on_disk"), "open");
  assert.equal(one("conflicted", "pending", "reverted"), "conflict");
  assert.equal(one("reverted", "pending"), "undone");
  assert.equal(one("on_disk", "on_disk"), "applied");
  assert.equal(one("on_disk", "in_buffer"), "buffer");
  assert.equal(one("on_disk", "rejected"), "settled");
  assert.equal(one("rejected"), "rejected");
  assert.equal(reviewState({ ...session, status: "working" }, [hunk("a#1")]), "working");
  assert.equal(tallyOf([hunk("a#1", { status: "accepted" }), hunk("a#2")]).decided, 1);
});

test("findings belong to a file by its path, with or without the folder", () => {
  const named = (path: string): FindingEntity => ({ path }) as FindingEntity;
  const all = [named("calc.py"), named("ws/calc.py"), named("/w/ws/calc.py"), named("other.py"), named("")];
  assert.equal(findingsOf(all, { path: "calc.py", root: 0 }, session.roots).length, 3);
});

test("the agent is told each place with its line, in fences that the line cannot break", () => {
  const comment = { id: "1", path: "a.md", root: 0, line: 3, code: "```js", text: " Why? " };
  const place = (path: string, line: number): string => `${path}:${line}`;
  assert.equal(messageOf("Comments:", place, [comment]), "Comments:\n\na.md:3\n\n````\n```js\n````\n\nWhy?");
  assert.equal(messageOf("Hi", place, [{ ...comment, code: " " }]), "Hi\n\na.md:3\n\nWhy?");
});

test("lines begin where they begin, with or without an end of the last", () => {
  assert.deepEqual(lineStarts(""), [0]);
  assert.deepEqual(lineStarts("a\n"), [0, 2]);
  assert.deepEqual(lineStarts("a\nb"), [0, 2, 3]);
});

test("changes stay within their hunk", () => {
  const base = "one\ntwo\nthree\n";
  const draft = "one\n2\nthree\nfour\n";
  const placed = placesOf([
    hunk("a#1", { base_start: 2 }),
    hunk("a#2", { base_start: 4, base_length: 0, new_length: 1 }),
  ]);
  const changes = changesOf(base, draft, placed) ?? [];
  assert.equal(changes.at(-1)?.fromB, 12);
  assert.equal(changes.at(-1)?.toB, 17);
  for (const change of changes.slice(0, -1)) assert.ok(change.fromA >= 4 && change.toA <= 8 && change.toB <= 6);
});

test("texts that are not those of the hunks are told", () => {
  assert.equal(changesOf("a\n", "b\n", placesOf([hunk("a#1", { base_start: 9 })])), undefined);
});

const part = (yours: string, draft: string): ConflictPart => ({ conflict: true, text: "", base: "b\n", yours, draft });
const same = (text: string): ConflictPart => ({ conflict: false, text, base: "", yours: "", draft: "" });

test("what was chosen makes the file", () => {
  const parts = [same("head\r\n"), part("mine\r\n", "theirs\n"), same("mid\n"), part("x", "y\n")];
  assert.equal(openPlaces(parts, { 1: { take: "yours", text: "" } }), 1);
  assert.equal(
    merged(parts, { 1: { take: "both", text: "" }, 3: { take: "own", text: "typed\n" } }),
    "head\nmine\ntheirs\nmid\ntyped\n",
  );
  assert.equal(
    merged(parts, { 1: { take: "draft", text: "" }, 3: { take: "yours", text: "" } }),
    "head\ntheirs\nmid\nx",
  );
  assert.equal(merged([part("x", "y\n"), same("end\n")], { 0: { take: "both", text: "" } }), "x\ny\nend\n");
  assert.ok(keepsYours(parts, { 1: { take: "yours", text: "" }, 3: { take: "yours", text: "" } }));
  assert.ok(!keepsYours(parts, { 1: { take: "yours", text: "" } }));
});
