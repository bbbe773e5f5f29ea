// Runs the tests inside the extension host; its outcome is the outcome of the run.

import Mocha from "mocha";
import { api } from "./support";

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, color: false, reporter: "spec", bail: false });
  if (process.env.TEST_GREP) mocha.grep(process.env.TEST_GREP);
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  mocha.rootHooks({ beforeAll: () => api() });
  await import("./commands.test");
  await import("./hunks.test");
  await import("./recovery.test");
  const failures = await new Promise<number>((resolve) => {
    // At once, not at the end: a run that is cut short has said by then what was wrong.
    mocha
      .run(resolve)
      .on("fail", (test, failure: Error) => console.log(`FAILED ${test.fullTitle()}\n${failure.stack}`));
  });
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
