// What other extensions say of files, for the agent. Our own findings are left out: it has them already.

import * as vscode from "vscode";
import type { Diagnostic, LanguageClient } from "vscode-languageclient/node";

const MOST_DOCUMENTS = 200;
const MOST = 500;
const QUIET_MS = 400;
const LONGEST_MS = 2_500;
/** The version of a text that is not there any more; which one it was, nobody knows. */
const OLDER = -1;

export interface DiagnosticsOfDocument {
  uri: string;
  /** That of the open document that they speak of, null when it is not open. */
  version: number | null;
  diagnostics: Diagnostic[];
}

function foreign(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((one) => one.source?.toLowerCase() !== "draftsmith");
}

/** What stood there already when a document was changed speaks of the text before: the editor gives no versions. */
export class Freshness implements vscode.Disposable {
  private readonly before = new Map<string, { at: number; shown: Set<vscode.Diagnostic> }>();
  private readonly listeners: vscode.Disposable[];

  constructor() {
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.contentChanges.length === 0) return;
        const uri = event.document.uri;
        this.before.set(uri.toString(), { at: Date.now(), shown: new Set(foreign(uri)) });
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.before.delete(document.uri.toString())),
    ];
  }

  /** What was said of the present text, and whether something was said of an older one only. */
  of(uri: vscode.Uri): { fresh: vscode.Diagnostic[]; isStale: boolean } {
    const before = this.before.get(uri.toString());
    const shown = foreign(uri);
    if (before === undefined) return { fresh: shown, isStale: false };
    const fresh = shown.filter((one) => !before.shown.has(one));
    const isSoon = before.shown.size > 0 && Date.now() - before.at < QUIET_MS;
    return { fresh, isStale: isSoon || (shown.length > 0 && fresh.length === 0) };
  }

  dispose(): void {
    for (const one of this.listeners) one.dispose();
  }
}

function isBelow(uri: vscode.Uri, wanted: vscode.Uri): boolean {
  return uri.scheme === wanted.scheme && `${uri.path}/`.startsWith(`${wanted.path.replace(/\/$/, "")}/`);
}

/** Servers look at a text a moment after it was typed: they get that moment, and not more. */
async function settled(uris: vscode.Uri[], freshness: Freshness): Promise<void> {
  const until = Date.now() + LONGEST_MS;
  while (Date.now() < until && uris.some((uri) => freshness.of(uri).isStale)) {
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS / 4));
  }
}

export async function diagnosticsOf(
  client: LanguageClient,
  addresses: string[],
  freshness: Freshness,
): Promise<{ documents: DiagnosticsOfDocument[] }> {
  const wanted = addresses.map((address) => client.protocol2CodeConverter.asUri(address));
  const open = new Map(vscode.workspace.textDocuments.map((one) => [one.uri.toString(), one]));
  const asked = wanted.filter((uri) => open.has(uri.toString()));
  const shown = vscode.languages.getDiagnostics().map(([uri]) => uri);
  const of = new Map(
    [...asked, ...shown.filter((uri) => wanted.some((one) => isBelow(uri, one)))].map((uri) => [uri.toString(), uri]),
  );
  const uris = [...of.values()].slice(0, MOST_DOCUMENTS);
  await settled(
    uris.filter((uri) => open.has(uri.toString())),
    freshness,
  );
  const documents: DiagnosticsOfDocument[] = [];
  for (const uri of uris) {
    const { fresh, isStale } = freshness.of(uri);
    const document = open.get(uri.toString());
    if (fresh.length === 0 && document === undefined) continue;
    documents.push({
      uri: client.code2ProtocolConverter.asUri(uri),
      version: document === undefined ? null : isStale ? OLDER : document.version,
      diagnostics: await client.code2ProtocolConverter.asDiagnostics(fresh.slice(0, MOST)),
    });
  }
  return { documents };
}
