// Opens VS Code in a browser with the extension under development and runs its tests in the extension host.
// The exit code is theirs; what they print is printed.

import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(process.env.TOOLS + "/")("playwright-core");
const { VSCODE_URL, WORKSPACE, EXTENSION, SHOTS } = process.env;
const WAIT_MS = 400_000;

const remote = (path) => `vscode-remote://remote${path}`;
const payload = [
  ["skipWelcome", "true"],
  ["extensionDevelopmentPath", remote(EXTENSION)],
  ["extensionTestsPath", remote(`${EXTENSION}/build/host/index.js`)],
];
let outcome = 1;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const ended = new Promise((resolve) => {
    void page.exposeFunction("codeAutomationExit", (code) => resolve(code));
    setTimeout(() => resolve("timeout"), WAIT_MS);
  });
  // Errors of the editor itself, such as of its native log library that is not built here, are no words of the tests.
  await page.exposeFunction("codeAutomationLog", (type, words) => {
    if (type === "log" || type === "info") console.log(...words);
  });
  await page.goto(`${VSCODE_URL}/?folder=${WORKSPACE}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  const code = await ended;
  if (code !== 0) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: `${SHOTS}/host.png` });
    console.log(`the tests ended with ${code}; see ${SHOTS}/host.png`);
  }
  outcome = code === 0 ? 0 : 1;
} finally {
  await browser.close();
}
process.exit(outcome);
