// What the review knows of a proposal, from the session's entities. Pure: no component, no hub.

import type { FileEntity, FindingEntity, HunkEntity, SessionEntity } from "@/hub/messages";

export interface ReviewFile {
  /** The file's entity. */
  id: string;
  path: string;
  root: number;
  change: FileEntity["change"];
  hunks: readonly HunkEntity[];
  added: number;
  removed: number;
  state: FileState;
}

export type FileState = "open" | "conflict" | "accepted" | "rejected" | "mixed" | "buffer";

const DECIDABLE: ReadonlySet<HunkEntity["status"]> = new Set(["pending", "conflicted", "reverted", "rejected"]);
const OPEN: ReadonlySet<HunkEntity["status"]> = new Set(["pending", "conflicted", "reverted"]);
const APPLIED: ReadonlySet<HunkEntity["status"]> = new Set(["accepted", "in_buffer", "on_disk"]);

export function canAccept(hunk: HunkEntity): boolean {
  return DECIDABLE.has(hunk.status);
}

export function canReject(hunk: HunkEntity): boolean {
  return OPEN.has(hunk.status);
}

export function isOpen(hunk: HunkEntity): boolean {
  return OPEN.has(hunk.status);
}

/** Files in the order of the proposal, each with its hunks from top to bottom. */
export function filesOf(files: readonly FileEntity[], hunks: readonly HunkEntity[]): ReviewFile[] {
  const byId = new Map(hunks.map((hunk) => [hunk.id, hunk]));
  return files.map((file) => {
    const own = file.hunks.map((id) => byId.get(id)).filter((hunk) => hunk !== undefined);
    return {
      id: file.id,
      path: file.path,
      root: file.root,
      change: file.change,
      hunks: own,
      added: own.reduce((sum, hunk) => sum + hunk.new_length, 0),
      removed: own.reduce((sum, hunk) => sum + hunk.base_length, 0),
      state: stateOf(own),
    };
  });
}

function stateOf(hunks: readonly HunkEntity[]): FileState {
  if (hunks.some((hunk) => hunk.status === "conflicted")) return "conflict";
  if (hunks.some(isOpen)) return "open";
  if (hunks.some((hunk) => hunk.status === "in_buffer")) return "buffer";
  if (hunks.every((hunk) => hunk.status === "rejected")) return "rejected";
  return hunks.every((hunk) => APPLIED.has(hunk.status)) ? "accepted" : "mixed";
}

export interface Tally {
  total: number;
  decided: number;
  open: number;
  accepted: number;
  rejected: number;
  conflicted: number;
  undone: number;
  inBuffer: number;
}

export function tallyOf(hunks: readonly HunkEntity[]): Tally {
  const count = (...statuses: HunkEntity["status"][]): number =>
    hunks.filter((hunk) => statuses.includes(hunk.status)).length;
  const open = hunks.filter(isOpen).length;
  return {
    total: hunks.length,
    decided: hunks.length - open,
    open,
    accepted: count("accepted", "in_buffer", "on_disk"),
    rejected: count("rejected"),
    conflicted: count("conflicted"),
    undone: count("reverted"),
    inBuffer: count("in_buffer"),
  };
}

/** Where a hunk stands in the draft: its first line, from 1, and how many lines it has there. */
export interface Placed {
  hunk: HunkEntity;
  /** In the base: the first line replaced, or the one before which lines are put in. */
  baseLine: number;
  draftLine: number;
}

/** Hunks of lines from top to bottom, with where they stand in the draft; permissions have no lines. */
export function placesOf(hunks: readonly HunkEntity[]): Placed[] {
  const texts = hunks
    .filter((hunk) => hunk.base_start > 0)
    .toSorted((a, b) => a.base_start - b.base_start || a.base_length - b.base_length);
  let shift = 0;
  return texts.map((hunk) => {
    const placed = { hunk, baseLine: hunk.base_start, draftLine: hunk.base_start + shift };
    shift += hunk.new_length - hunk.base_length;
    return placed;
  });
}

/** The hunk after (or before) the current one, over the borders of files; `only` leaves others out. */
export function neighbour(
  files: readonly ReviewFile[],
  current: string | undefined,
  step: 1 | -1,
  only: (hunk: HunkEntity) => boolean = () => true,
): { file: ReviewFile; hunk: HunkEntity } | undefined {
  const all = files.flatMap((file) => file.hunks.map((hunk) => ({ file, hunk })));
  const at = all.findIndex(({ hunk }) => hunk.id === current);
  const start = at === -1 ? (step === 1 ? -1 : all.length) : at;
  for (let place = start + step; place >= 0 && place < all.length; place += step) {
    const found = all[place];
    if (found !== undefined && only(found.hunk)) return found;
  }
  return undefined;
}

/** What is left to decide after a decision: the next one, else the first one that is open. */
export function nextOpen(
  files: readonly ReviewFile[],
  current: string | undefined,
): { file: ReviewFile; hunk: HunkEntity } | undefined {
  return (
    neighbour(files, current, 1, isOpen) ??
    neighbour(files, undefined, 1, (hunk) => isOpen(hunk) && hunk.id !== current)
  );
}

export type ReviewState =
  "nothing" | "working" | "open" | "conflict" | "undone" | "applied" | "buffer" | "settled" | "rejected";

/** What the whole proposal is in, for the line at the top. */
export function reviewState(session: SessionEntity, hunks: readonly HunkEntity[]): ReviewState {
  const tally = tallyOf(hunks);
  if (tally.total === 0) return "nothing";
  if (["starting", "working", "waiting"].includes(session.status)) return "working";
  if (tally.conflicted > 0) return "conflict";
  if (tally.undone > 0) return "undone";
  if (tally.open > 0) return "open";
  // Being written: nothing is said of it before it is.
  if (hunks.some((hunk) => hunk.status === "accepted")) return "open";
  if (tally.inBuffer > 0) return "buffer";
  if (tally.accepted === 0) return "rejected";
  return tally.rejected === 0 ? "applied" : "settled";
}

/** Findings of one file, which name it with its folder when there are several. */
export function findingsOf(
  findings: readonly FindingEntity[],
  file: Pick<ReviewFile, "path" | "root">,
  roots: SessionEntity["roots"],
): FindingEntity[] {
  const name = roots[file.root]?.name ?? "";
  const names = new Set([file.path, `${name}/${file.path}`, `${roots[file.root]?.path ?? ""}/${file.path}`]);
  return findings.filter((finding) => names.has(finding.path));
}

export interface Comment {
  id: string;
  path: string;
  root: number;
  line: number;
  code: string;
  text: string;
}

const LONGEST_CODE = 400;

/** What the agent is told: each comment with its place and the line that it is about. */
export function messageOf(
  intro: string,
  place: (path: string, line: number) => string,
  comments: readonly Comment[],
): string {
  const parts = comments.map((comment) => {
    const code = comment.code.trim() === "" ? "" : `\n\n${fenced(comment.code.slice(0, LONGEST_CODE))}`;
    return `${place(comment.path, comment.line)}${code}\n\n${comment.text.trim()}`;
  });
  return [intro, ...parts].join("\n\n");
}

/** Text between fences that are longer than any in it. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${code}\n${fence}`;
}
