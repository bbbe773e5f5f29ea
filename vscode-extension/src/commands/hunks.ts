// Commands about pending changes: decide them, go from one to the next, see them side by side, undo.

import * as vscode from "vscode";
import { openConflict } from "../changes/conflicts";
import type { Diffs } from "../changes/diffs";
import type { Hunks, PlacedHunk } from "../changes/hunks";
import type { Threads } from "../changes/threads";
import type { ChangeNode } from "../changes/tree";
import { fileUri } from "../changes/uris";
import type { Edge } from "../edge/edge";
import type { FileEntity } from "../protocol/messages";
import type { Sessions } from "../session/sessions";
import type { SessionStore } from "../session/store";
import { settings } from "../settings";
import type { Texts } from "../texts";
import { register } from "./register";

interface Parts {
  edge: Edge;
  sessions: Sessions;
  hunks: Hunks;
  threads: Threads;
  diffs: Diffs;
  texts: Texts;
}

interface Chosen {
  sessionId: string;
  hunkIds: string[];
}

export function hunkCommands(parts: Parts): vscode.Disposable[] {
  const { edge, sessions, hunks, diffs } = parts;
  const decide = async (verdict: "accept" | "reject", chosen: Chosen | undefined): Promise<void> => {
    if (chosen === undefined || chosen.hunkIds.length === 0)
      throw new Error(vscode.l10n.t("No pending change is here."));
    await edge.execute(`draftsmith.${verdict}`, chosen.sessionId, chosen.hunkIds);
  };
  edge.instead.set("draftsmith.why", (sessionId, hunkId) => explain(parts, String(sessionId), String(hunkId)));
  edge.instead.set("draftsmith.conflict", (sessionId, hunkId) => openConflict(edge, String(sessionId), String(hunkId)));
  return [
    register("acceptHunk", (at) => decide("accept", hunkChosen(parts, at))),
    register("rejectHunk", (at) => decide("reject", hunkChosen(parts, at))),
    register("acceptFile", (at) => decide("accept", fileChosen(parts, at))),
    register("rejectFile", (at) => decide("reject", fileChosen(parts, at))),
    register("acceptAll", () => decide("accept", allPending(sessions))),
    register("rejectAll", () => decide("reject", allPending(sessions))),
    register("explainHunk", async (at) => {
      const chosen = hunkChosen(parts, at);
      if (chosen === undefined) throw new Error(vscode.l10n.t("No pending change is here."));
      await explain(parts, chosen.sessionId, chosen.hunkIds[0] ?? "");
    }),
    register("openConflict", async (at) => {
      const chosen = hunkChosen(parts, at);
      if (chosen === undefined) throw new Error(vscode.l10n.t("No conflict is here."));
      await openConflict(edge, chosen.sessionId, chosen.hunkIds[0] ?? "");
    }),
    register("nextHunk", () => go(hunks, sessions, 1)),
    register("previousHunk", () => go(hunks, sessions, -1)),
    register("undo", () => edge.execute("draftsmith.undo", shownSession(sessions).sessionId)),
    register("compareFile", async (at) => {
      const { store, file } = fileAt(parts, at);
      await diffs.compare(store, file);
    }),
    register("review", () => diffs.review(shownSession(sessions))),
    register("openHunk", (at) => openHunk(parts, at as ChangeNode)),
    register("toggleInline", () => settings.setInlineDiff(settings.inlineDiff() === "off" ? "full" : "off")),
  ];
}

/** In place, as the hover of the hunk; as a document when its file is not open. */
async function explain({ edge, hunks, texts }: Parts, sessionId: string, hunkId: string): Promise<void> {
  const placed = hunks.all.find((hunk) => hunk.sessionId === sessionId && hunk.hunkId === hunkId);
  if (placed !== undefined) {
    await reveal(placed.uri, placed.count === 0 ? placed.start - 1 : placed.start);
    await vscode.commands.executeCommand("editor.action.showHover");
    return;
  }
  const answer = await edge.execute("draftsmith.why", sessionId, hunkId);
  if (typeof answer !== "object" || answer === null || !("markdown" in answer)) return;
  await texts.openMarkdown(vscode.l10n.t("Why this change"), String(answer.markdown));
}

export function shownSession(sessions: Sessions): SessionStore {
  const store = sessions.shown;
  if (store === undefined) throw new Error(vscode.l10n.t("No session is shown. Open one first."));
  return store;
}

function allPending(sessions: Sessions): Chosen {
  const store = shownSession(sessions);
  const pending = store.all("hunk").filter((hunk) => hunk.status === "pending");
  return { sessionId: store.sessionId, hunkIds: pending.map((hunk) => hunk.id) };
}

