// What is open in the project, and where things are.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  closed,
  commitTab,
  diffTab,
  fileTab,
  kept,
  located,
  opened,
  plausible,
  restored,
} from "../src/pages/project/tabs";

const NONE = { tabs: [], active: undefined };
const tab = (path: string): ReturnType<typeof fileTab> => fileTab("s", "workspace", 0, path);

test("a file is open once, however often it is opened", () => {
  const open = opened(opened(opened(NONE, tab("a"), new Set()), tab("b"), new Set()), tab("a"), new Set());
  assert.deepEqual(
    open.tabs.map((one) => one.id),
    [tab("a").id, tab("b").id],
  );
  assert.equal(open.active, tab("a").id);
});

test("of very many the oldest goes, but none that is not saved", () => {
  let open = opened(NONE, tab("first"), new Set());
  for (let n = 0; n < 30; n += 1) open = opened(open, tab(`f${n}`), new Set([tab("first").id]));
  assert.equal(open.tabs.length, 20);
  assert.equal(open.tabs[0]?.id, tab("first").id);
});

test("when the one in front is closed, its neighbour comes", () => {
  const open = { tabs: [tab("a"), tab("b"), tab("c")], active: tab("b").id };
  assert.equal(closed(open, tab("b").id).active, tab("c").id);
  assert.equal(closed({ ...open, active: tab("c").id }, tab("c").id).active, tab("b").id);
  assert.equal(closed(open, tab("a").id).active, tab("b").id);
  assert.equal(closed({ tabs: [tab("a")], active: tab("a").id }, tab("a").id).active, undefined);
});

test("only files of the user's own are kept between visits, and come back as they were", () => {
  const tabs = [
    tab("a:b/c"),
    fileTab("s", "draft", 0, "d"),
    commitTab("s", 0, "abc"),
    diffTab("s", 0, "e", "nothing", "workspace"),
  ];
  assert.deepEqual(kept({ tabs, active: undefined }), ["0:a:b/c"]);
  assert.deepEqual(restored("s", ["0:a:b/c", "nonsense"]), [tab("a:b/c")]);
});

test("paths of several folders begin with the folder's name", () => {
  const roots = [{ name: "api" }, { name: "web" }];
  assert.deepEqual(located("web/src/a.ts", roots), { root: 1, path: "src/a.ts" });
  assert.deepEqual(located("web/src/a.ts", [{ name: "web" }]), { root: 0, path: "web/src/a.ts" });
});

test("a path that leads elsewhere is none of a new file", () => {
  for (const wrong of ["", "/a", "a/", "../a", "a/./b", "a//b"]) assert.ok(!plausible(wrong), wrong);
  assert.ok(plausible("src/a.py"));
});
