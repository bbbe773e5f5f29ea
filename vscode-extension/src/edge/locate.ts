// Finds the `draftsmith` program: a configured path, then PATH, then the extension's own environment. Starts nothing.

import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

export type Found =
  | { kind: "found"; command: string; origin: "configured" | "path" | "own" }
  | { kind: "missing" }
  | { kind: "wrong"; reason: "not_absolute" | "not_executable"; path: string };

export interface Places {
  configured: string;
  searchPath: string;
  ownEnvironment: string;
  windows: boolean;
}

/** Relative configured paths are refused: a workspace could otherwise bring the program with it. */
export async function locate(places: Places): Promise<Found> {
  const configured = expandHome(places.configured.trim());
  if (configured !== "") {
    if (!isAbsolute(configured)) return { kind: "wrong", reason: "not_absolute", path: configured };
    if (!(await isProgram(configured))) return { kind: "wrong", reason: "not_executable", path: configured };
    return { kind: "found", command: configured, origin: "configured" };
  }
  const onPath = await findOnPath("draftsmith", places.searchPath, places.windows);
  if (onPath !== undefined) return { kind: "found", command: onPath, origin: "path" };
  const own = programIn(places.ownEnvironment, "draftsmith", places.windows);
  return (await isProgram(own)) ? { kind: "found", command: own, origin: "own" } : { kind: "missing" };
}

/** Entries that are not absolute are left out: they would mean the folder that happens to be current. */
export async function findOnPath(name: string, searchPath: string, windows: boolean): Promise<string | undefined> {
  const names = windows ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of searchPath.split(delimiter).filter((one) => isAbsolute(one))) {
    for (const one of names) {
      const path = join(folder, one);
      if (await isProgram(path)) return path;
    }
  }
  return undefined;
}

export function programIn(environment: string, name: string, windows: boolean): string {
  return windows ? join(environment, "Scripts", `${name}.exe`) : join(environment, "bin", name);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
