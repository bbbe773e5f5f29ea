// Where things are in the dashboard. The one place that knows how its addresses look.

export type PageName = "home" | "session" | "review" | "project" | "models" | "monitoring" | "analytics" | "settings";

export interface Place {
  page: PageName;
  path: string;
}

const id = encodeURIComponent;

function asked(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

export const place = {
  home: (): Place => ({ page: "home", path: "/" }),
  /** `step` is its place in the log, counted from 0. */
  session: (sessionId: string, at: { step?: number } = {}): Place => ({
    page: "session",
    path: `/sessions/${id(sessionId)}${asked(at)}`,
  }),
  review: (sessionId: string, at: { file?: string; hunk?: string } = {}): Place => ({
    page: "review",
    path: `/sessions/${id(sessionId)}/review${asked(at)}`,
  }),
  project: (workspaceId: string, at: { file?: string; line?: number } = {}): Place => ({
    page: "project",
    path: `/projects/${id(workspaceId)}${asked(at)}`,
  }),
  models: (): Place => ({ page: "models", path: "/models" }),
  monitoring: (): Place => ({ page: "monitoring", path: "/monitoring" }),
  analytics: (): Place => ({ page: "analytics", path: "/analytics" }),
  settings: (): Place => ({ page: "settings", path: "/settings" }),
};
