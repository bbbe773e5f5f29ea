// Small things that every part of the view uses: icons, folds, amounts.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { save, saved, text } from "./host";

export function Icon({ name, spin = false }: { name: string; spin?: boolean }): JSX.Element {
  return <span class={`codicon codicon-${name}${spin ? " codicon-modifier-spin" : ""}`} aria-hidden="true" />;
}

interface FoldProps {
  id: string;
  head: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  label: string;
  /** Open until the user closes it. */
  open?: boolean;
}

/** Folded away until asked for; what was opened stays so when the view comes back. */
export function Fold({ id, head, children, class: name = "", label, open = false }: FoldProps): JSX.Element {
  const mark = `${open ? "-" : ""}${id}`;
  const [turned, setTurned] = useState(saved.open.includes(mark));
  const shown = open ? !turned : turned;
  const turn = (): void => {
    saved.open = turned ? saved.open.filter((one) => one !== mark) : [...saved.open.slice(-199), mark];
    save();
    setTurned(!turned);
  };
  return (
    <div class={`fold ${name}`}>
      <button type="button" class="fold-head" aria-expanded={shown} aria-label={label} onClick={turn}>
        <Icon name={shown ? "chevron-down" : "chevron-right"} />
        {head}
      </button>
      {shown && <div class="fold-body">{children}</div>}
    </div>
  );
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function count(value: number): string {
  return value < 1_000 ? String(value) : `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)}k`;
}

/** A list of plain lines under a small heading; nothing when it is empty. */
export function Lines({ title, lines, icon }: { title: string; lines: string[]; icon?: string }): JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <div class="lines">
      <div class="label">{title}</div>
      {lines.map((line) => (
        <div key={line} class="line">
          {icon !== undefined && <Icon name={icon} />}
          <span>{line}</span>
        </div>
      ))}
    </div>
  );
}

export function Failure({ message }: { message: string }): JSX.Element {
  return (
    <div class="notice error" role="alert">
      <Icon name="error" />
      <span class="clamped" title={message}>
        {message}
      </span>
    </div>
  );
}

export function ok(kind: "ok" | "failed" | "running" | "unsure" | "cancelled"): JSX.Element {
  const icons = { ok: "pass", failed: "error", running: "loading", unsure: "question", cancelled: "circle-slash" };
  return (
    <span class={`state ${kind}`} title={kind === "unsure" ? text("gate.not_verified") : ""}>
      <Icon name={icons[kind]} spin={kind === "running"} />
    </span>
  );
}
