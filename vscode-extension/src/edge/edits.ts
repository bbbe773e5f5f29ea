// Edits that the server asks for. New files come with their text, which LSP has no word for: the editor makes them with it,
// so that they are on disk and not in an unsaved buffer, and its undo takes them back together with the rest.

import * as vscode from "vscode";
import {
  type ApplyWorkspaceEditParams,
  type ApplyWorkspaceEditRequest,
  type ApplyWorkspaceEditResult,
  CancellationToken,
  CreateFile,
  type HandlerResult,
  type LanguageClient,
  TextDocumentEdit,
  type WorkspaceEdit,
} from "vscode-languageclient/node";

type Change = NonNullable<WorkspaceEdit["documentChanges"]>[number];
type CreationWithText = CreateFile & { contents: string };

/** Edits without a new file are left to `next`. */
export async function applyEdit(
  client: LanguageClient,
  params: ApplyWorkspaceEditParams,
  next: ApplyWorkspaceEditRequest.HandlerSignature,
): Promise<Awaited<HandlerResult<ApplyWorkspaceEditResult, void>>> {
  const changes = params.edit.documentChanges ?? [];
  const created = changes.filter(isCreationWithText);
  if (created.length === 0) return await next(params, CancellationToken.None);
  const others = changes.filter((change) => !isCreationWithText(change));
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit({ ...params.edit, documentChanges: others });
  for (const { uri, contents } of created) {
    const bytes = new TextEncoder().encode(contents);
    edit.createFile(client.protocol2CodeConverter.asUri(uri), { contents: bytes, overwrite: false });
  }
  // From here on nothing may be waited for: a document could get another version.
  if (others.some((change) => speaksOfAnotherVersion(client, change))) return { applied: false };
  return { applied: await vscode.workspace.applyEdit(edit) };
}

function isCreationWithText(change: Change): change is CreationWithText {
  return CreateFile.is(change) && "contents" in change && typeof change.contents === "string";
}

function speaksOfAnotherVersion(client: LanguageClient, change: Change): boolean {
  if (!TextDocumentEdit.is(change) || change.textDocument.version === null) return false;
  const wanted = client.protocol2CodeConverter.asUri(change.textDocument.uri).toString();
  const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === wanted);
  return open !== undefined && open.version !== change.textDocument.version;
}
