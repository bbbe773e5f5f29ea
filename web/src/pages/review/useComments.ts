// Comments that are not sent yet: kept for this tab, so that a reload does not lose them.

import { useCallback, useEffect, useState } from "react";
import type { Comment } from "./model";

export interface Comments {
  all: readonly Comment[];
  put: (comment: Comment) => void;
  remove: (id: string) => void;
  clear: () => void;
}

export function useComments(sessionId: string): Comments {
  const key = `draftsmith.review.${sessionId}`;
  const [all, setAll] = useState<readonly Comment[]>(() => read(key));
  useEffect(() => {
    try {
      if (all.length === 0) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(all));
    } catch {
      // A browser without storage keeps them as long as the page is there.
    }
  }, [key, all]);
  const put = useCallback(
    (comment: Comment) => setAll((before) => [...before.filter((one) => one.id !== comment.id), comment]),
    [],
  );
  const remove = useCallback((id: string) => setAll((before) => before.filter((one) => one.id !== id)), []);
  const clear = useCallback(() => setAll([]), []);
  return { all, put, remove, clear };
}

function read(key: string): readonly Comment[] {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "[]") as readonly Comment[];
  } catch {
    return [];
  }
}
