// The Changes view: files of the shown session's proposal and their hunks. A native tree, so that it has the editor's
// keys, icons and menus.

import * as vscode from "vscode";
import type { FileEntity, HunkEntity } from "../protocol/messages";
import type { Sessions } from "../session/sessions";
import type { SessionStore } from "../session/store";
import { fileUri } from "./uris";

export type ChangeNode =
  | { kind: "file"; sessionId: string; file: FileEntity }
  | { kind: "hunk"; sessionId: string; file: FileEntity; hunk: HunkEntity };

export class ChangesTree implements vscode.TreeDataProvider<ChangeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly sessions: Sessions) {
    this.subscriptions = [
      sessions.onEvent((event) => {
        if (event.kind === "update" && !event.update.entities.some(matters) && event.update.removed.length === 0)
          return;
        if (event.kind === "step") return;
        this.changed.fire(undefined);
      }),
    ];
  }

  getChildren(node?: ChangeNode): ChangeNode[] {
    const store = this.sessions.shown;
    if (store === undefined) return [];
    const { sessionId } = store;
    if (node === undefined) return store.all("file").map((file) => ({ kind: "file", sessionId, file }));
    if (node.kind === "hunk") return [];
    return hunksOf(store, node.file).map((hunk) => ({ kind: "hunk", sessionId, file: node.file, hunk }));
  }

  getTreeItem(node: ChangeNode): vscode.TreeItem {
    return node.kind === "file" ? this.fileItem(node.file) : this.hunkItem(node.file, node.hunk);
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.changed]) one.dispose();
  }

  private fileItem(file: FileEntity): vscode.TreeItem {
    const store = this.sessions.shown;
    const hunks = store === undefined ? [] : hunksOf(store, file);
    const pending = hunks.filter((hunk) => hunk.status === "pending").length;
    const item = new vscode.TreeItem(
      file.path.slice(file.path.lastIndexOf("/") + 1),
      vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = `${store?.sessionId}/${file.id}`;
    item.resourceUri = store === undefined ? vscode.Uri.file(file.path) : fileUri(store, file.root, file.path);
    item.iconPath = vscode.ThemeIcon.File;
    const folder = file.path.slice(0, Math.max(0, file.path.lastIndexOf("/")));
    const counted = pending > 0 ? vscode.l10n.t("{0} pending", pending) : vscode.l10n.t("decided");
    item.description = [folder, changeWord(file.change), counted].filter((part) => part !== "").join(" · ");
    item.contextValue = pending > 0 ? "file.pending" : "file.decided";
    item.tooltip = file.path;
    return item;
  }

  private hunkItem(file: FileEntity, hunk: HunkEntity): vscode.TreeItem {
    const label = vscode.l10n.t("Line {0}", Math.max(hunk.base_start, 1));
    const item = new vscode.TreeItem(label);
    item.id = `${this.sessions.shown?.sessionId}/${file.id}/${hunk.id}`;
    item.description = `+${hunk.new_length} −${hunk.base_length} · ${statusWord(hunk.status)}`;
    item.iconPath = statusIcon(hunk.status);
    item.contextValue = hunk.status === "pending" ? "hunk.pending" : `hunk.${hunk.status}`;
    if (hunk.note !== "") item.tooltip = hunk.note;
    item.command = {
      command: "draftsmith.ui.openHunk",
      title: label,
      arguments: [{ kind: "hunk", sessionId: this.sessions.shown?.sessionId, file, hunk }],
    };
    return item;
  }
}

function matters(entity: { kind: string }): boolean {
  return entity.kind === "hunk" || entity.kind === "file" || entity.kind === "session";
}

export function hunksOf(store: SessionStore, file: FileEntity): HunkEntity[] {
  return file.hunks.flatMap((id) => store.get("hunk", id) ?? []);
}

function changeWord(change: FileEntity["change"]): string {
  switch (change) {
    case "modify":
      return "";
    case "create":
      return vscode.l10n.t("new");
    case "delete":
      return vscode.l10n.t("deleted");
    case "mode":
      return vscode.l10n.t("mode");
    case "symlink":
      return vscode.l10n.t("link");
    case "binary":
      return vscode.l10n.t("binary");
  }
}

export function statusWord(status: HunkEntity["status"]): string {
  switch (status) {
    case "pending":
      return vscode.l10n.t("pending");
    case "accepted":
    case "on_disk":
      return vscode.l10n.t("accepted");
    case "in_buffer":
      return vscode.l10n.t("in the editor, not saved");
    case "rejected":
      return vscode.l10n.t("rejected");
    case "conflicted":
      return vscode.l10n.t("conflict");
    case "reverted":
      return vscode.l10n.t("undone");
  }
}

function statusIcon(status: HunkEntity["status"]): vscode.ThemeIcon {
  const coloured = (icon: string, colour: string): vscode.ThemeIcon =>
    new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
  switch (status) {
    case "pending":
      return coloured("circle-large-outline", "charts.blue");
    case "accepted":
    case "in_buffer":
    case "on_disk":
      return coloured("pass", "testing.iconPassed");
    case "rejected":
      return coloured("circle-slash", "descriptionForeground");
    case "conflicted":
      return coloured("warning", "editorWarning.foreground");
    case "reverted":
      return coloured("discard", "descriptionForeground");
  }
}