/** By a row of the Changes view, a comment's button, or the cursor. */
function hunkChosen(parts: Parts, at: unknown): Chosen | undefined {
  if (isNode(at) && at.kind === "hunk") return { sessionId: at.sessionId, hunkIds: [at.hunk.id] };
  const placed = isThread(at) ? parts.threads.hunkOf(at) : underCursor(parts);
  return placed === undefined ? undefined : { sessionId: placed.sessionId, hunkIds: [placed.hunkId] };
}

/** By a row of the Changes view, or the active editor. */
function fileChosen({ hunks, sessions }: Parts, at: unknown): Chosen | undefined {
  if (isNode(at)) {
    const pending = sessions.shown
      ?.all("hunk")
      .filter((hunk) => at.file.hunks.includes(hunk.id) && hunk.status === "pending");
    return { sessionId: at.sessionId, hunkIds: (pending ?? []).map((hunk) => hunk.id) };
  }
  const uri = at instanceof vscode.Uri ? at : vscode.window.activeTextEditor?.document.uri;
  const placed = uri === undefined ? [] : hunks.in(uri);
  const first = placed.find((one) => one.sessionId === sessions.shownSessionId) ?? placed[0];
  if (first === undefined) return undefined;
  const same = placed.filter((hunk) => hunk.sessionId === first.sessionId);
  return { sessionId: first.sessionId, hunkIds: same.map((hunk) => hunk.hunkId) };
}

function underCursor({ hunks, sessions }: Parts): PlacedHunk | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  return hunks.at(editor.document.uri, editor.selection.active.line, sessions.shownSessionId);
}

/** By a row, a path of the session view, a comment's button, an address, or the active editor. */
function fileAt({ sessions, threads }: Parts, at: unknown): { store: SessionStore; file: FileEntity } {
  const store = shownSession(sessions);
  if (isNode(at)) return { store, file: at.file };
  const uri = isThread(at)
    ? threads.hunkOf(at)?.uri
    : at instanceof vscode.Uri
      ? at
      : vscode.window.activeTextEditor?.document.uri;
  const file = store.all("file").find((one) => {
    return typeof at === "string" ? one.path === at : uri?.path === fileUri(store, one.root, one.path).path;
  });
  if (file === undefined) throw new Error(vscode.l10n.t("The proposal does not change this file."));
  return { store, file };
}

async function openHunk({ sessions, diffs, hunks }: Parts, node: ChangeNode): Promise<void> {
  const store = shownSession(sessions);
  if (node.kind === "file" || node.file.change !== "modify") {
    await diffs.compare(store, node.file);
    return;
  }
  const uri = fileUri(store, node.file.root, node.file.path);
  const placed = hunks.in(uri).find((hunk) => hunk.hunkId === node.hunk.id);
  await reveal(uri, placed?.start ?? Math.max(node.hunk.base_start - 1, 0));
}

export async function reveal(uri: vscode.Uri, line: number): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const at = new vscode.Position(Math.min(Math.max(line, 0), document.lineCount - 1), 0);
  const editor = await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Through the open file, then on to the next file of the proposal that has pending changes. */
async function go(hunks: Hunks, sessions: Sessions, step: 1 | -1): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const here = editor === undefined ? [] : hunks.in(editor.document.uri);
  const line = editor?.selection.active.line ?? -1;
  const ahead = here.filter((hunk) => (step === 1 ? hunk.start > line : hunk.start < line));
  const next = step === 1 ? ahead[0] : ahead.at(-1);
  if (editor !== undefined && next !== undefined) {
    await reveal(editor.document.uri, next.start);
    return;
  }
  const store = shownSession(sessions);
  const pending = new Set(
    store
      .all("hunk")
      .filter((hunk) => hunk.status === "pending")
      .map((hunk) => hunk.id),
  );
  const files = store
    .all("file")
    .filter((file) => file.change === "modify" && file.hunks.some((id) => pending.has(id)));
  if (files.length === 0) return;
  const current = files.findIndex((file) => fileUri(store, file.root, file.path).path === editor?.document.uri.path);
  const target = files[(current + step + files.length) % files.length] ?? files[0];
  if (target === undefined) return;
  const found = target.hunks.filter((id) => pending.has(id)).map((id) => store.get("hunk", id));
  const hunk = step === 1 ? found[0] : found.at(-1);
  const uri = fileUri(store, target.root, target.path);
  const placed = hunks.in(uri).find((one) => one.hunkId === hunk?.id);
  await reveal(uri, placed?.start ?? Math.max((hunk?.base_start ?? 1) - 1, 0));
}

function isNode(at: unknown): at is ChangeNode {
  return typeof at === "object" && at !== null && "kind" in at && "file" in at;
}

function isThread(at: unknown): at is vscode.CommentThread {
  return typeof at === "object" && at !== null && "comments" in at && "collapsibleState" in at;
}
