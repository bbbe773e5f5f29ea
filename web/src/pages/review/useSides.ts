// The texts of one file that the review shows: before, in the draft, and as it is in the workspace now.

import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { asHubError, callHub, type HubError } from "@/hub";
import type { FileResult, SessionEntity } from "@/hub/messages";
import type { ReviewFile } from "./model";

export interface Sides {
  base: FileResult;
  draft: FileResult;
  /** Undefined while it is asked for, or when it cannot be read. */
  workspace: FileResult | undefined;
}

type Side = "base" | "draft" | "workspace";

export interface SidesState {
  sides: Sides | undefined;
  error: HubError | undefined;
  retry: () => void;
}

const WATCH_MS = 5_000;

export function useSides(session: SessionEntity, file: ReviewFile): SidesState {
  // The draft changes with the proposal, the workspace with every hunk that is written and with whatever the user does.
  const statuses = file.hunks.map((hunk) => `${hunk.id}${hunk.status}`).join();
  const found = useQueries({
    queries: [
      asked(session, file, "base", session.base ?? ""),
      asked(session, file, "draft", `${session.draft ?? ""}${file.hunks.map((hunk) => hunk.id).join()}`),
      { ...asked(session, file, "workspace", statuses), refetchInterval: WATCH_MS },
    ],
  });
  const [base, draft, workspace] = found as unknown as UseQueryResult<FileResult>[];
  const failed = base?.error ?? draft?.error ?? undefined;
  const sides =
    base?.data === undefined || draft?.data === undefined
      ? undefined
      : { base: base.data, draft: draft.data, workspace: workspace?.data };
  return {
    sides,
    error: failed === undefined ? undefined : asHubError(failed),
    retry: () => {
      for (const query of found) void query.refetch();
    },
  };
}

interface Asked {
  queryKey: readonly unknown[];
  queryFn: () => Promise<FileResult>;
  staleTime: number;
}

function asked(session: SessionEntity, file: ReviewFile, side: Side, version: string): Asked {
  return {
    queryKey: ["review/side", session.id, file.root, file.path, side, version],
    queryFn: () => callHub("file/read", { session_id: session.id, root: file.root, path: file.path, side }),
    staleTime: side === "workspace" ? 0 : Infinity,
  };
}

/** Lines that end in LF, as the editor holds them. */
export function plainText(file: FileResult): string {
  return (file.text ?? "").replaceAll("\r\n", "\n");
}
