import assert from "node:assert/strict";
import * as vscode from "vscode";
import { api, open, ORDER, proposal, putBack, status, until } from "./support";

interface Manifest {
  contributes: { commands: { command: string }[]; keybindings: { command: string }[] };
}

describe("the extension", () => {
  after(async () => {
    const { sessions } = await api();
    if (sessions.shown !== undefined) await putBack(sessions.shown, new Map());
  });

  it("registers every command that it contributes", async () => {
    await api();
    const extension = vscode.extensions.getExtension("draftsmith.draftsmith");
    const { contributes } = extension?.packageJSON as Manifest;
    const known = new Set(await vscode.commands.getCommands(true));
    const named = [...contributes.commands, ...contributes.keybindings].map((one) => one.command);
    assert.deepEqual(
      named.filter((command) => !known.has(command)),
      [],
    );
  });

  it("leaves the server's commands to the server", async () => {
    await api();
    const known = await vscode.commands.getCommands(true);
    for (const command of ["draftsmith.accept", "draftsmith.reject", "draftsmith.undo", "draftsmith.why"]) {
      assert.ok(known.includes(command), `${command} is not there for lenses`);
    }
  });

  it("offers code actions for a selection", async () => {
    await api();
    const editor = await open(ORDER);
    const range = new vscode.Range(3, 0, 5, 22);
    const titles = await until("actions of ours", async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        editor.document.uri,
        range,
      );
      const ours = found.map((one) => one.title).filter((title) => title.includes("Draftsmith"));
      return ours.length > 0 && ours;
    });
    for (const word of ["Change", "Refactor", "Write tests", "Document"]) {
      assert.ok(
        titles.some((title) => title.startsWith(word)),
        `${word}: ${titles.join(", ")}`,
      );
    }
  });

  it("offers to fix what other extensions found, and the agent is told their words", async () => {
    const { sessions } = await api();
    const editor = await open(ORDER);
    const collection = vscode.languages.createDiagnosticCollection("other");
    try {
      const range = new vscode.Range(15, 4, 15, 30);
      const diagnostic = new vscode.Diagnostic(
        range,
        "sorting costs more than looking",
        vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = "other";
      collection.set(editor.document.uri, [diagnostic]);
      // Without diagnostics given, the server asks this extension what the editor shows.
      const fix = async (): Promise<unknown> =>
        await vscode.commands.executeCommand("draftsmith.fix", editor.document.uri.toString(), {
          start: { line: 15, character: 0 },
          end: { line: 15, character: 5 },
        });
      // What was said of the text before the last change is not told.
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# new\n"));
      assert.equal(await fix(), undefined);
      await vscode.commands.executeCommand("undo");
      collection.set(editor.document.uri, [new vscode.Diagnostic(range, diagnostic.message, diagnostic.severity)]);
      await fix();
      const store = await until("the session", () => sessions.shown);
      await until("its request", () => store.session?.request.includes("sorting costs more than looking"));
      await vscode.commands.executeCommand("draftsmith.ui.cancel");
      await status(store, "cancelled");
    } finally {
      collection.dispose();
    }
  });

  it("shows a session with its plan, its steps and its gates", async () => {
    const store = await proposal();
    assert.deepEqual(
      store.all("task").map((task) => [task.id, task.status]),
      [
        ["t1", "done"],
        ["t2", "done"],
      ],
    );
    assert.ok(store.all("step").some((step) => step.step === "tool" && step.title.includes("order.py")));
    assert.ok(store.all("gate").some((gate) => gate.gate === "tests" && gate.verdict === "passed"));
    assert.ok((store.usage?.model_calls ?? 0) > 0);
  });

  it("lists sessions by pages", async () => {
    const { edge } = await api();
    const first = await edge.call("session/list", { limit: 1 });
    assert.equal(first.sessions.length, 1);
    assert.ok(first.cursor);
    const second = await edge.call("session/list", { limit: 1, cursor: first.cursor });
    assert.notEqual(second.sessions[0]?.session_id, first.sessions[0]?.session_id);
  });

  it("tells the hub's own words when something is refused", async () => {
    const { sessions } = await api();
    const store = await until("a session", () => sessions.shown);
    const decision = store.all("decision")[0];
    assert.ok(decision);
    await assert.rejects(sessions.answer(store.sessionId, decision.id, "approve"), /already answered/);
  });
});
