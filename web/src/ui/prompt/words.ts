// What a prompt's text means while it is typed. Pure.

export interface Template {
  name: string;
  text: string;
}

export interface Asked {
  kind: "file" | "template";
  /** Where the sign stands. */
  start: number;
  query: string;
}

/** The `@word` or the `/word` (at the very beginning) that ends at the cursor. */
export function askedAt(text: string, cursor: number): Asked | undefined {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w-]*)$/.exec(before);
  if (slash !== null) return { kind: "template", start: 0, query: slash[1] ?? "" };
  const file = /(?:^|[\s("'`])@([^\s@]*)$/.exec(before);
  if (file === null) return undefined;
  const query = file[1] ?? "";
  return { kind: "file", start: cursor - query.length - 1, query };
}

export function fittingTemplates(templates: readonly Template[], query: string): Template[] {
  const wanted = query.toLowerCase();
  return templates
    .filter((one) => one.name.toLowerCase().includes(wanted))
    .sort((one, other) => Number(other.name.startsWith(wanted)) - Number(one.name.startsWith(wanted)));
}

export interface Part {
  kind: "text" | "mention" | "code" | "path";
  text: string;
}

const PARTS =
  /(```[\s\S]*?(?:```|$)|`[^`\n]+`)|((?:^|(?<=[\s("'`]))@[^\s@]+)|((?:^|(?<=[\s("']))(?:[\w.-]+\/)+[\w.-]+(?::\d+)?)/g;

/** The text cut into what is shown in a colour of its own; joined it is the text again. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(PARTS)) {
    if (found.index > at) parts.push({ kind: "text", text: text.slice(at, found.index) });
    const kind = found[1] !== undefined ? "code" : found[2] !== undefined ? "mention" : "path";
    parts.push({ kind, text: found[0] });
    at = found.index + found[0].length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/** Newest first; what was said before moves up instead of standing twice. */
export function remembered(prompts: readonly string[], prompt: string, most: number): string[] {
  return [prompt, ...prompts.filter((one) => one !== prompt)].slice(0, most);
}
