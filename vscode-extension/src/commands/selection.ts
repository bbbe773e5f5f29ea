// Commands about what is selected in an editor: change it, explain it, attach it to the prompt.

import * as vscode from "vscode";
import { type Edge, startedSession } from "../edge/edge";
import type { Sessions } from "../session/sessions";
import type { SessionView } from "../session/view";
import type { Attachment } from "../session/wire";
import { register } from "./register";

interface Parts {
  edge: Edge;
  sessions: Sessions;
  view: SessionView;
}

export function selectionCommands({ edge, sessions, view }: Parts): vscode.Disposable[] {
  /** The server quotes the place and words the request, as it does for its own code actions. */
  const begin = async (command: string, place: Place, ...more: unknown[]): Promise<void> => {
    const sessionId = startedSession(await edge.execute(command, place.uri, place.range, ...more));
    if (sessionId !== undefined) await sessions.show(sessionId);
    await view.focus();
  };
  const change = async (place: Place): Promise<void> => {
    const title = vscode.l10n.t("What is to be changed here?");
    const wish = await vscode.window.showInputBox({ title, ignoreFocusOut: true });
    if (wish !== undefined && wish.trim() !== "") await begin("draftsmith.change", place, wish);
  };
  edge.instead.set("draftsmith.change", (uri, range) => change({ uri: String(uri), range }));
  edge.instead.set("draftsmith.request", async () => {
    if (vscode.window.activeTextEditor?.selection.isEmpty === false) await view.attach(selected());
    else await view.focus();
  });
  for (const command of ["draftsmith.plan", "draftsmith.summary", "draftsmith.question"]) {
    edge.instead.set(command, async (sessionId) => {
      if (typeof sessionId === "string") await sessions.show(sessionId);
      await view.focus();
    });
  }
  return [
    register("attachSelection", () => view.attach(selected())),
    register("attachFile", (uri) => view.attach(wholeFile(uri))),
    register("changeSelection", () => change(placeOfSelection())),
    register("explainSelection", () => begin("draftsmith.explain", placeOfSelection())),
    register("testSelection", () => begin("draftsmith.test", placeOfSelection())),
    register("documentSelection", () => begin("draftsmith.document", placeOfSelection())),
    register("refactorSelection", () => begin("draftsmith.refactor", placeOfSelection())),
  ];
}

interface Place {
  uri: string;
  range: unknown;
}

function placeOfSelection(): Place {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Error(vscode.l10n.t("Select something in an editor first."));
  const { start, end } = editor.selection;
  const at = (position: vscode.Position): object => ({ line: position.line, character: position.character });
  return { uri: editor.document.uri.toString(), range: { start: at(start), end: at(end) } };
}

function selected(): Attachment {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) throw new Error(vscode.l10n.t("Select something in an editor first."));
  const { document, selection } = editor;
  // A selection up to the beginning of a line does not mean that line.
  const upTo = selection.end.character === 0 && selection.end.line > selection.start.line ? 1 : 0;
  const lastLine = selection.end.line - upTo;
  const range = new vscode.Range(selection.start.line, 0, lastLine, document.lineAt(lastLine).text.length);
  return {
    path: vscode.workspace.asRelativePath(document.uri),
    language: document.languageId,
    firstLine: selection.start.line + 1,
    lastLine: lastLine + 1,
    text: document.getText(range),
  };
}

function wholeFile(uri: unknown): Attachment {
  const file = uri instanceof vscode.Uri ? uri : vscode.window.activeTextEditor?.document.uri;
  if (file === undefined) throw new Error(vscode.l10n.t("Open a file first."));
  return { path: vscode.workspace.asRelativePath(file), language: "" };
}
