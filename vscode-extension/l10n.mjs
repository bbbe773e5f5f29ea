// Collects every text that the extension shows into l10n/bundle.l10n.json, from which a translation is made.
// `--check` changes nothing and fails when the file is stale.

import { readFileSync, writeFileSync } from "node:fs";
import { glob } from "node:fs/promises";

const TARGET = "l10n/bundle.l10n.json";
const CALL = /\b(?:vscode\.l10n\.t|t)\(\s*("(?:[^"\\]|\\.)*")/g;

const found = new Set();
for await (const name of glob("src/**/*.{ts,tsx}")) {
    for (const match of readFileSync(name, "utf8").matchAll(CALL)) found.add(JSON.parse(match[1]));
}
const texts = Object.fromEntries([...found].sort().map((text) => [text, text]));
const made = `${JSON.stringify(texts, null, 2)}\n`;
if (!process.argv.includes("--check")) writeFileSync(TARGET, made);
else if (readFileSync(TARGET, "utf8") !== made) {
    process.stderr.write(`${TARGET} is stale: run \`node l10n.mjs\` in vscode-extension.\n`);
    process.exit(1);
}
