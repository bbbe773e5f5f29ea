// A conflict in the editor's own merge editor: the user's text, the base, and what the draft offers, each a document that
// the server gives; the result is the user's file. Nothing is written before the user completes the merge.

import * as vscode from "vscode";
import type { Edge } from "../edge/edge";
import { sideUri } from "./uris";

/** The one that the Git extension uses. It is not part of the documented API, so it may be missing. */
const MERGE_EDITOR = "_open.mergeEditor";

export async function openConflict(edge: Edge, sessionId: string, hunkId: string): Promise<void> {
  const answer = await edge.execute("draftsmith.conflict", sessionId, hunkId);
  if (typeof answer !== "object" || answer === null || !("path" in answer)) return;
  const file = vscode.Uri.file(String(answer.path));
  const [base, yours, offered] = (["base", "workspace", "offered"] as const).map((side) =>
    sideUri(side, sessionId, file),
  );
  const commands = await vscode.commands.getCommands(false);
  if (!commands.includes(MERGE_EDITOR)) {
    await vscode.commands.executeCommand("vscode.diff", file, offered, vscode.l10n.t("Yours ↔ Draft (conflict)"));
    return;
  }
  await vscode.commands.executeCommand(MERGE_EDITOR, {
    base,
    input1: { uri: yours, title: vscode.l10n.t("Yours"), description: "", detail: "" },
    input2: { uri: offered, title: vscode.l10n.t("Draft"), description: "", detail: "" },
    output: file,
  });
}
