// VS Code in a browser as a person uses it: what the scenarios click, type and wait for.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(`${process.env.TOOLS}/`)("playwright-core");

const WAIT_MS = 40_000;

export class Workbench {
  static async open() {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`${process.env.VSCODE_URL}/?folder=${process.env.WORKSPACE}`);
    await page.waitForSelector(".monaco-workbench");
    return new Workbench(browser, page);
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  /** The session view's own document. */
  get session() {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  }

  get prompt() {
    return this.session.locator("textarea");
  }

  /** A window that is just loaded may show the view by itself, and then a click would hide it: so look, and try again. */
  async showView() {
    const tab = this.page.getByRole("tab", { name: "Draftsmith" }).first();
    const title = this.page.locator(".part.sidebar .composite.title", { hasText: /draftsmith/i });
    await tab.waitFor();
    const deadline = Date.now() + WAIT_MS;
    while (!(await title.isVisible())) {
      if (Date.now() > deadline) throw new Error("the view does not show");
      if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
      await title.waitFor({ timeout: 3_000 }).catch(() => undefined);
    }
  }

  /** The session's state as the view says it. */
  async status(wanted) {
    await this.session.locator(`.status[data-status="${wanted}"]`).waitFor();
  }

  async openFile(path) {
    await this.session.locator(`[data-file="${path}"] .file-name`).click();
  }

  /** In the editor: the line that has these words. */
  line(words) {
    return this.page.locator(".editor-instance .view-line", { hasText: words }).first();
  }

  /** The room below a pending change in which its added lines stand. */
  added(words) {
    return this.page.locator(".review-widget", { hasText: words }).first();
  }

  async theme(name, dark) {
    for (const file of process.env.SETTINGS.split(":")) {
      const settings = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ ...settings, "workbench.colorTheme": name }));
    }
    await this.page.locator(`.monaco-workbench.${dark ? "vs-dark" : "vs"}`).waitFor();
  }

  async shot(name) {
    mkdirSync(process.env.SHOTS, { recursive: true });
    // The pointer leaves, so that no hover of it is in the picture.
    await this.page.mouse.move(640, 8);
    await this.page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
  }

  async close() {
    await this.browser.close();
  }
}

/** Runs a scenario; a failure leaves a picture and is the exit code. */
export async function scenario(name, play) {
  const workbench = await Workbench.open();
  let code = 0;
  try {
    await play(workbench);
  } catch (failure) {
    console.log(failure instanceof Error ? failure.stack : String(failure));
    await workbench.shot(`failed-${name}`).catch(() => undefined);
    code = 1;
  }
  await workbench.close();
  process.exit(code);
}

export function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
