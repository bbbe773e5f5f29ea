// What can be done where one is, each thing with its keys: the palette lists it, the sheet shows it, the keys do it.

import { useEffect, useSyncExternalStore } from "react";

export interface Action {
  id: string;
  title: string;
  group: string;
  /** `"a"`, `"shift+a"`, `"mod+enter"`, `"g r"` (one after the other), `"arrowdown"`. */
  keys?: string;
  run: () => void;
  enabled?: boolean;
  /** Not in the palette. */
  hidden?: boolean;
  /** Also while something is being typed. */
  always?: boolean;
}

const SEQUENCE_MS = 1_200;

let shown: readonly Action[] = [];
const registered = new Map<symbol, readonly Action[]>();
const watchers = new Set<() => void>();

function changed(): void {
  // What came last counts first: a dialog's keys are before those of the page under it.
  shown = [...registered.values()].reverse().flat();
  for (const watcher of watchers) watcher();
}

/** While the component is there. `make` must depend on nothing but `deps`. */
export function useActions(make: () => readonly Action[], deps: readonly unknown[]): void {
  useEffect(() => {
    const key = Symbol("actions");
    registered.set(key, make());
    changed();
    return () => {
      registered.delete(key);
      changed();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names them, as with an effect
  }, deps);
}

export function useAllActions(): readonly Action[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => shown,
  );
}

/** The chord of an event as it is written in `keys`. */
export function chordOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key === " " ? "space" : event.key === "Escape" ? "esc" : event.key.toLowerCase();
  // A sign that needs Shift already says so; a letter does not.
  const shifted = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  const parts = [(event.ctrlKey || event.metaKey) && "mod", event.altKey && "alt", shifted && "shift", key];
  return parts.filter(Boolean).join("+");
}

/** Which of the actions the keys so far mean: one, none, or the beginning of one. */
export function meant(actions: readonly Action[], sequence: string): Action | "begun" | undefined {
  const enabled = actions.filter((action) => action.enabled !== false && action.keys !== undefined);
  const found = enabled.find((action) => action.keys === sequence);
  if (found !== undefined) return found;
  return enabled.some((action) => action.keys?.startsWith(`${sequence} `)) ? "begun" : undefined;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function isBusyOverlay(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="menu"],[role="listbox"]') !== null;
}

/** Call it once. */
export function listenToKeys(): void {
  let before = "";
  let at = 0;
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.key === "Shift") return;
    const chord = chordOf(event);
    const typing = isTyping(event.target) || isBusyOverlay(event.target);
    const candidates = typing
      ? shown.filter((action) => action.always === true || action.keys?.startsWith("mod+") === true)
      : shown;
    const sequence = Date.now() - at < SEQUENCE_MS && before !== "" ? `${before} ${chord}` : chord;
    const found = meant(candidates, sequence) ?? meant(candidates, chord);
    before = "";
    if (found === undefined) return;
    if (found === "begun") {
      before = sequence;
      at = Date.now();
      return;
    }
    event.preventDefault();
    found.run();
  });
}
