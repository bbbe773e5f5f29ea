// Questions in GraphQL, for pages that need sums over many sessions.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { HubError } from "./error";
import type { CallOptions } from "./queries";
import { fetchJson } from "./rest";

interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string; remedy?: string } }[];
}

export async function askGraph<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const answer = await fetchJson<Answer<T>>("graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const [error] = answer.errors ?? [];
  if (error !== undefined) {
    throw new HubError(error.extensions?.code ?? "bad_query", error.message, error.extensions?.remedy ?? "");
  }
  if (answer.data === null || answer.data === undefined) throw new HubError("internal", "The hub gave no answer.");
  return answer.data;
}

export function useGraph<T>(
  query: string,
  variables: Record<string, unknown> = {},
  options: Omit<CallOptions, "keep"> = {},
): UseQueryResult<T, HubError> {
  return useQuery<T, HubError>({
    queryKey: ["graphql", query, variables],
    queryFn: () => askGraph<T>(query, variables),
    ...options,
  });
}
