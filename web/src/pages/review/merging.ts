// A conflict while it is settled: what was chosen at each place, and the file that comes of it. Pure.

import type { ConflictPart } from "@/hub/messages";

export type Take = "yours" | "draft" | "both" | "own";

export interface Choice {
  take: Take;
  /** What was typed, for `own`. */
  text: string;
}

export type Choices = Readonly<Record<number, Choice>>;

export function openPlaces(parts: readonly ConflictPart[], choices: Choices): number {
  return parts.filter((part, place) => part.conflict && choices[place] === undefined).length;
}

/** Whether everything chosen leaves the user's file as it is. */
export function keepsYours(parts: readonly ConflictPart[], choices: Choices): boolean {
  return parts.every((part, place) => !part.conflict || choices[place]?.take === "yours");
}

export function chosen(part: ConflictPart, choice: Choice): string {
  switch (choice.take) {
    case "yours":
      return part.yours;
    case "draft":
      return part.draft;
    case "both":
      return ended(part.yours, part.draft) + part.draft;
    case "own":
      return choice.text;
  }
}

/** The whole file, with line ends as the hub wants them: LF. */
export function merged(parts: readonly ConflictPart[], choices: Choices): string {
  const pieces = parts.map((part, place) => {
    if (!part.conflict) return part.text;
    const choice = choices[place];
    return choice === undefined ? part.yours : chosen(part, choice);
  });
  // A piece without an end before another one would run into it.
  return pieces.reduce((whole, piece) => ended(whole, piece) + piece, "").replaceAll("\r\n", "\n");
}

function ended(before: string, after: string): string {
  return before === "" || after === "" || before.endsWith("\n") ? before : `${before}\n`;
}
