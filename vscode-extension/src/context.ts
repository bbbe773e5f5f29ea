// The context keys that menus, keys and views depend on, set only when they change.

import * as vscode from "vscode";

export type ContextKey =
  | "draftsmith.server"
  | "draftsmith.pending"
  | "draftsmith.fileHasPending"
  | "draftsmith.onHunk"
  | "draftsmith.session.shown"
  | "draftsmith.session.working"
  | "draftsmith.session.resumable"
  | "draftsmith.session.proposed"
  | "draftsmith.session.undoable"
  | "draftsmith.session.asking";

const known = new Map<ContextKey, boolean | string>();

export function setContext(key: ContextKey, value: boolean | string): void {
  if (known.get(key) === value) return;
  known.set(key, value);
  void vscode.commands.executeCommand("setContext", key, value);
}
