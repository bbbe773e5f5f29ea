import assert from "node:assert/strict";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type Installation, InstallationFailed, install, steps } from "../../src/edge/install";
import { locate } from "../../src/edge/locate";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "draftsmith-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function wanted(more: Partial<Installation> = {}): Installation {
  return {
    environment: join(folder, "server"),
    package: "draftsmith",
    python: "",
    searchPath: process.env.PATH ?? "",
    windows: false,
    signal: new AbortController().signal,
    onStep: () => undefined,
    onOutput: () => undefined,
    ...more,
  };
}

async function refused(work: Promise<unknown>): Promise<InstallationFailed> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof InstallationFailed, String(failure));
  return failure;
}

test("uv makes the environment where it is there, else Python's own venv and pip", () => {
  const plan = { environment: "/e", package: "draftsmith==1", windows: false };
  const uv = steps(plan, "/usr/bin/python3", "/usr/bin/uv").map((step) => step.command);
  assert.deepEqual(uv[0], ["/usr/bin/uv", "venv", "--python", "/usr/bin/python3", "/e"]);
  assert.deepEqual(uv[1]?.slice(0, 3), ["/usr/bin/uv", "pip", "install"]);
  const [making, installing = [], checking] = steps(plan, "/usr/bin/python3", undefined).map((step) => step.command);
  assert.deepEqual(making, ["/usr/bin/python3", "-m", "venv", "/e"]);
  assert.deepEqual(installing.slice(0, 4), ["/e/bin/python", "-m", "pip", "install"]);
  assert.equal(installing.at(-1), "draftsmith==1");
  assert.deepEqual(checking, ["/e/bin/draftsmith", "--version"]);
});

test("without Python it says so and leaves nothing behind", async () => {
  assert.equal((await refused(install(wanted({ searchPath: folder })))).reason, "no_python");
  await assert.rejects(access(join(folder, "server")));
});

test("a Python that is no Python is refused by name", async () => {
  const failure = await refused(install(wanted({ python: "/bin/false" })));
  assert.deepEqual([failure.reason, failure.message], ["old_python", "/bin/false"]);
});

test("a package that is not there fails with what the installer said, and the half-made folder is removed", async () => {
  const heard: string[] = [];
  const missing = join(folder, "nothing.whl");
  const pythonOnly = { searchPath: "/usr/bin:/bin", package: missing };
  const failure = await refused(install(wanted({ ...pythonOnly, onOutput: (line) => heard.push(line) })));
  assert.equal(failure.reason, "failed");
  assert.match(failure.output, /nothing\.whl/);
  assert.ok(heard.some((line) => line.includes("-m venv")));
  await assert.rejects(access(join(folder, "server")));
});

test("it can be cancelled", async () => {
  const controller = new AbortController();
  const work = install(wanted({ signal: controller.signal, onStep: () => controller.abort() }));
  assert.equal((await refused(work)).reason, "cancelled");
});

interface Way {
  /** Where uv lies, for the installer that is to be taken. */
  uv: string;
  making: RegExp;
}

function ways(): Record<"uv" | "pip", Way> {
  const uv = process.env.UV_FOLDER;
  assert.ok(uv, "UV_FOLDER names no folder with uv; the Python test that runs this gives one");
  return { uv: { uv, making: /^> \S*uv venv --python/ }, pip: { uv: "", making: /^> \S+ -m venv/ } };
}

for (const name of ["uv", "pip"] as const) {
  test(`a wheel is installed with ${name}, step by step, in place of an older environment, and is found`, async () => {
    const wheel = process.env.SERVER_WHEEL;
    assert.ok(wheel, "SERVER_WHEEL names no wheel; the Python test that runs this builds one");
    const { uv, making } = ways()[name];
    const told: string[] = [];
    const heard: string[] = [];
    const environment = join(folder, "own");
    await mkdir(environment);
    await writeFile(join(environment, "left over"), "");
    const program = await install(
      wanted({
        environment,
        package: wheel,
        searchPath: [uv, "/usr/bin", "/bin"].join(delimiter),
        onStep: (step) => told.push(step),
        onOutput: (line) => heard.push(line),
      }),
    );
    assert.deepEqual(told, ["making", "installing", "checking"]);
    assert.ok(
      heard.some((line) => making.test(line)),
      heard.join("\n"),
    );
    await assert.rejects(access(join(environment, "left over")));
    const places = { configured: "", searchPath: folder, ownEnvironment: environment, windows: false };
    assert.deepEqual(await locate(places), { kind: "found", command: program, origin: "own" });
  });

  test(`what ${name} cannot install fails with its own words, and nothing is left`, async () => {
    const { uv } = ways()[name];
    const environment = join(folder, "own");
    const searchPath = [uv, "/usr/bin", "/bin"].join(delimiter);
    const failure = await refused(install(wanted({ environment, package: "draftsmith==0.0.0.dev1", searchPath })));
    assert.equal(failure.reason, "failed");
    assert.match(failure.output, /draftsmith==0\.0\.0\.dev1/);
    await assert.rejects(access(environment));
  });
}
