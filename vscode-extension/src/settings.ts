// The extension's settings, read where they are used, so that a change needs no reload.

import * as vscode from "vscode";
import type { Autonomy, LimitsParams } from "./protocol/messages";

export type InlineDiff = "full" | "marks" | "off";

const NANO_USD = 1_000_000_000;
const SECONDS = 60;

function read<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration("draftsmith").get<T>(name) ?? otherwise;
}

export const settings = {
  serverPath: (): string => read("server.path", ""),
  serverPython: (): string => read("server.python", ""),
  serverPackage: (): string => read("server.package", "draftsmith"),
  model: (): string => read("model", ""),
  autonomy: (): Autonomy => read<Autonomy>("autonomy", "ask"),
  inlineDiff: (): InlineDiff => read<InlineDiff>("inlineDiff", "full"),
  notifyQuestions: (): boolean => read("notifyQuestions", true),
  /** For a session that goes on: what is not given stays as it was. */
  limits: (): LimitsParams => {
    const [budget, steps, minutes] = ["budget", "steps", "minutes"].map((name) => read<number | null>(name, null));
    return {
      ...(budget ? { nano_usd: Math.round(budget * NANO_USD) } : {}),
      ...(steps ? { steps } : {}),
      ...(minutes ? { seconds: Math.max(1, Math.round(minutes * SECONDS)) } : {}),
    };
  },
  setModel: (model: string): Thenable<void> => update("model", model),
  setAutonomy: (autonomy: Autonomy): Thenable<void> => update("autonomy", autonomy),
  setInlineDiff: (value: InlineDiff): Thenable<void> => update("inlineDiff", value),
};

/** Where the value stands already, else for the user: a workspace's file is not made for a choice of one person. */
function update(name: string, value: unknown): Thenable<void> {
  const configuration = vscode.workspace.getConfiguration("draftsmith");
  const inWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  return configuration.update(
    name,
    value,
    inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global,
  );
}
