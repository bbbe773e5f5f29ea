// The one WebSocket of a browser tab: sign-in by cookie, calls, notifications, and coming back after a loss.
// It knows no session and no page.

import { HubError } from "./error";
import { PROTOCOL_VERSION, type HelloResult, type Methods, type Notifications } from "./messages";
import { socketUrl } from "./place";

export type ConnectionState =
  /** `stale`: the hub speaks another version than this page, which has to be loaded anew. */
  | { state: "connecting" | "lost" | "signed_out" | "stale"; since: number; version: string }
  | { state: "open"; since: number; version: string };

type Told = { [N in keyof Notifications]: (params: Notifications[N]) => void };

interface Waiting {
  resolve: (result: never) => void;
  reject: (error: HubError) => void;
}

interface Frame {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string; data?: { code?: string; remedy?: string; correlation_id?: string } | null };
}

const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000];
const OPEN_WITHIN_MS = 10_000;
const PROBE_WITHIN_MS = 6_000;

export class Connection {
  state: ConnectionState = { state: "connecting", since: Date.now(), version: "" };
  private socket: WebSocket | undefined;
  private tries = 0;
  private nextId = 1;
  private pause: number | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly watchers = new Set<() => void>();
  private readonly told = new Map<string, Set<(params: never) => void>>();

  /** Begins, and never ends as long as the page is there. */
  start(): void {
    window.addEventListener("online", () => this.probe());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.probe();
    });
    this.connect();
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  on<N extends keyof Notifications>(name: N, told: Told[N]): () => void {
    const all = this.told.get(name) ?? new Set();
    this.told.set(name, all);
    all.add(told);
    return () => all.delete(told);
  }

  /** Rejects at once with `offline` when there is no connection: what waits for one is the caller's affair. */
  call<M extends keyof Methods>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    if (this.state.state !== "open") return Promise.reject(offline());
    return this.send(method, params);
  }

  /** Tries again now, for example after the user signed in. */
  retry(): void {
    window.clearTimeout(this.pause);
    this.tries = 0;
    this.socket?.close();
    this.connect();
  }

  private send<M extends keyof Methods>(method: M, params: unknown): Promise<Methods[M]["result"]> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket?.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  private connect(): void {
    const socket = new WebSocket(socketUrl());
    this.socket = socket;
    const late = window.setTimeout(() => socket.close(), OPEN_WITHIN_MS);
    socket.addEventListener("open", () => {
      const hello = { token: "", client: "web", versions: [PROTOCOL_VERSION] };
      this.send<"hello">("hello", hello).then(
        (said: HelloResult) => {
          window.clearTimeout(late);
          if (this.socket === socket) this.opened(said);
        },
        (failure: unknown) => {
          if (this.socket === socket && failure instanceof HubError) this.refused(failure);
        },
      );
    });
    socket.addEventListener("message", (event: MessageEvent<string>) => {
      if (this.socket === socket) this.take(event.data);
    });
    socket.addEventListener("close", () => {
      window.clearTimeout(late);
      if (this.socket === socket) this.closed();
    });
  }

  private opened(said: HelloResult): void {
    const before = this.state.version;
    this.tries = 0;
    // The files of another version may be gone: what is loaded later would not be found.
    if (before !== "" && before !== said.application_version) this.become("stale", said.application_version);
    else this.become("open", said.application_version);
  }

  private refused(failure: HubError): void {
    if (failure.code === "wrong_token" || failure.code === "not_signed_in") this.become("signed_out");
    else if (failure.code === "protocol_mismatch") this.become("stale");
  }

  private closed(): void {
    this.socket = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const one of waiting) one.reject(offline());
    if (this.state.state === "signed_out" || this.state.state === "stale") return;
    if (this.state.state === "open") this.become("lost");
    const pause = PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)] ?? 0;
    this.tries += 1;
    if (this.tries > 2 && this.state.state === "connecting") this.become("lost");
    this.pause = window.setTimeout(() => this.connect(), pause * (0.75 + Math.random() / 2));
  }

  /** After sleep a socket may look open and be dead. */
  private probe(): void {
    if (this.state.state === "lost") {
      this.retry();
      return;
    }
    if (this.state.state !== "open") return;
    const socket = this.socket;
    const late = window.setTimeout(() => socket?.close(), PROBE_WITHIN_MS);
    void this.send("hub/status", {})
      .catch(() => undefined)
      .finally(() => window.clearTimeout(late));
  }

  private take(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.method !== undefined) {
      for (const told of this.told.get(frame.method) ?? []) told(frame.params as never);
      return;
    }
    const waiting = typeof frame.id === "number" ? this.waiting.get(frame.id) : undefined;
    if (waiting === undefined) return;
    this.waiting.delete(frame.id as number);
    if (frame.error === undefined) waiting.resolve(frame.result as never);
    else waiting.reject(errorOf(frame.error));
  }

  private become(state: ConnectionState["state"], version = this.state.version): void {
    this.state = { state, version, since: Date.now() };
    for (const watcher of this.watchers) watcher();
  }
}

function errorOf(error: NonNullable<Frame["error"]>): HubError {
  const data = error.data;
  return new HubError(data?.code ?? "internal", error.message, data?.remedy ?? "", data?.correlation_id ?? "");
}

function offline(): HubError {
  return new HubError("offline", "The hub is not connected.", "It is tried again by itself; nothing is lost.");
}

export const connection = new Connection();
