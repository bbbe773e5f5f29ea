// The view's line to the extension, and the texts it was given.

import type { FromView, ViewCommand } from "../wire";

interface Saved {
  sessionId: string | null;
  draft: string;
  open: string[];
}

interface VsCodeApi {
  postMessage(message: FromView): void;
  getState(): Partial<Saved> | undefined;
  setState(state: Saved): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
const texts = JSON.parse(document.body.dataset.texts ?? "{}") as Record<string, string>;

/** The text of this name in the user's language, with its gaps filled. */
export function text(name: string, ...values: (string | number)[]): string {
  return (texts[name] ?? name).replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ""));
}

export function post(message: FromView): void {
  api.postMessage(message);
}

export function command(name: ViewCommand, argument?: string): void {
  api.postMessage({ type: "command", command: name, ...(argument === undefined ? {} : { argument }) });
}

/** What survives when the view is hidden or the window is loaded anew. */
export const saved: Saved = { sessionId: null, draft: "", open: [], ...api.getState() };

export function save(): void {
  api.setState(saved);
}
