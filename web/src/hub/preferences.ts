// What the user prefers of the screens: kept by the hub, the same in every browser, at once.

import { useCallback, useSyncExternalStore } from "react";
import { connection } from "./connection";
import { asHubError } from "./error";
import type { JsonValue } from "./messages";
import { failures } from "./queries";

/** Each page adds its own below; values are JSON and small. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  density: "compact" | "cosy";
  notify: boolean;
  "home.favourites": string[];
  "home.history": string[];
  "home.templates": { name: string; text: string }[];
  "review.layout": "unified" | "split";
  "review.wrap": boolean;
  "project.tabs": Record<string, string[]>;
}

const DEFAULTS: Preferences = {
  theme: "system",
  density: "compact",
  notify: false,
  "home.favourites": [],
  "home.history": [],
  "home.templates": [],
  "review.layout": "unified",
  "review.wrap": false,
  "project.tabs": {},
};

const KEPT = "draftsmith.preferences";

class PreferenceBook {
  private values = new Map<string, JsonValue>();
  private readonly watchers = new Set<() => void>();

  constructor() {
    // What was last known, so that the first picture has the right theme; the hub's word replaces it.
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Record<string, JsonValue>;
      this.values = new Map(Object.entries(kept));
    } catch {
      this.values = new Map();
    }
  }

  /** Call it once. */
  start(): void {
    let open = false;
    connection.watch(() => {
      const now = connection.state.state === "open";
      if (now && !open) void this.load();
      open = now;
    });
    connection.on("hub/changed", ({ what }) => {
      if (what === "preferences") void this.load();
    });
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  get<N extends keyof Preferences>(name: N): Preferences[N] {
    const held = this.values.get(name);
    return held === undefined ? DEFAULTS[name] : (held as unknown as Preferences[N]);
  }

  set<N extends keyof Preferences>(name: N, value: Preferences[N]): void {
    const before = this.values;
    this.hold(new Map(this.values).set(name, value));
    connection.call("preferences/set", { name, content: JSON.stringify(value) }).catch((failure: unknown) => {
      this.hold(before);
      for (const told of failures) told(asHubError(failure));
    });
  }

  private async load(): Promise<void> {
    try {
      const { preferences: lines } = await connection.call("preferences/read", {});
      this.hold(new Map(lines.map(({ name, content }) => [name, JSON.parse(content) as JsonValue])));
    } catch {
      // Older hubs have none; the last known ones stay.
    }
  }

  private hold(values: Map<string, JsonValue>): void {
    this.values = values;
    try {
      localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(values)));
    } catch {
      // A browser without storage keeps them as long as the tab is open.
    }
    for (const watcher of this.watchers) watcher();
  }
}

export const preferences = new PreferenceBook();

export function usePreference<N extends keyof Preferences>(name: N): [Preferences[N], (value: Preferences[N]) => void] {
  const value = useSyncExternalStore(preferences.watch, () => preferences.get(name));
  const set = useCallback((wanted: Preferences[N]) => preferences.set(name, wanted), [name]);
  return [value, set];
}
