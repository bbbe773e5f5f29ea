import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type Found, locate } from "../../src/edge/locate";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "draftsmith-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(path: string, mode = 0o755): Promise<string> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, "#!/bin/sh\n");
  await chmod(full, mode);
  return full;
}

function find(configured: string, searchPath = ""): Promise<Found> {
  return locate({ configured, searchPath, ownEnvironment: join(folder, "own"), windows: false });
}

test("a configured path comes before PATH, and PATH before the extension's own", async () => {
  const configured = await program("configured/draftsmith");
  const onPath = await program("path/draftsmith");
  const own = await program("own/bin/draftsmith");
  const searchPath = dirname(onPath);
  assert.deepEqual(await find(configured, searchPath), { kind: "found", command: configured, origin: "configured" });
  assert.deepEqual(await find("", searchPath), { kind: "found", command: onPath, origin: "path" });
  assert.deepEqual(await find(""), { kind: "found", command: own, origin: "own" });
});

test("nothing is found where nothing is", async () => {
  assert.deepEqual(await find(""), { kind: "missing" });
});

test("a configured path that cannot be run is told, and nothing else is taken in its place", async () => {
  await program("own/bin/draftsmith");
  const plain = await program("plain", 0o644);
  assert.deepEqual(await find(plain), { kind: "wrong", reason: "not_executable", path: plain });
  assert.deepEqual(await find("bin/draftsmith"), { kind: "wrong", reason: "not_absolute", path: "bin/draftsmith" });
});

test("relative entries of PATH are left out, for they would be the workspace's", async () => {
  await program("draftsmith");
  const before = process.cwd();
  process.chdir(folder);
  try {
    assert.deepEqual(await find("", `.:${folder}/nothing:`), { kind: "missing" });
  } finally {
    process.chdir(before);
  }
});

test("a folder of that name is no program", async () => {
  await mkdir(join(folder, "path/draftsmith"), { recursive: true });
  assert.deepEqual(await find("", join(folder, "path")), { kind: "missing" });
});
