import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { api, proposal, until } from "./support";

function hubPid(): number {
  const stateDir = process.env.DRAFTSMITH_STATE_DIR;
  assert.ok(stateDir);
  const endpoint = JSON.parse(readFileSync(join(stateDir, process.env.ENDPOINT_FILE ?? ""), "utf8")) as { pid: number };
  return endpoint.pid;
}

describe("after a crash", () => {
  it("the session is there again when the hub is, and steps can be read", async () => {
    const { edge, sessions } = await api();
    const store = await proposal();
    const { epoch } = store;
    process.kill(hubPid(), "SIGKILL");
    await until("the loss to be noticed", () => edge.connection.state !== "connected");
    await until("the hub", () => edge.connection.state === "connected");
    await until("the session in the new epoch", () => store.epoch !== epoch);
    assert.equal(sessions.shown, store);
    assert.equal(store.session?.status, "proposed");
    const last = store.all("step").at(-1);
    const page = await edge.call("steps/list", { session_id: store.sessionId, before: last?.ordinal ?? 0, limit: 3 });
    assert.equal(page.steps.length, 3);
  });

  it("the server is started again and shows what it showed", async () => {
    const { edge, sessions } = await api();
    await vscode.commands.executeCommand("draftsmith.ui.restartServer");
    await until("the hub", () => edge.connection.state === "connected");
    assert.equal(sessions.shown?.session?.status, "proposed");
  });
});
