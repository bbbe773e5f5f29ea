// Commands about the extension itself: keys, model, server, output, help.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import type { Keys } from "../keys";
import { openSettings, type Server } from "../server";
import type { Sessions } from "../session/sessions";
import { settings } from "../settings";
import { register } from "./register";

interface Parts {
  extensionId: string;
  edge: Edge;
  keys: Keys;
  server: Server;
  sessions: Sessions;
  output: vscode.LogOutputChannel;
}

export function toolCommands({ extensionId, edge, keys, server, sessions, output }: Parts): vscode.Disposable[] {
  return [
    register("setKey", () => keys.set()),
    register("removeKey", () => keys.remove()),
    register("chooseModel", (model) => chooseModel(sessions, model)),
    register("installServer", () => server.install()),
    register("restartServer", () => server.start()),
    register("showOutput", () => output.show()),
    register("openSettings", () => openSettings(`@ext:${extensionId}`)),
    register("openWalkthrough", () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", `${extensionId}#start`, false),
    ),
    register("showMenu", () => showMenu(edge, sessions)),
  ];
}

/** Models that were used before can be picked; any other is typed. Empty lets the server choose. */
async function chooseModel(sessions: Sessions, model: unknown): Promise<void> {
  if (typeof model === "string") {
    await settings.setModel(model);
    return;
  }
  const used = new Set(sessions.all.map((store) => store.session?.model ?? "").filter((one) => one.includes("/")));
  if (settings.model() !== "") used.add(settings.model());
  const automatic = {
    label: vscode.l10n.t("Automatic"),
    description: vscode.l10n.t("The server chooses by its keys"),
    model: "",
  };
  const other = { label: vscode.l10n.t("Another model …"), model: undefined };
  const known = [...used].map((name) => ({ label: name, model: name }));
  const chosen = await vscode.window.showQuickPick([automatic, ...known, other], {
    title: vscode.l10n.t("Model of new sessions"),
  });
  if (chosen === undefined) return;
  const name = chosen.model ?? (await typeModel());
  if (name !== undefined) await settings.setModel(name);
}

async function typeModel(): Promise<string | undefined> {
  return await vscode.window.showInputBox({
    title: vscode.l10n.t("Model as provider/model"),
    placeHolder: "openai/gpt-5",
    validateInput: (text) => (/^[^/\s]+\/\S+$/.test(text) ? undefined : vscode.l10n.t("Write it as provider/model.")),
  });
}

interface MenuItem extends vscode.QuickPickItem {
  command: string;
}

async function showMenu(edge: Edge, sessions: Sessions): Promise<void> {
  const item = (icon: string, label: string, command: string): MenuItem => ({ label: `$(${icon}) ${label}`, command });
  const status = sessions.shown?.session?.status;
  const items: MenuItem[] = [];
  if (!vscode.workspace.isTrusted)
    items.push(item("shield", vscode.l10n.t("Manage Workspace Trust"), "workbench.trust.manage"));
  if (edge.connection.state === "failed")
    items.push(item("refresh", vscode.l10n.t("Restart the Server"), "draftsmith.ui.restartServer"));
  if (status === "waiting") items.push(item("question", vscode.l10n.t("Answer a Question…"), "draftsmith.ui.answer"));
  if (status === "proposed")
    items.push(item("diff-multiple", vscode.l10n.t("Review All Changes"), "draftsmith.ui.review"));
  if (status === "working") items.push(item("debug-stop", vscode.l10n.t("Stop the Session"), "draftsmith.ui.cancel"));
  items.push(
    item("sparkle", vscode.l10n.t("Ask for a Change…"), "draftsmith.ui.ask"),
    item("history", vscode.l10n.t("Open Session…"), "draftsmith.ui.openSession"),
    item("chip", vscode.l10n.t("Choose Model…"), "draftsmith.ui.chooseModel"),
    item("key", vscode.l10n.t("Set API Key…"), "draftsmith.ui.setKey"),
    item("output", vscode.l10n.t("Show Output"), "draftsmith.ui.showOutput"),
  );
  const chosen = await vscode.window.showQuickPick(items, { title: "Draftsmith" });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}
