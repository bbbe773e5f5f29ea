// The pending hunks of the open files, as the edge places them in the present text. Asked for anew when it says so.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";

/** One hunk that waits, in lines of the document counted from 0; `count` 0 inserts before `start`. */
export interface PlacedHunk {
  uri: vscode.Uri;
  sessionId: string;
  hunkId: string;
  start: number;
  count: number;
  before: string;
  after: string;
  status: string;
  note: string;
  /** Of the session. */
  title: string;
}

/** As the edge answers `draftsmith/hunks`. */
export interface HunksAnswer {
  hunks: {
    session_id: string;
    hunk_id: string;
    range: { start: { line: number; character: number }; end: { line: number; character: number } };
    status: string;
    note: string;
    before: string | null;
    after: string | null;
    title: string;
    binary: boolean;
  }[];
}

export class Hunks implements vscode.Disposable {
  private readonly held = new Map<string, PlacedHunk[]>();
  private readonly asked = new Map<string, number>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onChange = this.changed.event;

  constructor(
    private readonly edge: Edge,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      edge.onHunksChanged((uri) => void this.refresh(uri)),
      edge.onConnection(({ state }) => {
        if (state === "connected")
          for (const editor of vscode.window.visibleTextEditors) void this.refresh(editor.document.uri);
        if (state === "failed") this.clear();
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors)
          if (!this.held.has(document.uri.toString())) void this.refresh(document.uri);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document.uri)),
    ];
  }

  /** From top to bottom. */
  in(uri: vscode.Uri): readonly PlacedHunk[] {
    return this.held.get(uri.toString()) ?? [];
  }

  get all(): PlacedHunk[] {
    return [...this.held.values()].flat();
  }

  /** The hunk at the line, one of the preferred session first; one that only inserts stands at both lines beside it. */
  at(uri: vscode.Uri, line: number, preferred?: string): PlacedHunk | undefined {
    const all = this.in(uri);
    const hunks = [...all.filter((one) => one.sessionId === preferred), ...all];
    const inside = hunks.find((hunk) => hunk.start <= line && line < hunk.start + Math.max(hunk.count, 1));
    return inside ?? hunks.find((hunk) => hunk.count === 0 && hunk.start - 1 === line);
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.changed]) one.dispose();
  }

  private async refresh(uri: vscode.Uri): Promise<void> {
    if (uri.scheme !== "file" && uri.scheme !== "untitled") return;
    const key = uri.toString();
    const number = (this.asked.get(key) ?? 0) + 1;
    this.asked.set(key, number);
    let hunks: PlacedHunk[] = [];
    try {
      hunks = placed(uri, await this.edge.ask<HunksAnswer>("draftsmith/hunks", { uri: key }));
    } catch (failure) {
      this.log.debug(`hunks of ${key} were not read: ${String(failure)}`);
      return;
    }
    // An answer that was overtaken by a later question says what no longer is.
    if (this.asked.get(key) !== number) return;
    this.held.set(key, hunks);
    this.changed.fire(uri);
  }

  private forget(uri: vscode.Uri): void {
    this.held.delete(uri.toString());
    this.asked.delete(uri.toString());
    this.changed.fire(uri);
  }

  private clear(): void {
    for (const key of [...this.held.keys()]) this.forget(vscode.Uri.parse(key));
  }
}

/** Whole lines: a range that ends at the beginning of a line does not hold that line. */
export function linesOf(range: HunksAnswer["hunks"][number]["range"]): { start: number; count: number } {
  const last = range.end.character > 0 ? 1 : 0;
  return { start: range.start.line, count: range.end.line - range.start.line + last };
}

function placed(uri: vscode.Uri, answer: HunksAnswer): PlacedHunk[] {
  return answer.hunks
    .filter((hunk) => hunk.before !== null && hunk.after !== null)
    .map((hunk) => ({
      uri,
      sessionId: hunk.session_id,
      hunkId: hunk.hunk_id,
      ...linesOf(hunk.range),
      before: hunk.before ?? "",
      after: hunk.after ?? "",
      status: hunk.status,
      note: hunk.note,
      title: hunk.title,
    }))
    .sort((one, other) => one.start - other.start);
}
