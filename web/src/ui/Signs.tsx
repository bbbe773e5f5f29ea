// Small things that say something: states, amounts, times, progress.

import { Ban, Check, CircleDashed, CircleHelp, CirclePause, GitPullRequestArrow, LoaderCircle } from "lucide-react";
import { Progress as RadixProgress } from "radix-ui";
import { useSyncExternalStore, type ReactNode } from "react";
import { LANGUAGE } from "@/text/speak";
import { wordShared } from "@/text/shared";
import { cx } from "./classes";
import { exactTime, money, relativeTime, span } from "./amounts";
import css from "./ui.module.css";

export type Tone = "neutral" | "accent" | "good" | "warn" | "bad";

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }): React.JSX.Element {
  return <span className={cx(css.badge, tone !== "neutral" && css[tone])}>{children}</span>;
}

const STATUSES: Readonly<Record<string, { icon: typeof Check; tone: Tone; spin?: boolean }>> = {
  starting: { icon: LoaderCircle, tone: "accent", spin: true },
  working: { icon: LoaderCircle, tone: "accent", spin: true },
  waiting: { icon: CircleHelp, tone: "warn" },
  proposed: { icon: GitPullRequestArrow, tone: "accent" },
  finished: { icon: Check, tone: "good" },
  stopped: { icon: CirclePause, tone: "bad" },
  cancelled: { icon: Ban, tone: "neutral" },
};

export function statusTone(status: string): Tone {
  return STATUSES[status]?.tone ?? "neutral";
}

/** A session's status as a sign; it has a name of its own unless the words stand beside it. */
export function StatusDot({ status, named = true }: { status: string; named?: boolean }): React.JSX.Element {
  const { icon: Icon, tone, spin } = STATUSES[status] ?? { icon: CircleDashed, tone: "neutral" as const };
  const said = named ? { role: "img", "aria-label": wordShared("status", status) } : { "aria-hidden": true };
  return (
    <span className={css.dot} data-tone={tone} {...said}>
      <Icon className={cx(spin === true && css.spin)} aria-hidden />
    </span>
  );
}

export function Spinner({ label }: { label: string }): React.JSX.Element {
  return (
    <span className={css.dot} role="status" aria-label={label}>
      <LoaderCircle className={css.spin} aria-hidden />
    </span>
  );
}

/** `value` from 0 to 1. */
export function Progress({
  value,
  label,
  tone = "accent",
}: {
  value: number;
  label: string;
  tone?: Tone;
}): React.JSX.Element {
  const share = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <RadixProgress.Root className={css.progress} value={share} aria-label={label} data-tone={tone}>
      <div style={{ width: `${share}%` }} />
    </RadixProgress.Root>
  );
}

const clock = {
  now: Date.now(),
  watchers: new Set<() => void>(),
  watch: (watcher: () => void): (() => void) => {
    clock.watchers.add(watcher);
    return () => clock.watchers.delete(watcher);
  },
};

window.setInterval(() => {
  clock.now = Date.now();
  for (const watcher of clock.watchers) watcher();
}, 20_000);

/** The time now, anew every 20 seconds. */
export function useNow(): number {
  return useSyncExternalStore(clock.watch, () => clock.now);
}

/** Milliseconds since 1970, shown as how long ago, in the reader's zone when one points at it. */
export function Time({ at }: { at: number }): React.JSX.Element {
  const now = useNow();
  return (
    <time className={css.number} dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {relativeTime(at, Math.max(now, at))}
    </time>
  );
}

export function Duration({ ms }: { ms: number }): React.JSX.Element {
  return <span className={css.number}>{span(ms)}</span>;
}

/** Nano-dollars. */
export function Money({ nano }: { nano: number }): React.JSX.Element {
  return <span className={css.number}>{money(nano)}</span>;
}

const numbers = new Intl.NumberFormat(LANGUAGE);

export function Count({ n }: { n: number }): React.JSX.Element {
  return <span className={css.number}>{numbers.format(n)}</span>;
}
