// What stands under a line: a finding of the checks, a comment that waits, and the box in which one is written.

import { CircleAlert, MessageSquare } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { FindingEntity } from "@/hub/messages";
import { tShared, wordShared } from "@/text/shared";
import { Badge, Button, Kbd, TextArea } from "@/ui";
import type { Comment } from "./model";
import { t } from "./words";
import css from "./review.module.css";

export function FindingNote({ finding }: { finding: FindingEntity }): React.JSX.Element {
  const grave = finding.severity === "critical" || finding.severity === "major";
  return (
    <div className={css.lineNote} data-severity={finding.severity} role="note">
      <CircleAlert aria-hidden />
      <div>
        <p className={css.noteHead}>
          <Badge tone={grave ? "bad" : "warn"}>{wordShared("severity", finding.severity)}</Badge>
          {finding.rule !== "" && <code>{finding.rule}</code>}
        </p>
        <p>{finding.message}</p>
        {finding.remedy !== "" && <p className={css.soft}>{t("findingRemedy", { remedy: finding.remedy })}</p>}
      </div>
    </div>
  );
}

export function CommentNote(props: { comment: Comment; onEdit: () => void; onRemove: () => void }): React.JSX.Element {
  return (
    <div className={css.lineNote} data-comment={props.comment.id}>
      <MessageSquare aria-hidden />
      <div className={css.noteBody}>
        <p className={css.noteHead}>
          <Badge tone="accent">{t("commentBy")}</Badge>
          <span className={css.noteActions}>
            <Button size="s" variant="quiet" onClick={props.onEdit}>
              {t("commentEdit")}
            </Button>
            <Button size="s" variant="quiet" onClick={props.onRemove}>
              {t("commentRemove")}
            </Button>
          </span>
        </p>
        <p className={css.commentText}>{props.comment.text}</p>
      </div>
    </div>
  );
}

export interface ComposerProps {
  line: number;
  text: string;
  busy: boolean;
  onAdd: (text: string) => void;
  onSend: (text: string) => void;
  onClose: () => void;
}

export function Composer(props: ComposerProps): React.JSX.Element {
  const [text, setText] = useState(props.text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    field.current?.form?.scrollIntoView({ block: "nearest" });
  }, []);
  const empty = text.trim() === "";
  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        if (!empty) props.onAdd(text);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          props.onClose();
        } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !empty) {
          event.preventDefault();
          event.stopPropagation();
          props.onAdd(text);
        }
      }}
    >
      <TextArea
        ref={field}
        aria-label={t("commentOn", { line: props.line })}
        placeholder={t("commentPlaceholder")}
        rows={3}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className={css.composerFoot}>
        <span className={css.soft}>
          {t("commentHint")} <Kbd keys="mod+enter" />
        </span>
        <Button size="s" variant="quiet" onClick={props.onClose}>
          {tShared("action.cancel")}
        </Button>
        <Button size="s" needsHub busy={props.busy} disabled={empty} onClick={() => props.onSend(text)}>
          {t("commentNow")}
        </Button>
        <Button size="s" variant="primary" type="submit" disabled={empty}>
          {t("commentAdd")}
        </Button>
      </div>
    </form>
  );
}
