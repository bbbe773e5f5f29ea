// Puts the extension together. Everything it makes is given to the editor to dispose of.

import * as vscode from "vscode";
import { Decorations } from "./changes/decorations";
import { Diffs } from "./changes/diffs";
import { Hunks } from "./changes/hunks";
import { Threads } from "./changes/threads";
import { ChangesTree } from "./changes/tree";
import { fileUri } from "./changes/uris";
import { hunkCommands, reveal, shownSession } from "./commands/hunks";
import { selectionCommands } from "./commands/selection";
import { sessionCommands, startSession } from "./commands/sessions";
import { toolCommands } from "./commands/tools";
import { Edge } from "./edge/edge";
import { Keys } from "./keys";
import { Server } from "./server";
import { FileIndex } from "./session/files";
import { History } from "./session/history";
import { notifyQuestions } from "./session/notify";
import { Sessions } from "./session/sessions";
import { SessionView } from "./session/view";
import { Situation } from "./situation";
import { StatusBar } from "./statusbar";
import { Texts } from "./texts";

/** For the tests inside the extension host only. */
export interface Api {
  edge: Edge;
  sessions: Sessions;
  hunks: Hunks;
}

export function activate(extension: vscode.ExtensionContext): Api | undefined {
  const output = vscode.window.createOutputChannel("Draftsmith", { log: true });
  const edge = new Edge(output);
  const sessions = new Sessions(edge, extension.workspaceState, output);
  const hunks = new Hunks(edge, output);
  const threads = new Threads(hunks);
  const diffs = new Diffs(edge, sessions);
  const changes = new ChangesTree(sessions);
  const history = new History(edge, sessions);
  const keys = new Keys(extension.secrets, extension.globalState, edge, output);
  const server = new Server(edge, extension.globalStorageUri, output);
  const texts = new Texts(edge);
  const view = new SessionView(extension, edge, sessions, new FileIndex(), {
    start: (request) => startSession(edge, sessions, request),
    openFile: (root, path, line) => reveal(fileUri(shownSession(sessions), root, path), (line ?? 1) - 1),
    openDocument: (title, documentId) => texts.openDocument(title, documentId),
    openText: (title, text) => texts.openText(title, text),
  });
  const status = new StatusBar(edge, sessions);
  extension.subscriptions.push(
    output,
    edge,
    sessions,
    hunks,
    threads,
    diffs,
    changes,
    history,
    keys,
    server,
    texts,
    view,
    status,
    new Decorations(extension.extensionUri, hunks),
    new Situation(sessions, hunks),
    notifyQuestions(sessions, view),
    server.onMissing((missing) => status.missing(missing)),
    vscode.window.registerWebviewViewProvider("draftsmith.session", view),
    vscode.window.createTreeView("draftsmith.changes", { treeDataProvider: changes, showCollapseAll: true }),
    vscode.window.createTreeView("draftsmith.sessions", { treeDataProvider: history }),
    ...hunkCommands({ edge, sessions, hunks, threads, diffs, texts }),
    ...sessionCommands({ edge, sessions, view, history }),
    ...selectionCommands({ edge, sessions, view }),
    ...toolCommands({ extensionId: extension.extension.id, edge, keys, server, sessions, output }),
  );
  // Not awaited: an editor that starts does not wait for our server.
  void server.start();
  return extension.extensionMode === vscode.ExtensionMode.Test ? { edge, sessions, hunks } : undefined;
}
