// A session as a file: its events as JSON Lines, or what a person reads of it as Markdown.

import { callHub, type LiveSession } from "@/hub";
import type { SessionEntity, StepEntity } from "@/hub/messages";

const PAGE = 500;

export interface Made {
  name: string;
  text: string;
}

export async function exportLines(session: SessionEntity): Promise<Made> {
  const lines: string[] = [];
  for (;;) {
    const page = await callHub("session/export", { session_id: session.id, after: lines.length, limit: PAGE });
    lines.push(...page.events);
    if (!page.more) return { name: `${session.id}.jsonl`, text: lines.map((line) => `${line}\n`).join("") };
  }
}

export async function exportMarkdown(live: LiveSession, session: SessionEntity): Promise<Made> {
  const steps: StepEntity[] = [];
  for (;;) {
    const page = await callHub("steps/list", { session_id: session.id, first: steps.length, limit: PAGE });
    steps.push(...page.steps);
    if (page.steps.length === 0 || steps.length >= page.total) break;
  }
  return { name: `${session.id}.md`, text: markdownOf(live, session, steps) };
}

export function markdownOf(
  live: Pick<LiveSession, "tasks" | "decisions" | "files">,
  session: SessionEntity,
  steps: readonly StepEntity[],
): string {
  const parts = [`# ${session.title}`, `- status: ${session.status}`, `- session: ${session.id}`];
  if (session.recorded) parts.push("- replies come from a recording");
  parts.push("", "## Request", "", session.request);
  if (live.tasks.length > 0) {
    parts.push("", "## Plan", "", session.plan_summary);
    parts.push(...live.tasks.map((task) => `- [${task.status === "done" ? "x" : " "}] ${task.title} (${task.status})`));
  }
  if (session.plan_risks.length > 0) parts.push("", "## Risks", "", ...session.plan_risks.map((risk) => `- ${risk}`));
  if (live.decisions.length > 0) {
    parts.push("", "## Decisions", "");
    parts.push(...live.decisions.map((one) => `- ${oneLine(one.prompt)} **${one.answer || one.state}**`));
  }
  if (session.summary !== "") parts.push("", "## Result", "", session.summary);
  if (live.files.length > 0) parts.push("", ...live.files.map((file) => `- \`${file.path}\` ${file.change}`));
  parts.push("", "## Steps");
  for (const step of steps) {
    parts.push("", `### ${oneLine(step.title)} (${step.state}, ${new Date(step.at).toISOString()})`);
    if (step.text === "") continue;
    parts.push("", step.step === "model" || step.step === "note" ? step.text : fenced(step.text));
  }
  return `${parts.join("\n")}\n`;
}

function oneLine(text: string): string {
  return text.split(/\s+/).join(" ").trim();
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((found) => found[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}

export function save({ name, text }: Made): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
