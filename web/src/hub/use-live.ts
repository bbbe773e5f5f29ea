// Hooks for one session as it lives.

import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { HubError } from "./error";
import type { EntityOf } from "./held";
import type { StepEntity } from "./messages";
import { liveSessions, type LiveState } from "./live";

export interface LiveSession {
  state: LiveState;
  error: HubError | undefined;
  /** Undefined until `state` is `ready`; it stays while the hub is away. */
  session: EntityOf<"session"> | undefined;
  usage: EntityOf<"usage"> | undefined;
  tasks: readonly EntityOf<"task">[];
  files: readonly EntityOf<"file">[];
  hunks: readonly EntityOf<"hunk">[];
  gates: readonly EntityOf<"gate">[];
  findings: readonly EntityOf<"finding">[];
  decisions: readonly EntityOf<"decision">[];
  checkpoints: readonly EntityOf<"checkpoint">[];
  applies: readonly EntityOf<"apply">[];
  /** Something that was accepted still stands and can be taken back. */
  undoable: boolean;
}

const STANDING: ReadonlySet<string> = new Set(["accepted", "in_buffer", "on_disk"]);

export function useLiveSession(sessionId: string): LiveSession {
  const live = liveSessions.of(sessionId);
  useEffect(() => live.use(), [live]);
  const version = useSyncExternalStore(live.watch, () => live.version);
  return useMemo(() => {
    const held = live.held;
    const hunks = held.all("hunk");
    const standing = new Set(hunks.filter((hunk) => STANDING.has(hunk.status)).map((hunk) => hunk.id));
    const applies = held.all("apply");
    return {
      state: live.state,
      error: live.error,
      session: held.get("session", live.sessionId),
      usage: held.all("usage")[0],
      tasks: held.all("task"),
      files: held.all("file"),
      hunks,
      gates: held.all("gate"),
      findings: held.all("finding"),
      decisions: held.all("decision"),
      checkpoints: held.all("checkpoint"),
      applies,
      undoable: applies.some(
        (apply) => apply.state === "done" && apply.undoes === null && apply.hunks.some((id) => standing.has(id)),
      ),
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the version stands for all that is read of `live`
  }, [live, version]);
}

export interface LiveSteps {
  total: number;
  /** Grows with every change. */
  version: number;
  placed: boolean;
  at: (place: number) => StepEntity | undefined;
  placeOf: (stepId: string) => number | undefined;
  ensure: (from: number, to: number) => void;
}

/** Steps by their place in the log. Use it where they are shown: it changes with every piece of streamed text. */
export function useLiveSteps(sessionId: string): LiveSteps {
  const live = liveSessions.of(sessionId);
  useEffect(() => live.use(), [live]);
  const version = useSyncExternalStore(live.watchSteps, () => live.held.steps.version);
  return useMemo(
    () => ({
      total: live.held.steps.total,
      version,
      placed: live.held.steps.placed,
      at: (place) => live.held.steps.at(place),
      placeOf: (stepId) => live.held.steps.placeOf(stepId),
      ensure: (from, to) => live.ensureSteps(from, to),
    }),
    [live, version],
  );
}
