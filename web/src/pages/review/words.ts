// The words of the review, and how its signs look.

import type { HunkEntity } from "@/hub/messages";
import { review } from "@/text/review";
import { speak, speakWord } from "@/text/speak";
import type { Tone } from "@/ui";
import type { FileState } from "./model";

export const t = speak(review);
export const word = speakWord(review);

export function hunkTone(status: HunkEntity["status"]): Tone {
  switch (status) {
    case "accepted":
    case "on_disk":
      return "good";
    case "in_buffer":
      return "accent";
    case "conflicted":
      return "bad";
    case "reverted":
      return "warn";
    case "pending":
    case "rejected":
      return "neutral";
  }
}

export function fileTone(state: FileState): Tone {
  switch (state) {
    case "conflict":
      return "bad";
    case "accepted":
      return "good";
    case "buffer":
      return "accent";
    case "open":
    case "rejected":
    case "mixed":
      return "neutral";
  }
}
