// Brings the server up: finds the program, starts it, says so when there is none, and installs it when the user wants.
// In a folder that is not trusted it does nothing at all.

import * as vscode from "vscode";
import { setContext } from "./context";
import type { Edge } from "./edge/edge";
import { InstallationFailed, install } from "./edge/install";
import { type Found, locate } from "./edge/locate";
import { settings } from "./settings";

export class Server implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable[];
  private installing = false;
  private readonly missed = new vscode.EventEmitter<boolean>();
  /** Whether there is no program to start. */
  readonly onMissing = this.missed.event;

  constructor(
    private readonly edge: Edge,
    private readonly storage: vscode.Uri,
    private readonly output: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.start()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("draftsmith.server.path")) void this.start();
      }),
      edge.onConnection(({ state }) => {
        if (state === "connected") setContext("draftsmith.server", "running");
        if (state === "failed") setContext("draftsmith.server", "failed");
      }),
    ];
  }

  /** Starts the server, or ends it and starts it again. A failure is shown, never raised. */
  async start(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      this.output.info("The folder is not trusted: nothing is started.");
      return;
    }
    const found = await this.find();
    this.missed.fire(found.kind === "missing");
    switch (found.kind) {
      case "missing":
        this.output.info("No draftsmith program was found.");
        setContext("draftsmith.server", "missing");
        return void this.offerInstallation();
      case "wrong":
        setContext("draftsmith.server", "failed");
        return void this.tellWrong(found);
      case "found":
        this.output.info(`Starting ${found.command} (${found.origin}).`);
        setContext("draftsmith.server", "starting");
        {
          await this.launch(found.command);
          return;
        }
    }
  }

  /** Makes the extension's own environment anew and starts what is in it. */
  async install(): Promise<void> {
    if (this.installing || !vscode.workspace.isTrusted) return;
    this.installing = true;
    try {
      await this.edge.stop();
      await this.installWithProgress();
      await this.start();
    } catch (failure) {
      // Not waited for: a message that nobody answers must not keep the next attempt from beginning.
      void this.tellFailedInstallation(failure);
    } finally {
      this.installing = false;
    }
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.missed]) one.dispose();
  }

  private get environment(): string {
    return vscode.Uri.joinPath(this.storage, "server").fsPath;
  }

  private find(): Promise<Found> {
    return locate({
      configured: settings.serverPath(),
      searchPath: process.env.PATH ?? "",
      ownEnvironment: this.environment,
      windows: process.platform === "win32",
    });
  }

  private async launch(command: string): Promise<void> {
    try {
      await this.edge.start(command);
    } catch (failure) {
      setContext("draftsmith.server", "failed");
      this.output.error(failure instanceof Error ? failure : String(failure));
      void this.choose(vscode.l10n.t("The Draftsmith server could not be started: {0}", command), "output", "settings");
    }
  }

  private async tellWrong(found: Extract<Found, { kind: "wrong" }>): Promise<void> {
    const message =
      found.reason === "not_absolute"
        ? vscode.l10n.t("`draftsmith.server.path` has to be an absolute path; it is {0}.", found.path)
        : vscode.l10n.t("`draftsmith.server.path` names no program that can be run: {0}", found.path);
    this.output.error(message);
    await this.choose(message, "settings");
  }

  private async offerInstallation(): Promise<void> {
    const yes = vscode.l10n.t("Install");
    const path = vscode.l10n.t("Open Settings");
    const message = vscode.l10n.t("Draftsmith needs its server. Shall it be installed into an environment of its own?");
    const chosen = await vscode.window.showInformationMessage(message, yes, path);
    if (chosen === yes) await this.install();
    if (chosen === path) await openSettings("draftsmith.server");
  }

  private async installWithProgress(): Promise<void> {
    const title = vscode.l10n.t("Installing the Draftsmith server");
    const where = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    await vscode.window.withProgress(where, async (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const words = {
        making: vscode.l10n.t("making an environment"),
        installing: vscode.l10n.t("installing packages"),
        checking: vscode.l10n.t("trying it"),
      };
      await install({
        environment: this.environment,
        package: settings.serverPackage(),
        python: settings.serverPython(),
        searchPath: process.env.PATH ?? "",
        windows: process.platform === "win32",
        signal: controller.signal,
        onStep: (step) => progress.report({ message: words[step] }),
        onOutput: (line) => this.output.info(line),
      });
    });
  }

  private async tellFailedInstallation(failure: unknown): Promise<void> {
    if (!(failure instanceof InstallationFailed)) throw failure;
    switch (failure.reason) {
      case "cancelled":
        this.output.info("The installation was cancelled.");
        return;
      case "no_python": {
        await this.choose(
          vscode.l10n.t("No Python was found on PATH. Install Python 3.11 or newer, or name one in the settings."),
          "settings",
        );
        return;
      }
      case "old_python": {
        await this.choose(
          vscode.l10n.t("Python 3.11 or newer is needed; found: {0}. Name another in the settings.", failure.message),
          "settings",
        );
        return;
      }
      case "failed": {
        const last = failure.output.trim().split("\n").at(-1) ?? "";
        await this.choose(
          vscode.l10n.t("The server was not installed: {0}", last || failure.message),
          "output",
          "settings",
        );
        return;
      }
    }
  }

  private async choose(message: string, ...offers: ("output" | "settings")[]): Promise<void> {
    const words = { output: vscode.l10n.t("Show Output"), settings: vscode.l10n.t("Open Settings") };
    const chosen = await vscode.window.showErrorMessage(message, ...offers.map((offer) => words[offer]));
    if (chosen === words.output) this.output.show();
    if (chosen === words.settings) await openSettings("draftsmith.server");
  }
}

export async function openSettings(query: string): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openSettings", query);
}
