// What other extensions say of a file, for the agent. Our own findings are left out: it has them already.

import * as vscode from "vscode";
import type { Diagnostic, LanguageClient } from "vscode-languageclient/node";

const MOST = 500;

export interface DiagnosticsAnswer {
  version: number | null;
  diagnostics: Diagnostic[];
}

/** `version` is the version of the open document that they speak of, null when it is not open. */
export async function diagnosticsOf(client: LanguageClient, address: string): Promise<DiagnosticsAnswer> {
  const uri = client.protocol2CodeConverter.asUri(address);
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  const theirs = vscode.languages.getDiagnostics(uri).filter((one) => one.source?.toLowerCase() !== "draftsmith");
  const diagnostics = await client.code2ProtocolConverter.asDiagnostics(theirs.slice(0, MOST));
  return { version: document?.version ?? null, diagnostics };
}
