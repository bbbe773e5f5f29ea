// Samples of the hub as lines of charts. Pure.

import type { MonitorSample } from "@/hub/messages";
import type { monitoring } from "@/text/monitoring";

export const MEGA = 1_000_000;
export const GIGA = 1_000_000_000;

type Word = keyof typeof monitoring;
export type LineName = Extract<Word, `line.${string}`>;

export interface Line {
  name: LineName;
  values: readonly (number | null)[];
}

export interface ChartData {
  name: "cpu" | "memory" | "machine" | "rates" | "errors" | "latency" | "models" | "queue" | "disk";
  lines: readonly Line[];
}

export interface Facts {
  interval_ms: number;
  memory_bytes: number;
}

type Read = (sample: MonitorSample) => number | null;

const thousandths: (value: number | null) => number | null = (value) => (value === null ? null : value / 1_000);

/** Every chart of the page; what was not measured in an interval is null. */
export function charts(samples: readonly MonitorSample[], facts: Facts): readonly ChartData[] {
  const seconds = facts.interval_ms / 1_000;
  const line = (name: LineName, read: Read): Line => ({ name, values: samples.map(read) });
  const perMinute = (count: number): number => (count / seconds) * 60;
  return [
    {
      name: "cpu",
      lines: [
        line("line.hub", (one) => one.hub_cpu / 10),
        line("line.runner", (one) => ofRunners(one, one.runner_cpu / 10)),
        line("line.commands", (one) => one.command_cpu / 10),
      ],
    },
    {
      name: "memory",
      lines: [
        line("line.hub", (one) => one.hub_memory_bytes / MEGA),
        line("line.runner", (one) => ofRunners(one, one.runner_memory_bytes / MEGA)),
        line("line.commands", (one) => one.command_memory_bytes / MEGA),
      ],
    },
    {
      name: "machine",
      lines: [
        line("line.machine.cpu", (one) => one.machine_cpu / 10),
        line("line.machine.memory", (one) => share(one.machine_memory_bytes, facts.memory_bytes)),
      ],
    },
    {
      name: "rates",
      lines: [line("line.events", (one) => one.events / seconds), line("line.calls", (one) => one.calls / seconds)],
    },
    {
      name: "errors",
      lines: [
        line("line.failed_calls", (one) => perMinute(one.failed_calls)),
        line("line.failed_models", (one) => perMinute(one.failed_model_calls)),
        line("line.failed_tools", (one) => perMinute(one.failed_tool_calls)),
      ],
    },
    {
      name: "latency",
      lines: [
        line("line.call", (one) => thousandths(one.call_us)),
        line("line.call99", (one) => thousandths(one.call_99_us)),
        line("line.write", (one) => thousandths(one.write_us)),
        line("line.write99", (one) => thousandths(one.write_99_us)),
      ],
    },
    {
      name: "models",
      lines: [
        line("line.first", (one) => thousandths(one.first_token_ms)),
        line("line.answer", (one) => thousandths(one.model_ms)),
      ],
    },
    {
      name: "queue",
      lines: [
        line("line.queue", (one) => one.queue),
        line("line.working", (one) => one.working),
        line("line.commands", (one) => one.commands),
      ],
    },
    {
      name: "disk",
      lines: [
        line("line.disk", (one) => one.disk_free_bytes / GIGA),
        line("line.written", (one) => one.command_written_bytes / MEGA / seconds),
      ],
    },
  ];
}

export interface Summary {
  last: number | undefined;
  mean: number | undefined;
  most: number | undefined;
}

export function summary(values: readonly (number | null)[]): Summary {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { last: undefined, mean: undefined, most: undefined };
  return {
    last: values.at(-1) ?? undefined,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    most: known.reduce((most, value) => Math.max(most, value)),
  };
}

/** With as many digits as say something. */
export function figure(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** Bytes in decimal units, as the systems' own tools show disks. */
export function size(bytes: number): string {
  if (bytes >= GIGA) return `${figure(bytes / GIGA)} GB`;
  return `${figure(bytes / MEGA)} MB`;
}

/** Without a runner that tells there is no figure, not a figure of nothing. */
function ofRunners(sample: MonitorSample, value: number): number | null {
  return sample.runner_memory_bytes === 0 ? null : value;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}
