// Code cut into pieces with a class each.

import { highlightCode } from "@lezer/highlight";
import { loadLanguage } from "./languages";
import { highlighter } from "./tokens";

export interface Piece {
  text: string;
  classes: string;
}

const MOST = 200_000;

/** Undefined for a language that is not known, and for what is too long to be worth it. */
export async function highlight(text: string, name: string): Promise<Piece[] | undefined> {
  const support = text.length > MOST ? undefined : await loadLanguage(name);
  if (support === undefined) return undefined;
  const pieces: Piece[] = [];
  highlightCode(
    text,
    support.language.parser.parse(text),
    highlighter,
    (piece, classes) => pieces.push({ text: piece, classes }),
    () => pieces.push({ text: "\n", classes: "" }),
  );
  return pieces;
}
