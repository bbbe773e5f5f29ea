// Calls of the hub as queries and commands. Questions wait while the hub is away; commands fail at once and say so.

import {
  keepPreviousData,
  onlineManager,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { connection, type ConnectionState } from "./connection";
import type { HubError } from "./error";
import { asHubError } from "./error";
import type { Methods } from "./messages";

type Params<M extends keyof Methods> = Methods[M]["params"];
type Result<M extends keyof Methods> = Methods[M]["result"];

const TRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      // A call that was under way when the connection went is asked again; a refusal is an answer.
      retry: (count, failure) => asHubError(failure).offline && count < TRIES,
      retryDelay: 300,
    },
    mutations: { networkMode: "always" },
  },
});

/** Follows the connection; call it once. */
export function followConnection(): void {
  onlineManager.setEventListener((set) => {
    const tell = (): void => set(connection.state.state === "open");
    tell();
    return connection.watch(tell);
  });
  connection.on("hub/changed", ({ what }) => {
    for (const prefix of REFRESHED[what]) {
      void queryClient.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith(prefix) });
    }
  });
}

const REFRESHED = {
  models: ["models/", "credentials/"],
  rules: ["rules/"],
  preferences: ["preferences/"],
} as const;

export function useConnection(): ConnectionState {
  return useSyncExternalStore(connection.watch, () => connection.state);
}

export function callHub<M extends keyof Methods>(method: M, params: Params<M>): Promise<Result<M>> {
  return connection.call(method, params);
}

export interface CallOptions {
  enabled?: boolean;
  /** Milliseconds. */
  staleTime?: number;
  refetchInterval?: number | false;
  /** Show what was there while the parameters change. */
  keep?: boolean;
}

export function useCall<M extends keyof Methods>(
  method: M,
  params: Params<M>,
  options: CallOptions = {},
): UseQueryResult<Result<M>, HubError> {
  const { keep = false, ...rest } = options;
  return useQuery<Result<M>, HubError, Result<M>>({
    queryKey: [method, params],
    queryFn: () => callHub(method, params),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
    ...rest,
  });
}

interface WithCursor {
  cursor: string | null;
}

type Paged = { [M in keyof Methods]: Result<M> extends WithCursor ? M : never }[keyof Methods];

/** All pages of a list that were asked for so far. */
export function usePages<M extends Paged>(
  method: M,
  params: Omit<Params<M>, "cursor">,
  options: Omit<CallOptions, "keep"> = {},
): UseInfiniteQueryResult<InfiniteData<Result<M>, string | null>, HubError> {
  return useInfiniteQuery<
    Result<M>,
    HubError,
    InfiniteData<Result<M>, string | null>,
    readonly unknown[],
    string | null
  >({
    queryKey: [method, "pages", params],
    queryFn: ({ pageParam }) => callHub(method, { ...params, cursor: pageParam }),
    initialPageParam: null,
    getNextPageParam: (last) => (last as WithCursor).cursor,
    ...options,
  });
}

export interface CommandOptions {
  /** Methods whose answers this one changes. */
  refreshes?: readonly (keyof Methods)[];
  /** The caller shows the failure itself. */
  quiet?: boolean;
}

/** Told of every command that failed and was not quiet; the shell shows it. */
export const failures = new Set<(failure: HubError) => void>();

export function useCommand<M extends keyof Methods>(
  method: M,
  options: CommandOptions = {},
): UseMutationResult<Result<M>, HubError, Params<M>> {
  const { refreshes = [], quiet = false } = options;
  return useMutation<Result<M>, HubError, Params<M>>({
    mutationFn: (params) => callHub(method, params),
    onSuccess: async () => {
      await Promise.all(refreshes.map((name) => queryClient.invalidateQueries({ queryKey: [name] })));
    },
    onError: (failure) => {
      if (!quiet) for (const told of failures) told(asHubError(failure));
    },
  });
}
