// The first use on a machine without the server: it is said, the installation that fails says why, the one that goes
// well ends with a hub that is connected. Then a key is set, which stands in no file.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, scenario } from "./browser.mjs";

const KEY = "a-key-that-must-stand-in-no-file";

function choosePackage(name) {
  for (const file of process.env.SETTINGS.split(":")) {
    const settings = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...settings, "draftsmith.server.package": name }));
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "extensions" ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

await scenario("first-use", async (bench) => {
  const { page } = bench;
  await bench.showView();
  const welcome = page.locator(".welcome-view-content");
  await welcome.getByText("The Draftsmith server is not installed here.").waitFor();
  await page.getByText("Shall it be installed into an environment of its own?").first().waitFor();
  await bench.shot("first-use-dark");

  await page.locator(".notifications-toasts").getByRole("button", { name: "Install", exact: true }).click();
  await page.locator(".notification-list-item", { hasText: "The server was not installed" }).first().waitFor();
  await page.locator(".notifications-toasts").getByRole("button", { name: "Show Output" }).waitFor();
  await page.keyboard.press("Escape");

  choosePackage(process.env.SERVER_WHEEL);
  await page.waitForTimeout(500);
  await welcome.getByRole("button", { name: "Install the Server" }).click();
  await bench.prompt.waitFor({ timeout: 90_000 });
  await page.locator(".statusbar-item", { hasText: "Draftsmith" }).waitFor();
  await bench.session.locator('.notice[role="status"]').waitFor({ state: "detached" });

  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(">Draftsmith: Set API Key");
  await page.getByRole("option", { name: /Draftsmith: Set API Key/ }).first().click();
  await page.getByRole("option", { name: /Anthropic/ }).click();
  await page.locator('.quick-input-widget input[type="password"]').fill(KEY);
  await page.keyboard.press("Enter");
  await page.getByText("The key for Anthropic is kept.").first().waitFor();
  const folders = [process.env.DATA, process.env.DRAFTSMITH_STATE_DIR];
  const telling = folders
    .flatMap(filesBelow)
    .filter((path) => statSync(path).size < 5_000_000 && readFileSync(path, "latin1").includes(KEY));
  check(telling.length === 0, `the key stands in ${telling.join(", ")}`);
});
