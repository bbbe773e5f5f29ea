// Bundles the extension, its session view and, with `--tests`, its tests. Nothing is left to be installed with it.

import { glob, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const production = process.argv.includes("--production");

const shared = {
    bundle: true,
    logLevel: "warning",
    minify: production,
    sourcemap: production ? false : "inline",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
};

const host = { ...shared, platform: "node", format: "cjs", external: ["vscode", "mocha"], target: "node20" };

async function names(pattern) {
    const found = [];
    for await (const name of glob(pattern)) found.push(name);
    return found.sort();
}

await mkdir("dist", { recursive: true });
await Promise.all([
    build({ ...host, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" }),
    build({
        ...shared,
        platform: "browser",
        format: "iife",
        entryPoints: ["src/session/ui/main.tsx"],
        outfile: "dist/session.js",
    }),
    build({
        ...shared,
        entryPoints: ["src/session/ui/session.css"],
        outdir: "dist",
        loader: { ".ttf": "file" },
        assetNames: "[name]",
    }),
]);
const unit = await names("test/unit/**/*.test.{ts,tsx}");
if (tests) {
    await build({
        ...host,
        entryPoints: unit,
        outdir: "build/unit",
        outbase: "test/unit",
        target: "node24",
    });
    await build({ ...host, entryPoints: ["test/host/index.ts"], outfile: "build/host/index.js" });
}
