// Plain HTTP, for what is no method of the client protocol: problem details become the same error as everywhere.

import { HubError } from "./error";
import { apiUrl } from "./place";

interface Problem {
  code?: string;
  detail?: string;
  title?: string;
  remedy?: string;
  correlation_id?: string;
}

/** `path` is below `api/v1/`. Raises HubError. */
export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(apiUrl(path), { credentials: "same-origin", ...init });
  } catch {
    throw new HubError("offline", "The hub is not connected.", "It is tried again by itself.");
  }
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as Problem;
    const words = problem.detail ?? problem.title ?? `The hub answered with ${answer.status}.`;
    throw new HubError(problem.code ?? "internal", words, problem.remedy ?? "", problem.correlation_id ?? "");
  }
  return (await answer.json()) as T;
}
