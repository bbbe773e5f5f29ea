// VS Code as a puppet: each line of standard input is one thing to do or to wait for, each is answered by one line.
// So a test can move between this window, a terminal and another editor.

import { createInterface } from "node:readline";
import { scenario } from "./browser.mjs";

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

await scenario("together", async (bench) => {
  const { page, session } = bench;
  const does = {
    show: async () => {
      await bench.showView();
      await bench.prompt.waitFor();
    },
    ask: async ({ words }) => {
      await bench.prompt.fill(words);
      await bench.prompt.press("Enter");
    },
    status: ({ wanted }) => bench.status(wanted),
    task: ({ id, status }) => session.locator(`[data-task="${id}"][data-status="${status}"]`).waitFor(),
    question: ({ words }) => session.locator("[data-decision]", { hasText: words }).waitFor(),
    answered: ({ words }) => session.locator("[data-decision]", { hasText: words }).waitFor({ state: "detached" }),
    click: ({ name }) => session.getByRole("button", { name, exact: true }).click(),
    states: ({ path, wanted }) => session.locator(`[data-file="${path}"][data-states="${wanted}"]`).waitFor(),
    open: async ({ name, mark }) => {
      await page.keyboard.press("Control+p");
      await page.locator(".quick-input-widget input").first().fill(name);
      await page.locator(".quick-input-widget .monaco-list-row", { hasText: name }).first().click();
      await page.locator(".tab.active", { hasText: name }).waitFor();
      if (mark) await page.locator(`.editor-instance ${mark}`).first().waitFor();
    },
    shot: ({ name }) => bench.shot(name),
  };
  say({ ok: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { what, ...how } = JSON.parse(line);
    await does[what](how);
    say({ ok: true });
  }
});
