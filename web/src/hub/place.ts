// Where the hub is: whatever the page's <base> says, so that a path of a proxy is kept.

/** Path of the dashboard without the slash at its end; empty at a host's root. */
export const ROOT = new URL(document.baseURI).pathname.replace(/\/+$/, "");

export function apiUrl(path: string): string {
  return new URL(`api/v1/${path}`, document.baseURI).href;
}

export function socketUrl(): string {
  return apiUrl("ws").replace(/^http/, "ws");
}
