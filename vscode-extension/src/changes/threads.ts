// The added lines of pending hunks, in place below the lines that they replace. An extension can only open room between
// lines for a comment, so each hunk is one: it takes any number of lines, follows the theme and can be read by a screen
// reader, and its buttons are the editor's own.

import * as vscode from "vscode";
import { settings } from "../settings";
import type { Hunks, PlacedHunk } from "./hunks";
import { addedLines } from "./rendering";

interface Shown {
  thread: vscode.CommentThread;
  hunk: PlacedHunk;
}

export class Threads implements vscode.Disposable {
  private readonly controller: vscode.CommentController;
  private readonly shown = new Map<string, Map<string, Shown>>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly hunks: Hunks) {
    this.controller = vscode.comments.createCommentController("draftsmith", "Draftsmith");
    this.controller.options = { prompt: "", placeHolder: "" };
    this.subscriptions = [
      hunks.onChange((uri) => this.draw(uri)),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("draftsmith.inlineDiff")) this.drawAll();
      }),
    ];
    this.drawAll();
  }

  /** The hunk that a button of a thread is about. */
  hunkOf(thread: vscode.CommentThread): PlacedHunk | undefined {
    for (const shown of this.shown.get(thread.uri.toString())?.values() ?? []) {
      if (shown.thread === thread) return shown.hunk;
    }
    return undefined;
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.controller]) one.dispose();
  }

  private drawAll(): void {
    const uris = new Map(this.hunks.all.map((hunk) => [hunk.uri.toString(), hunk.uri]));
    for (const [key] of this.shown) uris.set(key, vscode.Uri.parse(key));
    for (const uri of uris.values()) this.draw(uri);
  }

  /** Threads that stay are moved, not made anew: what the user folded stays folded. */
  private draw(uri: vscode.Uri): void {
    const key = uri.toString();
    const before = this.shown.get(key) ?? new Map<string, Shown>();
    const hunks = settings.inlineDiff() === "full" ? this.hunks.in(uri) : [];
    const now = new Map<string, Shown>();
    for (const hunk of hunks) {
      const held = before.get(hunk.hunkId);
      before.delete(hunk.hunkId);
      if (held === undefined) {
        now.set(hunk.hunkId, { hunk, thread: this.open(hunk) });
        continue;
      }
      held.thread.range = rangeOf(hunk);
      if (held.hunk.after !== hunk.after || held.hunk.status !== hunk.status) fill(held.thread, hunk);
      now.set(hunk.hunkId, { hunk, thread: held.thread });
    }
    for (const gone of before.values()) gone.thread.dispose();
    if (now.size === 0) this.shown.delete(key);
    else this.shown.set(key, now);
  }

  private open(hunk: PlacedHunk): vscode.CommentThread {
    const thread = this.controller.createCommentThread(hunk.uri, rangeOf(hunk), []);
    thread.canReply = false;
    // The editor brings its Comments view to the front for unresolved ones, which these are not meant to be.
    thread.state = vscode.CommentThreadState.Resolved;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    fill(thread, hunk);
    return thread;
  }
}

function fill(thread: vscode.CommentThread, hunk: PlacedHunk): void {
  thread.contextValue = hunk.status === "conflicted" ? "conflicted" : "pending";
  thread.label = label(hunk);
  const body = new vscode.MarkdownString(addedLines(hunk.after, (count) => vscode.l10n.t("… {0} more lines", count)));
  body.supportHtml = true;
  thread.comments = [{ body, mode: vscode.CommentMode.Preview, author: { name: author(hunk) } }];
}

function label(hunk: PlacedHunk): string {
  if (hunk.status === "conflicted") return vscode.l10n.t("Conflict: {0}", hunk.note);
  if (hunk.after === "") return vscode.l10n.t("Draftsmith removes {0} lines", hunk.count);
  return hunk.count === 0 ? vscode.l10n.t("Draftsmith adds") : vscode.l10n.t("Draftsmith replaces with");
}

function author(hunk: PlacedHunk): string {
  return hunk.title || "Draftsmith";
}

/** A thread stands below its range: an insertion stands below the line before it. */
function rangeOf(hunk: PlacedHunk): vscode.Range {
  const last = hunk.count === 0 ? Math.max(hunk.start - 1, 0) : hunk.start + hunk.count - 1;
  return new vscode.Range(Math.min(hunk.start, last), 0, last, 0);
}
