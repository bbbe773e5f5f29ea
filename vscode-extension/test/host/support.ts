// The extension as it runs here, and waiting for what it comes to.

import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import type { PlacedHunk } from "../../src/changes/hunks";
import type { Api } from "../../src/extension";
import type { HunkEntity, SessionEntity } from "../../src/protocol/messages";
import type { SessionStore } from "../../src/session/store";

const WAIT_MS = 25_000;

export const ORDER = "shop/order.py";

export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>("draftsmith.draftsmith");
  assert.ok(extension, "the extension is not there");
  const found = await extension.activate();
  await until("a connected hub", () => found.edge.connection.state === "connected");
  return found;
}

/** Asks again and again: what is waited for is state, and every wait ends. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function folder(): string {
  const path = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(path);
  return path;
}

export function fileUri(name: string): vscode.Uri {
  return vscode.Uri.file(join(folder(), name));
}

export async function open(name: string): Promise<vscode.TextEditor> {
  return await vscode.window.showTextDocument(fileUri(name), { preview: false });
}

export async function status(store: SessionStore, wanted: SessionEntity["status"]): Promise<void> {
  await until(`the session to be ${wanted}; it is ${store.session?.status}`, () => {
    const now = store.session;
    if (now?.status === "stopped" && wanted !== "stopped") throw new Error(`it stopped: ${now.stopped?.reason}`);
    return now?.status === wanted;
  });
}

/** A session that was asked for the discount, with its plan approved and its proposal there. */
export async function proposal(): Promise<SessionStore> {
  const { sessions } = await api();
  const before = sessions.shownSessionId;
  await vscode.commands.executeCommand("draftsmith.ui.ask", "Add a discount to orders and show it on the receipt.");
  const store = await until("a new session", () => sessions.shownSessionId !== before && sessions.shown);
  const plan = await until("the plan's question", () => store.all("decision").find((one) => one.state === "open"));
  await sessions.answer(store.sessionId, plan.id, "approve");
  await status(store, "proposed");
  return store;
}

export async function placed(name: string, count: number): Promise<readonly PlacedHunk[]> {
  const { hunks, sessions } = await api();
  const found = (): PlacedHunk[] => hunks.in(fileUri(name)).filter((one) => one.sessionId === sessions.shownSessionId);
  return await until(`${count} hunks in ${name}`, () => found().length === count && found());
}

export function hunk(store: SessionStore, id: string | undefined): HunkEntity {
  const found = store.get("hunk", id ?? "");
  assert.ok(found);
  return found;
}

export async function hunkStatus(
  store: SessionStore,
  id: string | undefined,
  wanted: HunkEntity["status"],
): Promise<void> {
  await until(`hunk ${id} to be ${wanted}; it is ${hunk(store, id).status}`, () => hunk(store, id).status === wanted);
}

export function putCursor(editor: vscode.TextEditor, line: number): void {
  editor.selection = new vscode.Selection(line, 0, line, 0);
}

export async function closeAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    if (document.isDirty) {
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand("workbench.action.files.revert");
    }
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Rejects everything that is pending and puts the files back as they were. */
export async function putBack(store: SessionStore, texts: ReadonlyMap<string, string>): Promise<void> {
  const pending = store.all("hunk").filter((one) => ["pending", "conflicted", "reverted"].includes(one.status));
  const { edge } = await api();
  if (pending.length > 0) {
    const params = { session_id: store.sessionId, hunk_ids: pending.map((one) => one.id) };
    await edge.call("proposal/reject", params);
  }
  await closeAll();
  for (const [name, text] of texts) {
    await vscode.workspace.fs.writeFile(fileUri(name), new TextEncoder().encode(text));
  }
}

export async function textOnDisk(name: string): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(fileUri(name)));
}
