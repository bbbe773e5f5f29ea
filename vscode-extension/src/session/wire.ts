// What the extension and its session view say to each other. The view has no other way to anything.

import type { Autonomy, Snapshot, StepEntity, Update } from "../protocol/messages";

/** A piece of a file that goes with the prompt. Lines count from 1; without them the whole file is meant. */
export interface Attachment {
  path: string;
  language: string;
  firstLine?: number;
  lastLine?: number;
  text?: string;
}

export interface SessionChoice {
  id: string;
  title: string;
  status: string;
}

/** What the view says of everything but the session's own entities. */
export interface Surroundings {
  connection: "starting" | "connected" | "lost" | "failed";
  connectionText: string;
  autonomy: Autonomy;
  model: string;
  folders: string[];
  open: SessionChoice[];
}

export type ToView =
  | { type: "surroundings"; surroundings: Surroundings }
  | { type: "none" }
  | { type: "snapshot"; snapshot: Snapshot }
  | { type: "update"; update: Update }
  | { type: "step"; sessionId: string; step: StepEntity }
  | { type: "older"; sessionId: string; steps: StepEntity[]; more: boolean }
  | { type: "attach"; attachment: Attachment }
  | { type: "focus" }
  | { type: "prompts"; prompts: string[] }
  | { type: "files"; query: number; paths: string[] }
  | { type: "sent" }
  | { type: "failed"; message: string };

export type FromView =
  | { type: "ready"; sessionId: string | null }
  | { type: "send"; text: string; attachments: Attachment[]; toSession: string | null }
  | { type: "older"; before: number }
  | { type: "answer"; decisionId: string; answer: string; text: string }
  | { type: "files"; query: number; text: string }
  | { type: "openFile"; path: string; root: number; line?: number }
  | { type: "openDocument"; title: string; documentId: string }
  | { type: "openText"; title: string; text: string }
  | { type: "autonomy"; autonomy: Autonomy }
  | { type: "switch"; sessionId: string }
  | { type: "command"; command: ViewCommand; argument?: string };

/** Commands of the extension that the view has buttons for; anything else is refused. */
export const VIEW_COMMANDS = [
  "newSession",
  "openSession",
  "cancel",
  "resume",
  "review",
  "acceptAll",
  "rejectAll",
  "undo",
  "chooseModel",
  "setKey",
  "showOutput",
  "restartServer",
  "openSettings",
  "compareFile",
  "openWalkthrough",
] as const;

export type ViewCommand = (typeof VIEW_COMMANDS)[number];
