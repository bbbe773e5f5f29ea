// The server process as the rest of the extension sees it: started, restarted, asked. It speaks LSP on stdio and hands
// the hub's methods on, each as `draftsmith/<method>`.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type ErrorHandlerResult,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import type { Methods, Notifications } from "../protocol/messages";
import { diagnosticsOf, Freshness } from "./diagnostics";
import { applyEdit } from "./edits";

export type HubState = "starting" | "connected" | "lost" | "failed";

export interface Connection {
  state: HubState;
  message: string;
}

type Passed = Exclude<keyof Methods, "hello">;

/** Texts behind `draftsmith:` addresses are given by the extension, also before the server runs. */
class Client extends LanguageClient {
  override registerFeature(feature: Parameters<LanguageClient["registerFeature"]>[0]): void {
    const method = "registrationType" in feature ? feature.registrationType.method : "";
    if (method !== "workspace/textDocumentContent") super.registerFeature(feature);
  }
}

const RESTARTS = 4;
const RESTART_WINDOW_MS = 3 * 60_000;

export class Edge implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private deaths: number[] = [];
  private current: Connection = { state: "starting", message: "" };
  private readonly connectionChanged = new vscode.EventEmitter<Connection>();
  private readonly updated = new vscode.EventEmitter<Notifications["session/update"]>();
  private readonly replaced = new vscode.EventEmitter<Notifications["session/snapshot"]>();
  private readonly hunksMoved = new vscode.EventEmitter<vscode.Uri>();
  private readonly started = new vscode.EventEmitter<string>();

  /** What this extension does in place of a command of the server, by its name. */
  readonly instead = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  readonly onConnection = this.connectionChanged.event;
  readonly onUpdate = this.updated.event;
  readonly onSnapshot = this.replaced.event;
  readonly onHunksChanged = this.hunksMoved.event;
  /** A command of the server, such as a code action, began a session. */
  readonly onSessionStarted = this.started.event;

  private readonly watching: vscode.Disposable;
  private readonly freshness = new Freshness();

  constructor(private readonly output: vscode.LogOutputChannel) {
    // The server asks for the settings when it is told that they changed.
    this.watching = vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration("draftsmith") || !this.running) return;
      void this.client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
    });
  }

  get connection(): Connection {
    return this.current;
  }

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Ends what runs and starts this program. Raises what the start raised. */
  async start(command: string): Promise<void> {
    await this.stop();
    this.deaths = [];
    this.tell({ state: "starting", message: "" });
    const run = { command, args: ["lsp"] };
    const client: Client = new Client(
      "draftsmith",
      "Draftsmith",
      { run, debug: run },
      {
        ...this.options(),
        middleware: {
          executeCommand: (name, args, next) => this.fromLens(name, args, next),
          workspace: { handleApplyEdit: (params, next) => applyEdit(client, params, next) },
        },
      },
    );
    this.client = client;
    this.listen(client);
    try {
      await client.start();
    } catch (failure) {
      this.tell({ state: "failed", message: failure instanceof Error ? failure.message : String(failure) });
      throw failure;
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client !== undefined) await client.dispose(5_000).catch(() => undefined);
  }

  /** A method of the hub. Raises the hub's error with its message. */
  async call<M extends Passed>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    return await this.ask<Methods[M]["result"]>(`draftsmith/${method}`, params);
  }

  /** A request that only the edge knows. */
  async ask<R>(method: string, params: unknown): Promise<R> {
    if (this.client === undefined) throw new Error(vscode.l10n.t("The Draftsmith server does not run."));
    return await this.client.sendRequest<R>(method, params);
  }

  /** A command of the server, as its lenses and actions use them. */
  async execute(command: string, ...args: unknown[]): Promise<unknown> {
    return await this.ask("workspace/executeCommand", { command, arguments: args });
  }

  dispose(): void {
    void this.stop();
    this.watching.dispose();
    this.freshness.dispose();
    for (const emitter of [this.connectionChanged, this.updated, this.replaced, this.hunksMoved, this.started]) {
      emitter.dispose();
    }
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: {
        client: "vscode",
        capabilities: { diagnostics: true, questions: true, sessionView: true, inlineDiff: true, undoableFiles: true },
      },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (): ErrorHandlerResult => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(),
      },
    };
  }

  /** Commands of lenses and code actions: some are better done by this extension, and all failures are told plainly. */
  private async fromLens(
    command: string,
    args: unknown[],
    next: (command: string, args: unknown[]) => vscode.ProviderResult<unknown>,
  ): Promise<unknown> {
    try {
      const instead = this.instead.get(command);
      if (instead !== undefined) return await instead(...args);
      const result = await next(command, args);
      const session = startedSession(result);
      if (session !== undefined) this.started.fire(session);
      return result;
    } catch (failure) {
      const message = failure instanceof Error ? failure.message : String(failure);
      void vscode.window.showErrorMessage(`Draftsmith: ${message}`);
      return undefined;
    }
  }

  private listen(client: LanguageClient): void {
    client.onNotification("draftsmith/session/update", (update: Notifications["session/update"]) => {
      this.updated.fire(update);
    });
    client.onNotification("draftsmith/session/snapshot", (snapshot: Notifications["session/snapshot"]) => {
      this.replaced.fire(snapshot);
    });
    client.onNotification("draftsmith/hubState", (told: { state: string; message: string }) => {
      this.tell({ state: hubState(told.state), message: told.message });
    });
    client.onNotification("draftsmith/hunksChanged", (moved: { uri: string }) => {
      this.hunksMoved.fire(client.protocol2CodeConverter.asUri(moved.uri));
    });
    client.onRequest("draftsmith/client/diagnostics", (asked: { uris: string[] }) =>
      diagnosticsOf(client, asked.uris, this.freshness),
    );
  }

  private closed(): { action: CloseAction; handled: true } {
    const now = Date.now();
    this.deaths = [...this.deaths.filter((at) => now - at < RESTART_WINDOW_MS), now];
    if (this.deaths.length <= RESTARTS) {
      this.tell({ state: "lost", message: vscode.l10n.t("The server ended and is started again.") });
      return { action: CloseAction.Restart, handled: true };
    }
    const message = vscode.l10n.t(
      "The server ended {0} times in three minutes and is not started again.",
      RESTARTS + 1,
    );
    this.tell({ state: "failed", message });
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private tell(connection: Connection): void {
    this.current = connection;
    this.connectionChanged.fire(connection);
  }
}

function hubState(state: string): HubState {
  switch (state) {
    case "connected":
      return "connected";
    case "lost":
      return "lost";
    default:
      return "starting";
  }
}

/** The session that a command of the server began, if it did. */
export function startedSession(result: unknown): string | undefined {
  if (typeof result !== "object" || result === null || !("session_id" in result)) return undefined;
  return typeof result.session_id === "string" ? result.session_id : undefined;
}
