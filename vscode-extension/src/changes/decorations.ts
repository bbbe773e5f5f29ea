// Marks of pending hunks in the text: lines that would go, where lines would come, the gutter and the overview ruler.

import * as vscode from "vscode";
import { settings } from "../settings";
import type { Hunks, PlacedHunk } from "./hunks";

export class Decorations implements vscode.Disposable {
  private readonly removed: vscode.TextEditorDecorationType;
  private readonly inserted: vscode.TextEditorDecorationType;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    extensionUri: vscode.Uri,
    private readonly hunks: Hunks,
  ) {
    const media = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, "media", name);
    const ruler = {
      overviewRulerColor: new vscode.ThemeColor("draftsmith.rulerPending"),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    };
    this.removed = vscode.window.createTextEditorDecorationType({
      ...ruler,
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor("draftsmith.removedLine"),
      gutterIconPath: media("gutter-change.svg"),
      gutterIconSize: "contain",
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    });
    this.inserted = vscode.window.createTextEditorDecorationType({
      ...ruler,
      isWholeLine: true,
      gutterIconPath: media("gutter-insert.svg"),
      gutterIconSize: "contain",
      borderColor: new vscode.ThemeColor("editorGutter.addedBackground"),
      borderStyle: "solid",
      borderWidth: "0 0 1px 0",
    });
    this.subscriptions = [
      hunks.onChange((uri) => this.draw(uri)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.drawAll()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("draftsmith.inlineDiff")) this.drawAll();
      }),
    ];
    this.drawAll();
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.removed, this.inserted]) one.dispose();
  }

  private drawAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.drawIn(editor);
  }

  private draw(uri: vscode.Uri): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() === uri.toString()) this.drawIn(editor);
    }
  }

  private drawIn(editor: vscode.TextEditor): void {
    const shown = settings.inlineDiff() === "off" ? [] : this.hunks.in(editor.document.uri);
    const last = editor.document.lineCount - 1;
    const replacing = shown.filter((hunk) => hunk.count > 0);
    const inserting = shown.filter((hunk) => hunk.count === 0);
    editor.setDecorations(
      this.removed,
      replacing.map((hunk) => linesOf(hunk, last)),
    );
    editor.setDecorations(
      this.inserted,
      inserting.map((hunk) => {
        const line = Math.min(Math.max(hunk.start - 1, 0), last);
        return new vscode.Range(line, 0, line, 0);
      }),
    );
  }
}

function linesOf(hunk: PlacedHunk, last: number): vscode.Range {
  const end = Math.min(hunk.start + hunk.count - 1, last);
  return new vscode.Range(Math.min(hunk.start, last), 0, end, Number.MAX_SAFE_INTEGER);
}
