// Colours of terminal output as runs of text. Everything but colours and weights is left out: nothing moves a cursor,
// writes a title or makes a link. Pure.

export interface Run {
  text: string;
  /** Names of the looks: `red`, `bg-red`, `bold`, `faint`, `italic`, `underline`, `inverse`. */
  looks: readonly string[];
  /** `#rrggbb`, for the 256 colours and true colours. */
  color?: string;
  background?: string;
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const WEIGHTS: Readonly<Record<number, string>> = { 1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse" };
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ["bold", "faint"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
};

// Control sequences, operating system commands, other escapes, and controls that are no white space.
const ESCAPE =
  /\x1b\[([0-9;:]*)([A-Za-z@`])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[@-Z\\^_]?|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]/g;

interface Look {
  looks: Set<string>;
  fore: string | undefined;
  back: string | undefined;
  color: string | undefined;
  background: string | undefined;
}

function plain(): Look {
  return { looks: new Set(), fore: undefined, back: undefined, color: undefined, background: undefined };
}

export function runsOf(text: string): Run[] {
  const runs: Run[] = [];
  let look = plain();
  let at = 0;
  const push = (piece: string): void => {
    if (piece === "") return;
    const looks = [...look.looks, look.fore, look.back].filter((one): one is string => one !== undefined);
    const run: Run = { text: overwritten(piece), looks };
    if (look.color !== undefined) run.color = look.color;
    if (look.background !== undefined) run.background = look.background;
    runs.push(run);
  };
  for (const found of text.matchAll(ESCAPE)) {
    push(text.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[2] === "m") look = after(look, found[1] ?? "");
  }
  push(text.slice(at));
  return runs;
}

/** A carriage return without a line feed begins the line anew, as progress bars do. */
function overwritten(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1).replace(/\r+$/, ""))
    .join("\n");
}

function after(before: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let look: Look = { ...before, looks: new Set(before.looks) };
  for (let place = 0; place < codes.length; place += 1) {
    const code = codes[place] ?? 0;
    if (code === 0) look = plain();
    else if (code === 38 || code === 48) {
      const { colour, used } = extended(codes.slice(place + 1));
      if (code === 38) Object.assign(look, { color: colour, fore: undefined });
      else Object.assign(look, { background: colour, back: undefined });
      place += used;
    } else one(look, code);
  }
  return look;
}

function one(look: Look, code: number): void {
  const weight = WEIGHTS[code];
  if (weight !== undefined) look.looks.add(weight);
  for (const ended of ENDS[code] ?? []) look.looks.delete(ended);
  const name = NAMES[code % 10];
  const tens = Math.floor(code / 10);
  if (code === 39) Object.assign(look, { fore: undefined, color: undefined });
  else if (code === 49) Object.assign(look, { back: undefined, background: undefined });
  else if (name !== undefined && (tens === 3 || tens === 9)) Object.assign(look, { fore: name, color: undefined });
  else if (name !== undefined && (tens === 4 || tens === 10)) {
    Object.assign(look, { back: `bg-${name}`, background: undefined });
  }
}

function extended(codes: readonly number[]): { colour: string | undefined; used: number } {
  const [mode, a = 0, b = 0, c = 0] = codes;
  if (mode === 2) return { colour: hex(a, b, c), used: 4 };
  if (mode === 5) return { colour: indexed(a), used: 2 };
  return { colour: undefined, used: codes.length };
}

const BASE = ["#3b424d", "#c4453d", "#2f9e5f", "#b0801f", "#4a72d8", "#a455c0", "#2b93a3", "#9aa2ad"];

function indexed(index: number): string {
  if (index < 16) return BASE[index % 8] ?? "#9aa2ad";
  if (index >= 232) {
    const grey = 8 + (Math.min(index, 255) - 232) * 10;
    return hex(grey, grey, grey);
  }
  const cube = index - 16;
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function hex(red: number, green: number, blue: number): string {
  const two = (value: number): string => Math.min(255, Math.max(0, value)).toString(16).padStart(2, "0");
  return `#${two(red)}${two(green)}${two(blue)}`;
}
