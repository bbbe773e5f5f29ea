// Texts of steps as people read them. Pure.

/** Arguments as lines when they are whole JSON; as they are while they stream, and when they are a command. */
export function readableArguments(source: string): string {
  if (source === "" || source === "{}") return "";
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return source;
  }
  if (typeof value !== "object" || value === null) return source;
  return Object.entries(value)
    .map(([name, one]) => {
      const text = typeof one === "string" ? one : JSON.stringify(one);
      return text.includes("\n") ? `${name}:\n${text.replace(/^/gm, "  ")}` : `${name}: ${text}`;
    })
    .join("\n");
}

export function isDiff(text: string): boolean {
  return /^(@@ -\d|--- .*\n\+\+\+ )/m.test(text);
}
