// Accepting, rejecting and undoing, with what there is to say of the outcome.

import { useCallback } from "react";
import { useCommand } from "@/hub";
import type { DecideResult, HunkEntity } from "@/hub/messages";
import { toast } from "@/ui";
import { canAccept, canReject } from "./model";
import { t } from "./words";

export interface Deciding {
  accept: (hunks: readonly HunkEntity[]) => Promise<boolean>;
  reject: (hunks: readonly HunkEntity[]) => Promise<boolean>;
  /** Ids of those that could not be written. */
  acceptSome: (hunks: readonly HunkEntity[]) => Promise<readonly string[]>;
  undo: () => void;
  busy: boolean;
}

const NONE: DecideResult = { results: [] };

export function useDeciding(sessionId: string): Deciding {
  const accepting = useCommand("proposal/accept");
  const rejecting = useCommand("proposal/reject");
  const undoing = useCommand("proposal/undo");
  const { mutateAsync: acceptNow } = accepting;
  const { mutateAsync: rejectNow } = rejecting;
  const { mutate: undoNow } = undoing;
  const decide = useCallback(
    async (how: typeof acceptNow, hunks: readonly HunkEntity[], can: (hunk: HunkEntity) => boolean) => {
      const hunkIds = hunks.filter(can).map((hunk) => hunk.id);
      if (hunkIds.length === 0) return false;
      try {
        const { results } = await how({ session_id: sessionId, hunk_ids: hunkIds });
        // Conflicts and the like show where the hunk stands; why one stays undecided would show nowhere.
        const stayed = results.find((result) => result.status === "pending" && result.note !== "");
        if (stayed !== undefined) toast({ tone: "bad", title: t("conflictHeld"), text: stayed.note });
        return true;
      } catch {
        return false; // said in a toast
      }
    },
    [sessionId],
  );
  return {
    accept: useCallback((hunks) => decide(acceptNow, hunks, canAccept), [decide, acceptNow]),
    reject: useCallback((hunks) => decide(rejectNow, hunks, canReject), [decide, rejectNow]),
    acceptSome: useCallback(
      async (hunks) => {
        const hunkIds = hunks.map((hunk) => hunk.id);
        const { results } = await acceptNow({ session_id: sessionId, hunk_ids: hunkIds }).catch(() => NONE);
        return results.filter((result) => result.status === "conflicted").map((result) => result.hunk_id);
      },
      [acceptNow, sessionId],
    ),
    undo: useCallback(() => undoNow({ session_id: sessionId }), [undoNow, sessionId]),
    busy: accepting.isPending || rejecting.isPending || undoing.isPending,
  };
}
