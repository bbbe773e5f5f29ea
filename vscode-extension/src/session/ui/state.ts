// Everything that the view shows, and what each message from the extension does to it.

import type { StepEntity } from "../../protocol/messages";
import { SessionStore } from "../store";
import type { Attachment, Surroundings, ToView } from "../wire";
import { post, save, saved } from "./host";

/** Pages of older steps that are held at once; further ones push out those nearest to the present. */
export const PAGES_HELD = 4;

export interface Older {
  pages: StepEntity[][];
  more: boolean;
  loading: boolean;
  /** Newer pages were let go: there is a gap between these and the latest steps. */
  gap: boolean;
}

export interface ViewState {
  store: SessionStore | null;
  older: Older;
  surroundings: Surroundings;
  attachments: Attachment[];
  prompts: string[];
  files: { query: number; paths: string[] };
  failure: string;
  /** Counts what the prompt has to react to. */
  focusWanted: number;
  sent: number;
}

export const state: ViewState = {
  store: null,
  older: fresh(),
  surroundings: {
    connection: "starting",
    connectionText: "",
    autonomy: "ask",
    model: "",
    folders: [],
    open: [],
  },
  attachments: [],
  prompts: [],
  files: { query: 0, paths: [] },
  failure: "",
  focusWanted: 0,
  sent: 0,
};

function fresh(): Older {
  return { pages: [], more: false, loading: false, gap: false };
}

export function receive(message: ToView): void {
  switch (message.type) {
    case "surroundings":
      state.surroundings = message.surroundings;
      return;
    case "none":
      show(null);
      return;
    case "snapshot": {
      const { session_id: id } = message.snapshot;
      if (state.store?.sessionId !== id) show(new SessionStore(id));
      state.store?.replace(message.snapshot);
      return;
    }
    case "update":
      // The extension mends gaps; a view that finds one is behind it and asks for everything.
      if (state.store?.apply(message.update) === "gap") post({ type: "ready", sessionId: state.store.sessionId });
      return;
    case "step":
      if (state.store?.sessionId === message.sessionId) state.store.put(message.step);
      return;
    case "older":
      if (state.store?.sessionId === message.sessionId) addPage(message.steps, message.more);
      return;
    case "attach":
      state.attachments = [...state.attachments, message.attachment];
      return;
    case "focus":
      state.focusWanted += 1;
      return;
    case "prompts":
      state.prompts = message.prompts;
      return;
    case "files":
      state.files = { query: message.query, paths: message.paths };
      return;
    case "sent":
      state.attachments = [];
      state.failure = "";
      state.sent += 1;
      return;
    case "failed":
      state.failure = message.message;
      state.older.loading = false;
  }
}

function show(store: SessionStore | null): void {
  state.store = store;
  state.older = fresh();
  state.failure = "";
  saved.sessionId = store?.sessionId ?? null;
  save();
}

/** Asks for the page before the oldest step that is held. */
export function loadOlder(): void {
  const oldest = state.older.pages[0]?.[0] ?? state.store?.all("step")[0];
  if (oldest === undefined || state.older.loading) return;
  state.older.loading = true;
  post({ type: "older", before: oldest.ordinal });
}

export function backToLatest(): void {
  state.older = fresh();
}

function addPage(steps: StepEntity[], more: boolean): void {
  const pages = steps.length === 0 ? state.older.pages : [steps, ...state.older.pages];
  const gap = state.older.gap || pages.length > PAGES_HELD;
  state.older = { pages: pages.slice(0, PAGES_HELD), more, loading: false, gap };
}
