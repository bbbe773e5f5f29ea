// The workspaces that sessions were about, the one used last first. Pure.

import type { SessionLine } from "@/hub/messages";

export interface Workspace {
  id: string;
  name: string;
  folders: string[];
  sessions: number;
}

export function knownWorkspaces(lines: readonly SessionLine[]): Workspace[] {
  const found = new Map<string, Workspace>();
  for (const line of lines) {
    const held = found.get(line.workspace_id);
    if (held !== undefined) held.sessions += 1;
    else if (line.folders.length > 0) {
      const name = line.folders.map((folder) => folder.slice(folder.lastIndexOf("/") + 1) || folder).join(", ");
      found.set(line.workspace_id, { id: line.workspace_id, name, folders: [...line.folders], sessions: 1 });
    }
  }
  return [...found.values()];
}
