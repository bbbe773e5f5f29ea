// Everything that a page may use of the hub.

export { apiUrl, ROOT } from "./place";
export { asHubError, HubError } from "./error";
export {
  callHub,
  useCall,
  useCommand,
  useConnection,
  usePages,
  type CallOptions,
  type CommandOptions,
} from "./queries";
export { askGraph, useGraph } from "./graph";
export { fetchJson } from "./rest";
export { useLiveSession, useLiveSteps, type LiveSession, type LiveSteps } from "./use-live";
export { useSessionLines, type SessionLines } from "./session-lines";
export { usePreference, type Preferences } from "./preferences";
export type { EntityOf } from "./held";
