// The whole job as a user has it: trust, ask, watch the plan, answer, see the change in place, accept one part and
// reject another, undo, look at everything side by side, load the window anew.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { check, scenario } from "./browser.mjs";

const DARK = "Default Dark Modern";
const LIGHT = "Default Light Modern";
const ORDER = `${process.env.WORKSPACE}/shop/order.py`;

await scenario("main-job", async (bench) => {
  const { page, session } = bench;

  // A folder that is not trusted: nothing runs, and the view says so.
  await bench.showView();
  await page.getByText("nothing runs: no server is started").waitFor();
  await page.getByText("Draftsmith: folder not trusted").waitFor();
  check(readdirSync(process.env.DRAFTSMITH_STATE_DIR).length === 0, "something ran in a folder that is not trusted");
  await bench.shot("restricted-dark");
  await page.locator(".welcome-view-content").getByRole("button", { name: "Manage Workspace Trust" }).click();
  await page.getByRole("button", { name: "Trust", exact: true }).click();
  await page.keyboard.press("Control+w");

  // Ask, with a file's name completed.
  await bench.showView();
  await bench.prompt.waitFor();
  await bench.prompt.pressSequentially("Add a discount to orders and show it on the receipt. Begin with @ord");
  await session.getByRole("option", { name: "shop/order.py" }).waitFor();
  await bench.prompt.press("Enter");
  check((await bench.prompt.inputValue()).endsWith("Begin with @shop/order.py "), "the file's name is not completed");
  await bench.prompt.press("Enter");

  // The plan is asked about, then lived through.
  await session.locator('[data-task="t1"][data-status="proposed"]').waitFor();
  await session.getByRole("button", { name: "Approve" }).click();
  await session.locator('[data-task="t1"][data-status="active"]').waitFor();
  await session.locator(".step.model", { hasText: "I read how orders are summed" }).waitFor();
  await bench.shot("working-dark");
  await session.locator('[data-task="t1"][data-status="done"]').waitFor();

  // A question of the agent.
  const question = session.locator("[data-decision]", { hasText: "percentage or the amount" });
  await question.waitFor();
  await bench.shot("question-dark");
  await question.getByRole("button", { name: "Percentage" }).click();
  await question.waitFor({ state: "detached" });
  await bench.status("proposed");

  // The change stands in the file; a tool call unfolds.
  await session.locator('.step.call[data-state="ok"]', { hasText: "edit shop/order.py" }).first().locator(".fold-head").click();
  await session.locator(".step.call pre", { hasText: "shop/order.py" }).first().waitFor();
  await bench.openFile("shop/order.py");
  await bench.added("discount=0").waitFor();
  await page.getByRole("button", { name: /Accept \+3/ }).waitFor();
  await bench.shot("session-dark");
  await bench.theme(LIGHT, false);
  await bench.shot("inline-light");
  await bench.theme(DARK, true);

  // Accept one part by its lens: it is in the editor, not yet on disk.
  const before = readFileSync(ORDER, "utf8");
  await page.getByRole("button", { name: /Accept \+3/ }).click();
  await bench.line("def total(prices, discount=0):").waitFor();
  await bench.added("discount=0").waitFor({ state: "detached" });
  check(readFileSync(ORDER, "utf8") === before, "an accepted change was written behind the editor's back");

  // Reject the other with the keys.
  await bench.line("return sorted(prices)[0]").click();
  await page.getByRole("button", { name: /^Ln 16,/ }).waitFor();
  await page.keyboard.press("Alt+Shift+X");
  await bench.added("return min(prices)").waitFor({ state: "detached" });

  // Undo in the editor: the accepted part is pending again.
  await page.keyboard.press("Control+z");
  await bench.added("discount=0").waitFor();
  check((await bench.line("return sorted(prices)[0]").count()) === 1, "the rejected part was applied");

  // Everything side by side.
  await session.getByRole("button", { name: "Review", exact: true }).click();
  await page.locator(".multiDiffEditor, .multi-diff-editor, .monaco-component.multiDiffEditor").first().waitFor();
  await page.locator(".line-insert").first().waitFor();
  await bench.shot("review-dark");

  // After the window is loaded anew the same session is there.
  await page.reload();
  await page.waitForSelector(".monaco-workbench");
  await bench.showView();
  await bench.status("proposed");
  await session.locator('[data-task="t2"][data-status="done"]').waitFor();
  await session.getByRole("button", { name: "Accept All" }).click();
  await bench.status("finished");
  const test = `${process.env.WORKSPACE}/tests/test_discount.py`;
  const deadline = Date.now() + 20_000;
  while (!existsSync(test) && Date.now() < deadline) await page.waitForTimeout(50);
  check(existsSync(test), "the new file was not written");
});
