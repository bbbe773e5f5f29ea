// Packages the extension as dist/draftsmith.vsix and refuses one that has grown too large.

import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";

const MOST_BYTES = 1024 * 1024;
const TARGET = "dist/draftsmith.vsix";

function run(...command) {
    const done = spawnSync(process.execPath, command, { stdio: "inherit" });
    if (done.status !== 0) process.exit(done.status ?? 1);
}

run("esbuild.mjs", "--production");
run(
    "node_modules/@vscode/vsce/vsce",
    "package",
    "--no-dependencies",
    "--allow-missing-repository",
    "--no-rewrite-relative-links",
    "--out",
    TARGET,
);
const { size } = await stat(TARGET);
process.stdout.write(`${TARGET}: ${Math.ceil(size / 1024)} kB\n`);
if (size > MOST_BYTES) {
    process.stderr.write(`${TARGET} has ${size} bytes; at most ${MOST_BYTES} are allowed. See what grew.\n`);
    process.exit(1);
}
