// Commands about sessions: begin, open, steer, end, export.

import * as vscode from "vscode";
import { type Edge, startedSession } from "../edge/edge";
import type { CheckpointEntity, DecisionEntity, ListResult } from "../protocol/messages";
import { type History, sessionIcon, sessionStatus, when } from "../session/history";
import type { Sessions } from "../session/sessions";
import type { SessionView } from "../session/view";
import { settings } from "../settings";
import { shownSession } from "./hunks";
import { register } from "./register";

interface Parts {
  edge: Edge;
  sessions: Sessions;
  view: SessionView;
  history: History;
}

const PICK_PAGE = 50;
const EXPORT_PAGE = 500;

export function sessionCommands(parts: Parts): vscode.Disposable[] {
  const { edge, sessions, view, history } = parts;
  return [
    register("ask", async (request) => {
      if (typeof request === "string" && request.trim() !== "") {
        await startSession(edge, sessions, request);
        return;
      }
      if (sessions.shown?.session?.status === "finished") await sessions.show(undefined);
      await view.focus();
    }),
    register("newSession", async () => {
      await sessions.show(undefined);
      await view.focus();
    }),
    register("openSession", (id) => openSession(parts, id)),
    register("moreSessions", () => history.more()),
    register("cancel", () => edge.call("session/cancel", { session_id: shownSession(sessions).sessionId })),
    register("resume", () => resume(edge, sessions)),
    register("fork", () => fork(edge, sessions)),
    register("restore", () => restore(edge, sessions)),
    register("export", () => exportLog(edge, sessions)),
    register("answer", () => answer(sessions)),
  ];
}

/** Begins a session on the open folders with the user's settings and what is unsaved, and shows it. */
export async function startSession(edge: Edge, sessions: Sessions, request: string): Promise<void> {
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
    throw new Error(vscode.l10n.t("Open a folder first: a session is always about one."));
  }
  const sessionId = startedSession(await edge.execute("draftsmith.start", request));
  if (sessionId !== undefined) await sessions.show(sessionId);
}

async function openSession({ edge, sessions, view }: Parts, id: unknown): Promise<void> {
  const sessionId = typeof id === "string" ? id : await pickSession(edge);
  if (sessionId === undefined) return;
  await sessions.show(sessionId);
  await view.focus();
}

/** A page at a time: "older" at the end asks for the next one. */
async function pickSession(edge: Edge): Promise<string | undefined> {
  const items: (vscode.QuickPickItem & { id: string | undefined })[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: ListResult = await edge.call("session/list", { limit: PICK_PAGE, cursor });
    for (const line of page.sessions) {
      items.push({
        label: line.title || line.session_id,
        description: `${sessionStatus(line.status)} · ${when(line.updated_at)}`,
        iconPath: sessionIcon(line.status),
        id: line.session_id,
      });
    }
    const older = {
      label: vscode.l10n.t("Show older sessions"),
      iconPath: new vscode.ThemeIcon("ellipsis"),
      id: undefined,
    };
    const shown = page.cursor === null ? items : [...items, older];
    const chosen = await vscode.window.showQuickPick(shown, {
      title: vscode.l10n.t("Open a session"),
      matchOnDescription: true,
    });
    if (chosen === undefined || chosen.id !== undefined) return chosen?.id;
    cursor = page.cursor;
  }
}

async function resume(edge: Edge, sessions: Sessions): Promise<void> {
  const { sessionId } = shownSession(sessions);
  await edge.call("session/resume", { session_id: sessionId, limits: settings.limits() });
}

async function pickCheckpoint(sessions: Sessions, title: string): Promise<CheckpointEntity | undefined> {
  const checkpoints = shownSession(sessions).all("checkpoint").reverse();
  const items = checkpoints.map((checkpoint) => ({
    label: checkpoint.label,
    description: when(checkpoint.at),
    iconPath: new vscode.ThemeIcon(checkpoint.green ? "pass" : "circle-outline"),
    checkpoint,
  }));
  if (items.length === 0) throw new Error(vscode.l10n.t("The session has no checkpoint yet."));
  return (await vscode.window.showQuickPick(items, { title }))?.checkpoint;
}

async function fork(edge: Edge, sessions: Sessions): Promise<void> {
  const { sessionId, session } = shownSession(sessions);
  const checkpoint = await pickCheckpoint(sessions, vscode.l10n.t("From which checkpoint?"));
  if (checkpoint === undefined) return;
  const request = await vscode.window.showInputBox({
    title: vscode.l10n.t("What is the new session to do?"),
    value: session?.request ?? "",
    ignoreFocusOut: true,
  });
  if (request === undefined) return;
  const params = { session_id: sessionId, checkpoint_id: checkpoint.id, request: request.trim() || null };
  await sessions.show((await edge.call("session/fork", params)).session_id);
}

async function restore(edge: Edge, sessions: Sessions): Promise<void> {
  const { sessionId } = shownSession(sessions);
  const checkpoint = await pickCheckpoint(sessions, vscode.l10n.t("Take the draft back to which checkpoint?"));
  if (checkpoint === undefined) return;
  await edge.call("session/restore", { session_id: sessionId, checkpoint_id: checkpoint.id });
}

async function exportLog(edge: Edge, sessions: Sessions): Promise<void> {
  const { sessionId } = shownSession(sessions);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${sessionId}.jsonl`;
  const target = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { "JSON Lines": ["jsonl"] },
  });
  if (target === undefined) return;
  const lines: string[] = [];
  for (let more = true; more;) {
    const page = await edge.call("session/export", { session_id: sessionId, after: lines.length, limit: EXPORT_PAGE });
    lines.push(...page.events);
    more = page.more && page.events.length > 0;
  }
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(`${lines.join("\n")}\n`));
  void vscode.window.showInformationMessage(vscode.l10n.t("{0} events were written.", lines.length));
}

async function answer(sessions: Sessions): Promise<void> {
  const { sessionId } = shownSession(sessions);
  const open = shownSession(sessions)
    .all("decision")
    .filter((decision) => decision.state === "open");
  const decision = open[0];
  if (decision === undefined) throw new Error(vscode.l10n.t("The session asks nothing."));
  const chosen = await ask(decision);
  if (chosen === undefined) return;
  await sessions.answer(sessionId, decision.id, chosen);
}

async function ask(decision: DecisionEntity): Promise<string | undefined> {
  const own = vscode.l10n.t("In own words …");
  const words = decision.free_text ? [...decision.options, own] : decision.options;
  const prompt = decision.prompt.slice(0, 300);
  const chosen = await vscode.window.showQuickPick(words, { title: prompt, ignoreFocusOut: true });
  if (chosen !== own) return chosen;
  return await vscode.window.showInputBox({ title: prompt, ignoreFocusOut: true });
}
