// Differences side by side: both sides are documents that the server gives, so nothing here reads our folders.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import type { FileEntity } from "../protocol/messages";
import type { Sessions } from "../session/sessions";
import type { SessionStore } from "../session/store";
import { fileUri, partsOf, SCHEME, sideUri } from "./uris";

export class Diffs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly edge: Edge,
    sessions: Sessions,
  ) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      sessions.onEvent((event) => {
        if (event.kind === "step" || event.store === undefined) return;
        const moved =
          event.kind !== "update" || event.update.entities.some((one) => one.kind === "hunk" || one.kind === "file");
        if (moved) this.refresh(event.store.sessionId);
      }),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const parts = partsOf(uri);
    if (parts === undefined) throw new Error(vscode.l10n.t("{0} is not a side of a file.", uri.toString()));
    const { side, sessionId, path } = parts;
    const { text } = await this.edge.ask<{ text: string | null }>("draftsmith/text", {
      session_id: sessionId,
      path,
      side,
    });
    return text ?? "";
  }

  /** The file as it is beside what the proposal would make of it. */
  async compare(store: SessionStore, file: FileEntity): Promise<void> {
    const { before, after } = sides(store, file);
    const title = vscode.l10n.t("{0} (now ↔ proposed)", file.path);
    await vscode.commands.executeCommand("vscode.diff", before, after, title, { preview: true });
  }

  /** All files of the proposal in one editor. */
  async review(store: SessionStore): Promise<void> {
    const resources = store.all("file").map((file) => {
      const { real, before, after } = sides(store, file);
      return [real, file.change === "create" ? undefined : before, file.change === "delete" ? undefined : after];
    });
    const title = vscode.l10n.t("Proposal: {0}", store.session?.title || (store.session?.request ?? ""));
    await vscode.commands.executeCommand("vscode.changes", title, resources);
  }

  dispose(): void {
    for (const one of [...this.subscriptions, this.changed]) one.dispose();
  }

  private refresh(sessionId: string): void {
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === SCHEME && partsOf(document.uri)?.sessionId === sessionId)
        this.changed.fire(document.uri);
    }
  }
}

function sides(store: SessionStore, file: FileEntity): { real: vscode.Uri; before: vscode.Uri; after: vscode.Uri } {
  const real = fileUri(store, file.root, file.path);
  return {
    real,
    before: sideUri("workspace", store.sessionId, real),
    after: sideUri("proposed", store.sessionId, real),
  };
}
