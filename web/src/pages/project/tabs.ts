// What is open in the project: files, differences, commits. Pure.

export type FileSide = "workspace" | "draft";

export type Tab =
  | { kind: "file"; id: string; session: string; side: FileSide; root: number; path: string; made: boolean }
  | { kind: "diff"; id: string; session: string; root: number; path: string; from: Version; to: Version }
  | { kind: "commit"; id: string; session: string; root: number; commit: string };

/** A file as a commit has it (its id; empty: the one that is checked out), under `path`, or as it is now. */
export type Version = { commit: string; path: string } | "workspace" | "nothing";

export interface Open {
  tabs: readonly Tab[];
  active: string | undefined;
}

const MOST = 20;

export function fileTab(session: string, side: FileSide, root: number, path: string, made = false): Tab {
  const whose = side === "draft" ? `draft:${session}` : "workspace";
  return { kind: "file", id: `${whose}:${root}:${path}`, session, side, root, path, made };
}

export function diffTab(session: string, root: number, path: string, from: Version, to: Version): Tab {
  const name = (version: Version): string => (typeof version === "string" ? version : version.commit);
  return { kind: "diff", id: `diff:${root}:${path}:${name(from)}:${name(to)}`, session, root, path, from, to };
}

export function commitTab(session: string, root: number, commit: string): Tab {
  return { kind: "commit", id: `commit:${root}:${commit}`, session, root, commit };
}

/** With the tab open and in front; of very many, the oldest that is neither in front nor `kept` goes. */
export function opened(open: Open, tab: Tab, kept: ReadonlySet<string>): Open {
  const known = open.tabs.some((one) => one.id === tab.id);
  let tabs = known ? open.tabs : [...open.tabs, tab];
  while (tabs.length > MOST) {
    const oldest = tabs.find((one) => one.id !== tab.id && !kept.has(one.id));
    if (oldest === undefined) break;
    tabs = tabs.filter((one) => one !== oldest);
  }
  return { tabs, active: tab.id };
}

/** Without the tab; its neighbour comes to the front. */
export function closed(open: Open, id: string): Open {
  const at = open.tabs.findIndex((one) => one.id === id);
  const tabs = open.tabs.filter((one) => one.id !== id);
  const active = open.active === id ? (tabs[at] ?? tabs[at - 1])?.id : open.active;
  return { tabs, active };
}

/** Tabs of the user's own files, as they are kept between visits. */
export function kept(open: Open): string[] {
  return open.tabs.flatMap((tab) =>
    tab.kind === "file" && tab.side === "workspace" ? [`${tab.root}:${tab.path}`] : [],
  );
}

export function restored(session: string, names: readonly string[]): Tab[] {
  return names.flatMap((name) => {
    const found = /^(\d+):(.+)$/s.exec(name);
    return found === null ? [] : [fileTab(session, "workspace", Number(found[1]), found[2] ?? "")];
  });
}

/** A path as search and index tell it: with the folder's name in front when there are several. */
export function located(path: string, roots: readonly { name: string }[]): { root: number; path: string } {
  if (roots.length <= 1) return { root: 0, path };
  const root = roots.findIndex((one) => path.startsWith(`${one.name}/`));
  return root === -1 ? { root: 0, path } : { root, path: path.slice((roots[root]?.name.length ?? 0) + 1) };
}

/** Whether a path may be one of a new file; the hub decides. */
export function plausible(path: string): boolean {
  const parts = path.split("/");
  return path !== "" && parts.every((part) => part !== "" && part !== "." && part !== "..");
}
