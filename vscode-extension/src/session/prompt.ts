// The text of a request from what was typed and what was attached, and which files fit what is typed after an `@`.

import type { Attachment } from "./wire";

const PROMPTS_KEPT = 100;
const FILES_SHOWN = 20;

/** What was attached stands below the words, named by file and lines, so that the words stay the request. */
export function composeRequest(text: string, attachments: readonly Attachment[]): string {
  const parts = attachments.map((one) => {
    if (one.text === undefined || one.firstLine === undefined) return `@${one.path}`;
    const fence = fenceFor(one.text);
    return `@${one.path}:${lineRange(one)}\n${fence}${one.language}\n${one.text.replace(/\n$/, "")}\n${fence}`;
  });
  return [text.trim(), ...parts].filter((part) => part !== "").join("\n\n");
}

export function lineRange(attachment: Attachment): string {
  const { firstLine, lastLine } = attachment;
  if (firstLine === undefined) return "";
  return lastLine === undefined || lastLine === firstLine ? `${firstLine}` : `${firstLine}-${lastLine}`;
}

/** Newest first; what was said before moves up instead of standing twice. */
export function remembered(prompts: readonly string[], prompt: string): string[] {
  return [prompt, ...prompts.filter((one) => one !== prompt)].slice(0, PROMPTS_KEPT);
}

/** The word behind the `@` just before the cursor, or undefined when none is being typed. */
export function fileQueryAt(text: string, cursor: number): { start: number; query: string } | undefined {
  const match = /(?:^|\s)@([^\s@]*)$/.exec(text.slice(0, cursor));
  if (match === null) return undefined;
  const query = match[1] ?? "";
  return { start: cursor - query.length - 1, query };
}

/** The best fitting paths: those with the letters close together, in the file's name, and short. */
export function fittingFiles(paths: readonly string[], query: string): string[] {
  const scored: { path: string; score: number }[] = [];
  for (const path of paths) {
    const score = fitness(path.toLowerCase(), query.toLowerCase());
    if (score !== undefined) scored.push({ path, score });
  }
  scored.sort((one, other) => other.score - one.score || one.path.length - other.path.length || compare(one, other));
  return scored.slice(0, FILES_SHOWN).map((one) => one.path);
}

function compare(one: { path: string }, other: { path: string }): number {
  return one.path < other.path ? -1 : 1;
}

function fitness(path: string, query: string): number | undefined {
  if (query === "") return 0;
  const nameStart = path.lastIndexOf("/") + 1;
  const inName = path.indexOf(query, nameStart);
  if (inName >= 0) return inName === nameStart ? 400 : 300;
  if (path.includes(query)) return 200;
  let at = -1;
  let gaps = 0;
  for (const letter of query) {
    const next = path.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return 100 - Math.min(99, gaps);
}

function fenceFor(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  return "`".repeat(longest + 1);
}
