// The line above a hunk: which it is, what became of it, and what can be done.

import { Check, MessageSquarePlus, X } from "lucide-react";
import type { HunkEntity } from "@/hub/messages";
import { wordShared } from "@/text/shared";
import { Badge, Button, cx, IconButton } from "@/ui";
import { canAccept, canReject } from "./model";
import { hunkTone, t } from "./words";
import css from "./review.module.css";

export interface HunkBarProps {
  hunk: HunkEntity;
  number: number;
  total: number;
  current: boolean;
  busy: boolean;
  note?: string | undefined;
  onAccept: () => void;
  onReject: () => void;
  onCurrent: () => void;
  onComment?: (() => void) | undefined;
}

export function HunkBar(props: HunkBarProps): React.JSX.Element {
  const { hunk, busy } = props;
  return (
    <div
      className={cx(css.hunkBar, props.current && css.current)}
      data-hunk={hunk.id}
      data-status={hunk.status}
      role="group"
      aria-label={t("hunk", { n: props.number, total: props.total })}
      aria-current={props.current || undefined}
      onMouseDown={props.onCurrent}
    >
      <span className={css.hunkName}>{t("hunk", { n: props.number, total: props.total })}</span>
      {hunk.status !== "pending" && <Badge tone={hunkTone(hunk.status)}>{wordShared("hunk", hunk.status)}</Badge>}
      <span className={css.hunkNote} title={hunk.note || props.note}>
        {hunk.note || props.note}
      </span>
      {props.onComment !== undefined && (
        <IconButton
          label={t("comment")}
          keys="m"
          icon={<MessageSquarePlus aria-hidden />}
          onClick={props.onComment}
          className={css.hunkComment}
        />
      )}
      {canReject(hunk) && (
        <Button
          size="s"
          needsHub
          disabled={busy}
          icon={<X aria-hidden />}
          onClick={props.onReject}
          aria-label={t("rejectHunk")}
        >
          {t("reject")}
        </Button>
      )}
      {canAccept(hunk) && (
        <Button
          size="s"
          variant={hunk.status === "pending" ? "primary" : "default"}
          needsHub
          disabled={busy}
          icon={<Check aria-hidden />}
          onClick={props.onAccept}
          aria-label={t("acceptHunk")}
        >
          {t("accept")}
        </Button>
      )}
    </div>
  );
}

/** The same height beside it, where the two texts stand side by side. */
export function HunkBarLeft({ line, current }: { line: number; current: boolean }): React.JSX.Element {
  return (
    <div className={cx(css.hunkBar, current && css.current)} aria-hidden>
      <span className={css.hunkNote}>{t("hunkLines", { line })}</span>
    </div>
  );
}
