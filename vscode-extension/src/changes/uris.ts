// Addresses: a session's files on disk, and their sides as documents that the server gives.

import { posix } from "node:path";
import * as vscode from "vscode";
import type { SessionStore } from "../session/store";

export const SCHEME = "draftsmith";

const SIDES = ["base", "draft", "workspace", "proposed", "offered", "conflict"] as const;

export type Side = (typeof SIDES)[number];

interface Parts {
  side: Side;
  sessionId: string;
  path: string;
}

/** Both sides of a file have the file's own path, so that the editor names and colours them alike. */
export function sideUri(side: Side, sessionId: string, file: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({
    scheme: SCHEME,
    path: file.path,
    query: new URLSearchParams({ side, session: sessionId }).toString(),
  });
}

/** Also of the server's form: `draftsmith:/<side>/<session>/<absolute path>`. */
export function partsOf(uri: vscode.Uri): Parts | undefined {
  const asked = new URLSearchParams(uri.query);
  const session = asked.get("session");
  const side = asked.get("side");
  if (session !== null && isSide(side)) return { side, sessionId: session, path: vscode.Uri.file(uri.path).fsPath };
  const [, first = "", sessionId = "", path = ""] = /^\/([^/]+)\/([^/]+)(\/.+)$/.exec(uri.path) ?? [];
  return isSide(first) ? { side: first, sessionId, path: vscode.Uri.file(path).fsPath } : undefined;
}

function isSide(word: string | null): word is Side {
  return SIDES.some((side) => side === word);
}

export function fileUri(store: SessionStore, root: number, path: string): vscode.Uri {
  const folder = store.session?.roots[root]?.path ?? "";
  return vscode.Uri.file(posix.join(folder, path));
}
