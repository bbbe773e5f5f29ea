// Sums over the lines of the record. Pure.

import type { AnalyticsLine } from "@/hub/messages";

export interface Total {
  calls: number;
  failed: number;
  cost: number;
  unpriced: number;
  modelMs: number;
  toolMs: number;
  tasks: number;
  goodTasks: number;
  gates: number;
  passedGates: number;
}

export type By = AnalyticsLine["by"];

export function linesBy(lines: readonly AnalyticsLine[], by: By): readonly AnalyticsLine[] {
  return lines.filter((line) => line.by === by);
}

/** Each way to cut the record has all of it: the days are summed. Tasks are the coders', who end them. */
export function total(lines: readonly AnalyticsLine[]): Total {
  const days = linesBy(lines, "day");
  const coders = linesBy(lines, "role").filter((line) => line.name === "code");
  const sum = (some: readonly AnalyticsLine[], read: (line: AnalyticsLine) => number): number =>
    some.reduce((before, line) => before + read(line), 0);
  return {
    calls: sum(days, (line) => line.calls),
    failed: sum(days, (line) => line.failed_calls),
    cost: sum(days, (line) => line.cost_nano_usd),
    unpriced: sum(days, (line) => line.unpriced_calls),
    modelMs: sum(days, (line) => line.model_ms),
    toolMs: sum(days, (line) => line.tool_ms),
    tasks: sum(coders, (line) => line.tasks),
    goodTasks: sum(coders, (line) => line.good_tasks),
    gates: sum(days, (line) => line.gates),
    passedGates: sum(days, (line) => line.passed_gates),
  };
}

const DAY_MS = 86_400_000;

/** Costs of all days from the first with work to the last, those without any as nothing. Times are UTC midnights. */
export function costByDay(lines: readonly AnalyticsLine[]): { at: number[]; cost: number[] } {
  const known = new Map(linesBy(lines, "day").map((line) => [Date.parse(`${line.name}T00:00:00Z`), line]));
  const days = [...known.keys()].sort((one, other) => one - other);
  const at: number[] = [];
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return { at, cost: [] };
  for (let day = first; day <= last; day += DAY_MS) at.push(day);
  return { at, cost: at.map((day) => (known.get(day)?.cost_nano_usd ?? 0) / 1_000_000_000) };
}
