// The status bar: what the shown session does, what it cost, with which model; or what is wrong with the server.

import * as vscode from "vscode";
import type { Edge } from "./edge/edge";
import { cost } from "./money";
import { sessionStatus } from "./session/history";
import type { Sessions } from "./session/sessions";
import { settings } from "./settings";

export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable[];
  private serverMissing = false;

  constructor(
    private readonly edge: Edge,
    private readonly sessions: Sessions,
  ) {
    this.item = vscode.window.createStatusBarItem("draftsmith.status", vscode.StatusBarAlignment.Right, 100);
    this.item.name = "Draftsmith";
    this.item.command = "draftsmith.ui.showMenu";
    this.subscriptions = [
      edge.onConnection(() => this.draw()),
      sessions.onEvent(() => this.draw()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("draftsmith.model")) this.draw();
      }),
    ];
    this.draw();
    this.item.show();
  }

  missing(missing: boolean): void {
    this.serverMissing = missing;
    this.draw();
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.item]) one.dispose();
  }

  private draw(): void {
    const trouble = this.trouble();
    const session = this.sessions.shown?.session;
    const usage = this.sessions.shown?.usage;
    const model = session?.model || settings.model();
    const spent = usage === undefined ? "" : cost(usage);
    const state = session === undefined ? "" : sessionStatus(session.status);
    const words =
      trouble === undefined ? [state, spent, shortModel(model)].filter((part) => part !== "") : [trouble.text];
    this.item.text = `${iconOf(trouble?.icon, session?.status)} ${words.join(" · ") || "Draftsmith"}`;
    this.item.backgroundColor = backgroundOf(trouble?.icon, session?.status);
    this.item.tooltip = this.tooltip(trouble?.text, model, spent);
  }

  private trouble(): { icon: string; text: string } | undefined {
    if (!vscode.workspace.isTrusted) return { icon: "shield", text: vscode.l10n.t("Draftsmith: folder not trusted") };
    if (this.serverMissing) return { icon: "cloud-download", text: vscode.l10n.t("Draftsmith: install the server") };
    switch (this.edge.connection.state) {
      case "failed":
        return { icon: "error", text: vscode.l10n.t("Draftsmith: server failed") };
      case "lost":
        return { icon: "debug-disconnect", text: vscode.l10n.t("Draftsmith: reconnecting") };
      case "starting":
      case "connected":
        return undefined;
    }
  }

  private tooltip(trouble: string | undefined, model: string, spent: string): vscode.MarkdownString {
    const session = this.sessions.shown?.session;
    const lines = [`**Draftsmith**`];
    if (trouble !== undefined) lines.push(trouble, this.edge.connection.message);
    if (session !== undefined) lines.push(vscode.l10n.t("Session: {0}", session.title || session.request.slice(0, 80)));
    if (model !== "") lines.push(vscode.l10n.t("Model: {0}", model));
    if (spent !== "") lines.push(vscode.l10n.t("Cost: {0}", spent));
    const text = new vscode.MarkdownString();
    // As text: a session's title is somebody's words, no Markdown of ours.
    for (const [index, line] of lines.filter((one) => one !== "").entries()) {
      if (index === 0) text.appendMarkdown(line);
      else text.appendText(`\n\n${line}`);
    }
    return text;
  }
}

function iconOf(trouble: string | undefined, status: string | undefined): string {
  if (trouble !== undefined) return `$(${trouble})`;
  switch (status) {
    case "starting":
    case "working":
      return "$(sync~spin)";
    case "waiting":
      return "$(question)";
    case "proposed":
      return "$(git-pull-request)";
    default:
      return "$(sparkle)";
  }
}

function shortModel(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1);
}

function backgroundOf(trouble: string | undefined, status: string | undefined): vscode.ThemeColor | undefined {
  if (trouble === "error") return new vscode.ThemeColor("statusBarItem.errorBackground");
  return status === "waiting" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
}
