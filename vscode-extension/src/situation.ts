// Keeps the context keys in step with the shown session and the cursor.

import * as vscode from "vscode";
import type { Hunks } from "./changes/hunks";
import { setContext } from "./context";
import type { Sessions } from "./session/sessions";

export class Situation implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly sessions: Sessions,
    private readonly hunks: Hunks,
  ) {
    this.subscriptions = [
      sessions.onEvent(() => this.ofSession()),
      hunks.onChange(() => this.ofEditor()),
      vscode.window.onDidChangeActiveTextEditor(() => this.ofEditor()),
      vscode.window.onDidChangeTextEditorSelection(() => this.ofEditor()),
    ];
    this.ofSession();
    this.ofEditor();
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private ofSession(): void {
    const store = this.sessions.shown;
    const status = store?.session?.status ?? "";
    const pending = store?.all("hunk").some((hunk) => hunk.status === "pending") ?? false;
    setContext("draftsmith.session.shown", store?.session !== undefined);
    setContext("draftsmith.session.working", ["starting", "working", "waiting"].includes(status));
    setContext("draftsmith.session.resumable", ["stopped", "cancelled"].includes(status));
    setContext("draftsmith.session.proposed", (store?.all("file").length ?? 0) > 0);
    setContext("draftsmith.session.undoable", store?.undoable ?? false);
    setContext("draftsmith.session.asking", store?.all("decision").some((one) => one.state === "open") ?? false);
    setContext("draftsmith.pending", pending || this.hunks.all.length > 0);
  }

  private ofEditor(): void {
    const editor = vscode.window.activeTextEditor;
    const here = editor === undefined ? [] : this.hunks.in(editor.document.uri);
    const under = editor === undefined ? undefined : this.hunks.at(editor.document.uri, editor.selection.active.line);
    setContext("draftsmith.fileHasPending", here.length > 0);
    setContext("draftsmith.onHunk", under !== undefined);
    this.ofSession();
  }
}
