// Tells the user of a question while the session view is hidden, with its answers as buttons.

import * as vscode from "vscode";
import { settings } from "../settings";
import type { Sessions } from "./sessions";
import type { SessionView } from "./view";

const MOST_BUTTONS = 3;
const MOST_TEXT = 300;

export function notifyQuestions(sessions: Sessions, view: SessionView): vscode.Disposable {
  return sessions.onQuestion(({ store, decision }) => {
    const seen = view.visible && sessions.shown === store;
    if (seen || !settings.notifyQuestions()) return;
    void tell(sessions, store.sessionId, decision.prompt, decision.options.slice(0, MOST_BUTTONS), decision.id);
  });
}

async function tell(
  sessions: Sessions,
  sessionId: string,
  prompt: string,
  options: string[],
  decisionId: string,
): Promise<void> {
  const show = vscode.l10n.t("Show");
  const chosen = await vscode.window.showInformationMessage(
    `Draftsmith: ${prompt.slice(0, MOST_TEXT)}`,
    ...options,
    show,
  );
  if (chosen === undefined) return;
  if (chosen === show) {
    await sessions.show(sessionId);
    await vscode.commands.executeCommand("draftsmith.session.focus");
    return;
  }
  try {
    await sessions.answer(sessionId, decisionId, chosen);
  } catch (failure) {
    void vscode.window.showWarningMessage(
      `Draftsmith: ${failure instanceof Error ? failure.message : String(failure)}`,
    );
  }
}
