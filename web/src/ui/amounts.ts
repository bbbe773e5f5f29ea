// Times, spans and money as people read them. Pure.

import { LANGUAGE } from "@/text/speak";

const NANO = 1_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto", style: "narrow" });
const exact = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "medium" });
const day = new Intl.DateTimeFormat(LANGUAGE, { month: "short", day: "numeric" });
const clock = new Intl.DateTimeFormat(LANGUAGE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});

export function exactTime(at: number): string {
  return exact.format(at);
}

export function clockTime(at: number): string {
  return clock.format(at);
}

export function relativeTime(at: number, now: number): string {
  const ago = now - at;
  if (ago < 45_000) return relative.format(0, "second");
  if (ago < HOUR) return relative.format(-Math.max(1, Math.round(ago / MINUTE)), "minute");
  if (ago < DAY) return relative.format(-Math.round(ago / HOUR), "hour");
  if (ago < 7 * DAY) return relative.format(-Math.round(ago / DAY), "day");
  return day.format(at);
}

/** Milliseconds as `240 ms`, `3.2 s`, `4 min 5 s`, `2 h 10 min`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Nano-dollars as `$0.0042` or `$12.30`: small amounts keep two digits that mean something. */
export function money(nano: number): string {
  const dollars = nano / NANO;
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "<$0.0001";
  if (dollars < 0.1) return `$${dollars.toFixed(4).replace(/0{1,2}$/, "")}`;
  return `$${dollars.toFixed(2)}`;
}
