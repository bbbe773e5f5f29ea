// The session view: a webview, because streamed text, a prompt box and questions with buttons cannot stand in a native
// tree. The extension holds the session; the view only shows it and is sent everything again when it comes back.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import { settings } from "../settings";
import type { FileIndex } from "./files";
import { composeRequest, remembered } from "./prompt";
import type { SessionEvent, Sessions } from "./sessions";
import { viewTexts } from "./texts";
import { type Attachment, type FromView, type ToView, VIEW_COMMANDS } from "./wire";

const PROMPTS_KEY = "draftsmith.prompts";
const PAGE = 100;

export interface ViewActions {
  start(request: string): Promise<void>;
  openFile(root: number, path: string, line: number | undefined): Promise<void>;
  openDocument(title: string, documentId: string): Promise<void>;
  openText(title: string, text: string): Promise<void>;
}

export class SessionView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private ready = false;
  private waiting: ToView[] = [];
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly edge: Edge,
    private readonly sessions: Sessions,
    private readonly files: FileIndex,
    private readonly actions: ViewActions,
  ) {
    this.subscriptions = [
      sessions.onEvent((event) => this.relay(event)),
      edge.onConnection(() => this.tellSurroundings()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("draftsmith")) this.tellSurroundings();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.tellSurroundings()),
    ];
  }

  get visible(): boolean {
    return this.view?.visible ?? false;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.ready = false;
    const root = vscode.Uri.joinPath(this.extension.extensionUri, "dist");
    view.webview.options = { enableScripts: true, localResourceRoots: [root] };
    view.webview.html = page(view.webview, root);
    view.webview.onDidReceiveMessage((message: FromView) => void this.receive(message));
    view.onDidDispose(() => {
      this.view = undefined;
      this.ready = false;
    });
  }

  /** Shows the view with the cursor in the prompt. */
  async focus(): Promise<void> {
    await vscode.commands.executeCommand("draftsmith.session.focus");
    this.post({ type: "focus" });
  }

  async attach(attachment: Attachment): Promise<void> {
    await vscode.commands.executeCommand("draftsmith.session.focus");
    this.post({ type: "attach", attachment });
    this.post({ type: "focus" });
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }

  private post(message: ToView): void {
    if (this.view !== undefined && this.ready) void this.view.webview.postMessage(message);
    else if (message.type === "attach" || message.type === "focus") this.waiting.push(message);
  }

  private relay(event: SessionEvent): void {
    this.tellTitle();
    if (event.kind === "shown") {
      this.tellSurroundings();
      this.tellWhole();
      return;
    }
    if (event.store !== this.sessions.shown) {
      if (event.kind === "snapshot") this.tellSurroundings();
      return;
    }
    if (event.kind === "update") this.post({ type: "update", update: event.update });
    else if (event.kind === "step") this.post({ type: "step", sessionId: event.store.sessionId, step: event.step });
    else this.tellWhole();
  }

  private tellWhole(): void {
    const snapshot = this.sessions.shown?.snapshot();
    this.post(snapshot === undefined ? { type: "none" } : { type: "snapshot", snapshot });
  }

  private tellTitle(): void {
    if (this.view === undefined) return;
    const questions = this.sessions.all.flatMap((store) => store.all("decision")).filter((one) => one.state === "open");
    const tooltip = vscode.l10n.t("{0} open questions", questions.length);
    this.view.badge = questions.length === 0 ? undefined : { value: questions.length, tooltip };
  }

  private tellSurroundings(): void {
    const { state, message } = this.edge.connection;
    this.post({
      type: "surroundings",
      surroundings: {
        connection: state,
        connectionText: message,
        autonomy: settings.autonomy(),
        model: settings.model(),
        folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.name),
        open: this.sessions.all.flatMap((store) =>
          store.session === undefined
            ? []
            : [
                {
                  id: store.sessionId,
                  title: store.session.title || store.session.request,
                  status: store.session.status,
                },
              ],
        ),
      },
    });
  }

  private async receive(message: FromView): Promise<void> {
    try {
      await this.act(message);
    } catch (failure) {
      this.post({ type: "failed", message: failure instanceof Error ? failure.message : String(failure) });
    }
  }

  private async act(message: FromView): Promise<void> {
    switch (message.type) {
      case "ready": {
        this.welcome();
        return;
      }
      case "send": {
        await this.send(message.text, message.attachments, message.toSession);
        return;
      }
      case "older": {
        await this.older(message.before);
        return;
      }
      case "answer": {
        await this.answer(message.decisionId, message.answer, message.text);
        return;
      }
      case "files": {
        this.post({ type: "files", query: message.query, paths: await this.files.fitting(message.text) });
        return;
      }
      case "openFile": {
        await this.actions.openFile(message.root, message.path, message.line);
        return;
      }
      case "openDocument": {
        await this.actions.openDocument(message.title, message.documentId);
        return;
      }
      case "openText": {
        await this.actions.openText(message.title, message.text);
        return;
      }
      case "autonomy": {
        await settings.setAutonomy(message.autonomy);
        return;
      }
      case "switch": {
        await this.sessions.show(message.sessionId);
        return;
      }
      case "command":
        if (!VIEW_COMMANDS.includes(message.command)) throw new Error(`not a command of the view: ${message.command}`);
        await vscode.commands.executeCommand(`draftsmith.ui.${message.command}`, message.argument);
    }
  }

  private welcome(): void {
    this.ready = true;
    this.post({ type: "prompts", prompts: this.prompts });
    this.tellSurroundings();
    this.tellWhole();
    this.tellTitle();
    for (const message of this.waiting.splice(0)) this.post(message);
  }

  private get prompts(): string[] {
    return this.extension.workspaceState.get<string[]>(PROMPTS_KEY, []);
  }

  private async send(text: string, attachments: Attachment[], sessionId: string | null): Promise<void> {
    const request = composeRequest(text, attachments);
    if (request === "") return;
    if (sessionId === null) await this.actions.start(request);
    else await this.edge.call("session/message", { session_id: sessionId, text: request });
    this.post({ type: "sent" });
    const prompts = remembered(this.prompts, text.trim());
    await this.extension.workspaceState.update(PROMPTS_KEY, prompts);
    this.post({ type: "prompts", prompts });
  }

  private async older(before: number): Promise<void> {
    const sessionId = this.sessions.shownSessionId;
    if (sessionId === undefined) return;
    const { steps, more } = await this.edge.call("steps/list", { session_id: sessionId, before, limit: PAGE });
    this.post({ type: "older", sessionId, steps, more });
  }

  private async answer(decisionId: string, answer: string, text: string): Promise<void> {
    const sessionId = this.sessions.shownSessionId;
    if (sessionId === undefined) return;
    await this.sessions.answer(sessionId, decisionId, answer, text);
  }
}

function page(webview: vscode.Webview, root: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const script = webview.asWebviewUri(vscode.Uri.joinPath(root, "session.js")).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(root, "session.css")).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; font-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  const texts = JSON.stringify(viewTexts()).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Draftsmith</title>
</head>
<body data-texts="${texts}">
<div id="app"></div>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
