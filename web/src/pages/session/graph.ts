// Where the tasks of a plan stand in its picture: a column for each length of the way to them. Pure.

import type { TaskEntity } from "@/hub/messages";

export interface Node {
  task: TaskEntity;
  number: number;
  column: number;
  row: number;
}

export interface Graph {
  nodes: Node[];
  edges: { from: Node; to: Node }[];
  columns: number;
  rows: number;
}

export function graphOf(tasks: readonly TaskEntity[]): Graph {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const columns = new Map<string, number>();
  // A plan has no circles; if one came, it would not hang the page.
  const column = (task: TaskEntity, seen: ReadonlySet<string>): number => {
    const held = columns.get(task.id);
    if (held !== undefined) return held;
    const before = task.depends_on
      .map((id) => byId.get(id))
      .filter((one): one is TaskEntity => one !== undefined && !seen.has(one.id));
    const found = before.reduce((most, one) => Math.max(most, 1 + column(one, new Set([...seen, task.id]))), 0);
    columns.set(task.id, found);
    return found;
  };
  const filled: number[] = [];
  const nodes = tasks.map((task, index): Node => {
    const at = column(task, new Set([task.id]));
    const row = filled[at] ?? 0;
    filled[at] = row + 1;
    return { task, number: index + 1, column: at, row };
  });
  const placed = new Map(nodes.map((node) => [node.task.id, node]));
  const edges = nodes.flatMap((to) =>
    to.task.depends_on.flatMap((id) => {
      const from = placed.get(id);
      return from === undefined ? [] : [{ from, to }];
    }),
  );
  return { nodes, edges, columns: filled.length, rows: Math.max(0, ...filled.map((count) => count)) };
}
