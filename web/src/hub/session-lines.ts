// The list of sessions, newest first, kept as the hub tells of changes; older ones by page.

import { useSyncExternalStore } from "react";
import { connection } from "./connection";
import { asHubError, type HubError } from "./error";
import type { SessionLine } from "./messages";

const PAGE = 50;

export interface SessionLines {
  state: "loading" | "ready" | "failed";
  error: HubError | undefined;
  lines: readonly SessionLine[];
  more: boolean;
  loadMore: () => void;
  retry: () => void;
}

class Lines {
  private byId = new Map<string, SessionLine>();
  private cursor: string | null = null;
  private loading: Promise<void> | undefined;
  private shown: SessionLines;
  private readonly watchers = new Set<() => void>();

  constructor() {
    const loadMore = (): void => {
      if (this.cursor !== null) this.load(this.cursor);
    };
    this.shown = {
      state: "loading",
      error: undefined,
      lines: [],
      more: false,
      loadMore,
      retry: () => this.load(null),
    };
  }

  /** Call it once. */
  start(): void {
    connection.on("sessions/changed", ({ sessions, removed }) => {
      for (const line of sessions) {
        const held = this.byId.get(line.session_id);
        if (held === undefined || held.version <= line.version) this.byId.set(line.session_id, line);
      }
      for (const id of removed) this.byId.delete(id);
      this.show();
    });
    let open = false;
    connection.watch(() => {
      const now = connection.state.state === "open";
      if (now && !open) {
        // Told of changes first, then read: none falls between the two.
        void connection.call("hub/watch", {}).catch(() => undefined);
        this.load(null);
      }
      open = now;
    });
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly now = (): SessionLines => this.shown;

  private load(cursor: string | null): void {
    this.loading ??= this.read(cursor).finally(() => {
      this.loading = undefined;
    });
  }

  private async read(cursor: string | null): Promise<void> {
    try {
      const result = await connection.call("session/list", { limit: PAGE, cursor });
      // The first page begins anew: what was deleted while the hub was away is not in it.
      if (cursor === null) this.byId = new Map();
      for (const line of result.sessions) this.byId.set(line.session_id, line);
      this.cursor = result.cursor;
      this.shown = { ...this.shown, state: "ready", error: undefined };
    } catch (failure) {
      const error = asHubError(failure);
      if (!error.offline) this.shown = { ...this.shown, state: "failed", error };
    }
    this.show();
  }

  private show(): void {
    const lines = [...this.byId.values()].sort(
      (one, other) => other.updated_at - one.updated_at || (one.session_id < other.session_id ? 1 : -1),
    );
    this.shown = { ...this.shown, lines, more: this.cursor !== null };
    for (const watcher of this.watchers) watcher();
  }
}

export const sessionLines = new Lines();

export function useSessionLines(): SessionLines {
  return useSyncExternalStore(sessionLines.watch, sessionLines.now);
}
