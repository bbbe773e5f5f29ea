// The hunks of a proposal as changes for the difference view, so that what is shown as one piece is decided as one.
// Positions are of texts whose lines end in LF.

import { Change, diff } from "@codemirror/merge";
import type { Placed } from "./model";

const COMPARED = 8_000;
/** Characters of a hunk beyond which it is marked as a whole. */
const SCANNED = 500;

/** Where each line begins; one more entry than there are lines, for the end. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length);
  return starts;
}

/** What differs, hunk by hunk; undefined when the texts are not those of the hunks. */
export function changesOf(base: string, draft: string, placed: readonly Placed[]): Change[] | undefined {
  const baseStarts = lineStarts(base);
  const draftStarts = lineStarts(draft);
  const found: Change[] = [];
  for (const { hunk, baseLine, draftLine } of placed) {
    const fromA = baseStarts[baseLine - 1];
    const toA = baseStarts[baseLine - 1 + hunk.base_length];
    const fromB = draftStarts[draftLine - 1];
    const toB = draftStarts[draftLine - 1 + hunk.new_length];
    if (fromA === undefined || toA === undefined || fromB === undefined || toB === undefined) return undefined;
    found.push(...within(base, draft, fromA, toA, fromB, toB));
  }
  return found;
}

function within(
  base: string,
  draft: string,
  fromA: number,
  toA: number,
  fromB: number,
  toB: number,
): readonly Change[] {
  const whole = [new Change(fromA, toA, fromB, toB)];
  if (fromA === toA || fromB === toB || toA - fromA + toB - fromB > COMPARED) return whole;
  const inner = diff(base.slice(fromA, toA), draft.slice(fromB, toB), { scanLimit: SCANNED });
  if (inner.length === 0) return whole;
  return inner.map(
    (change) => new Change(change.fromA + fromA, change.toA + fromA, change.fromB + fromB, change.toB + fromB),
  );
}
