// Bundles the unit tests with the dashboard's own bundler and runs them with Node's runner.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const found = readdirSync(here("test"))
    .filter((name) => /\.test\.tsx?$/.test(name))
    .map((name) => `test/${name}`);
rmSync(here("build/unit"), { recursive: true, force: true });
await build({
    configFile: false,
    logLevel: "warn",
    resolve: { alias: { "@": here("src") } },
    ssr: { noExternal: true },
    build: {
        ssr: true,
        target: "node20",
        minify: false,
        outDir: here("build/unit"),
        rollupOptions: {
            input: Object.fromEntries(found.map((path) => [basename(path).replace(/\.tsx?$/, ""), here(path)])),
            output: { entryFileNames: "[name].mjs" },
        },
    },
});
const made = found.map((path) => here(`build/unit/${basename(path).replace(/\.tsx?$/, "")}.mjs`));
const done = spawnSync(process.execPath, ["--test", "--test-reporter=dot", ...made], { stdio: "inherit" });
process.exit(done.status ?? 1);
