// Added lines as Markdown for the editor's own renderer. What stands in them is text of a file and must stay text.

const MOST_LINES = 60;
const STYLE = "background-color:var(--vscode-diffEditor-insertedLineBackground);";

/** A block in the colours of a difference; `more` says how many lines are left out. */
export function addedLines(after: string, more: (count: number) => string): string {
  if (after === "") return "";
  const lines = after.replace(/\r?\n$/, "").split(/\r?\n/);
  const shown = lines.slice(0, MOST_LINES);
  const width = Math.max(...shown.map((line) => line.length));
  const rows = shown.map((line) => `<span style="${STYLE}">+ ${escaped(line.padEnd(width))} </span>`);
  if (lines.length > MOST_LINES) rows.push(escaped(more(lines.length - MOST_LINES)));
  return `<pre>${rows.join("\n")}</pre>`;
}

/** As text in HTML; a newline character stands between rows only. */
export function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text
    .replaceAll(/[&<>"']/g, (character) => names[character] ?? character)
    .replaceAll(/[\n\r]/g, " ")
    .replaceAll("\0", "\ufffd");
}
