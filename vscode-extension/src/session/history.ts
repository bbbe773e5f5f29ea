// The Sessions view: all sessions, newest first, by pages.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import type { SessionLine } from "../protocol/messages";
import type { Sessions } from "./sessions";

const PAGE = 30;

export type HistoryNode = { kind: "session"; line: SessionLine } | { kind: "more" };

export class History implements vscode.TreeDataProvider<HistoryNode>, vscode.Disposable {
  private lines: SessionLine[] = [];
  private cursor: string | null = null;
  private loaded = false;
  private readonly states = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly edge: Edge,
    private readonly sessions: Sessions,
  ) {
    this.subscriptions = [
      edge.onConnection(({ state }) => {
        if (state === "connected") this.reload();
      }),
      sessions.onEvent((event) => {
        const session = event.store?.session;
        const now = `${session?.status} ${session?.title}`;
        if (event.kind !== "shown" && (session === undefined || this.states.get(session.id) === now)) return;
        if (session !== undefined) this.states.set(session.id, now);
        this.reload();
      }),
    ];
  }

  async getChildren(node?: HistoryNode): Promise<HistoryNode[]> {
    if (node !== undefined || this.edge.connection.state !== "connected") return [];
    if (!this.loaded) await this.load(null);
    const shown: HistoryNode[] = this.lines.map((line) => ({ kind: "session", line }));
    return this.cursor === null ? shown : [...shown, { kind: "more" }];
  }

  getTreeItem(node: HistoryNode): vscode.TreeItem {
    if (node.kind === "more") {
      const item = new vscode.TreeItem(vscode.l10n.t("Show older sessions"));
      item.iconPath = new vscode.ThemeIcon("ellipsis");
      item.command = { command: "draftsmith.ui.moreSessions", title: vscode.l10n.t("Show older sessions") };
      return item;
    }
    const { line } = node;
    const item = new vscode.TreeItem(line.title || line.session_id);
    item.id = line.session_id;
    item.description = `${sessionStatus(line.status)} · ${when(line.updated_at)}`;
    item.iconPath = sessionIcon(line.status);
    item.contextValue = line.session_id === this.sessions.shownSessionId ? "session.shown" : "session";
    item.command = {
      command: "draftsmith.ui.openSession",
      title: vscode.l10n.t("Open Session"),
      arguments: [line.session_id],
    };
    return item;
  }

  async more(): Promise<void> {
    if (this.cursor === null) return;
    await this.load(this.cursor);
    this.changed.fire(undefined);
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.changed]) one.dispose();
  }

  private reload(): void {
    this.loaded = false;
    this.changed.fire(undefined);
  }

  private async load(cursor: string | null): Promise<void> {
    const result = await this.edge.call("session/list", { limit: PAGE, cursor });
    this.lines = cursor === null ? result.sessions : [...this.lines, ...result.sessions];
    this.cursor = result.cursor;
    this.loaded = true;
  }
}

export function sessionStatus(status: string): string {
  switch (status) {
    case "starting":
      return vscode.l10n.t("starting");
    case "working":
      return vscode.l10n.t("working");
    case "waiting":
      return vscode.l10n.t("waiting for you");
    case "proposed":
      return vscode.l10n.t("proposal ready");
    case "finished":
      return vscode.l10n.t("finished");
    case "stopped":
      return vscode.l10n.t("stopped");
    case "cancelled":
      return vscode.l10n.t("cancelled");
    default:
      return status;
  }
}

export function sessionIcon(status: string): vscode.ThemeIcon {
  switch (status) {
    case "starting":
    case "working":
      return new vscode.ThemeIcon("sync~spin", new vscode.ThemeColor("progressBar.background"));
    case "waiting":
      return new vscode.ThemeIcon("question", new vscode.ThemeColor("editorWarning.foreground"));
    case "proposed":
      return new vscode.ThemeIcon("git-pull-request", new vscode.ThemeColor("charts.blue"));
    case "finished":
      return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
    default:
      return new vscode.ThemeIcon("debug-pause", new vscode.ThemeColor("descriptionForeground"));
  }
}

export function when(milliseconds: number): string {
  const date = new Date(milliseconds);
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? date.toLocaleTimeString(vscode.env.language, { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString(vscode.env.language);
}
