// One line that says where the proposal stands, and what can be done about it.

import { Check, CircleAlert, FilePen, LoaderCircle, RotateCcw, X } from "lucide-react";
import type { SessionEntity } from "@/hub/messages";
import { Button, cx } from "@/ui";
import { reviewState, tallyOf, type ReviewFile, type ReviewState } from "./model";
import { t } from "./words";
import css from "./review.module.css";

const LOOKS: Readonly<Partial<Record<ReviewState, { icon: typeof Check; tone: string; spin?: boolean }>>> = {
  working: { icon: LoaderCircle, tone: "accent", spin: true },
  conflict: { icon: CircleAlert, tone: "bad" },
  undone: { icon: RotateCcw, tone: "warn" },
  applied: { icon: Check, tone: "good" },
  settled: { icon: Check, tone: "good" },
  buffer: { icon: FilePen, tone: "accent" },
  rejected: { icon: X, tone: "neutral" },
};

export function Banner(props: {
  session: SessionEntity;
  files: readonly ReviewFile[];
  onShow: (file: ReviewFile) => void;
}): React.JSX.Element | null {
  const hunks = props.files.flatMap((file) => file.hunks);
  const state = reviewState(props.session, hunks);
  const look = LOOKS[state];
  if (look === undefined) return null;
  const conflicted = props.files.find((file) => file.state === "conflict");
  return (
    <div className={css.banner} data-tone={look.tone} data-state={state} role="status">
      <look.icon className={cx(look.spin === true && css.turning)} aria-hidden />
      <span>{wordsOf(state, tallyOf(hunks))}</span>
      {state === "conflict" && conflicted !== undefined && (
        <Button size="s" onClick={() => props.onShow(conflicted)}>
          {t("stateConflictShow")}
        </Button>
      )}
    </div>
  );
}

function wordsOf(state: ReviewState, tally: ReturnType<typeof tallyOf>): string {
  switch (state) {
    case "working":
      return t("stateWorking");
    case "conflict":
      return t("stateConflict", { n: tally.conflicted });
    case "undone":
      return t("stateUndone", { n: tally.undone });
    case "applied":
      return t("stateApplied", { n: tally.accepted });
    case "settled":
      return t("stateAppliedSome", { n: tally.accepted, rejected: tally.rejected });
    case "buffer":
      return t("stateBuffer", { n: tally.inBuffer });
    case "rejected":
      return t("stateRejected");
    case "nothing":
    case "open":
      return "";
  }
}
