// Long texts of a session (a tool's whole outcome, a gate's evidence) as read-only documents, read by pages.

import * as vscode from "vscode";
import type { Edge } from "./edge/edge";
import type { DocumentResult } from "./protocol/messages";

const SCHEME = "draftsmith-text";
const MOST_BYTES = 4 * 1024 * 1024;
const KEPT = 20;

export class Texts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly kept = new Map<string, string>();
  private readonly registration: vscode.Disposable;
  private count = 0;

  constructor(private readonly edge: Edge) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  async openDocument(title: string, documentId: string): Promise<void> {
    await show(address(title, { document: documentId }));
  }

  async openText(title: string, text: string): Promise<void> {
    await show(this.keep(title, text));
  }

  async openMarkdown(title: string, text: string): Promise<void> {
    await vscode.commands.executeCommand("markdown.showPreview", this.keep(`${title}.md`, text));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const wanted = new URLSearchParams(uri.query);
    const key = wanted.get("text");
    if (key !== null)
      return this.kept.get(key) ?? vscode.l10n.t("This text is no longer held; open it again from the session view.");
    return await this.read(wanted.get("document") ?? "");
  }

  dispose(): void {
    this.registration.dispose();
  }

  private keep(title: string, text: string): vscode.Uri {
    this.count += 1;
    const key = String(this.count);
    this.kept.set(key, text);
    for (const old of [...this.kept.keys()].slice(0, Math.max(0, this.kept.size - KEPT))) this.kept.delete(old);
    return address(title, { text: key });
  }

  private async read(documentId: string): Promise<string> {
    let whole = "";
    for (let offset: number | null = 0; offset !== null && offset < MOST_BYTES;) {
      const page: DocumentResult = await this.edge.call("document/read", { document_id: documentId, offset });
      whole += page.text;
      offset = page.next_offset;
      if (offset !== null && offset >= MOST_BYTES) whole += `\n${vscode.l10n.t("… {0} bytes in all", page.length)}`;
    }
    return whole;
  }
}

function address(title: string, query: Record<string, string>): vscode.Uri {
  const name =
    title
      .replaceAll(/[/\\\n\r]/g, " ")
      .trim()
      .slice(0, 60) || "Draftsmith";
  return vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: new URLSearchParams(query).toString() });
}

async function show(uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { preview: true });
}
