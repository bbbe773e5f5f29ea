// What a call of the hub fails with: always a stable code, words for people and what to do.

export class HubError extends Error {
  override readonly name = "HubError";

  constructor(
    readonly code: string,
    message: string,
    readonly remedy = "",
    readonly correlationId = "",
  ) {
    super(message);
  }

  /** The connection, not the call: it may be tried again as it is. */
  get offline(): boolean {
    return this.code === "offline";
  }
}

export function asHubError(failure: unknown): HubError {
  if (failure instanceof HubError) return failure;
  return new HubError("internal", failure instanceof Error ? failure.message : String(failure));
}
