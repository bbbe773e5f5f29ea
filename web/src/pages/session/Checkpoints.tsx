// States of the draft that can be returned to, and what returning would change.

import { GitFork, Undo2 } from "lucide-react";
import { useState } from "react";
import { useCall, useCommand } from "@/hub";
import type { CheckpointEntity, SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Badge, Button, Dialog, IconButton, Loaded, Time } from "@/ui";
import { Fork } from "./Fork";
import css from "./session.module.css";

const t = speak(words);

export function Checkpoints(props: {
  checkpoints: readonly CheckpointEntity[];
  session: SessionEntity;
}): React.JSX.Element {
  const [restoring, setRestoring] = useState<CheckpointEntity | undefined>();
  const [forking, setForking] = useState<string | undefined>();
  return (
    <div className={css.pane}>
      {props.checkpoints.length === 0 && <p className={css.soft}>{t("checkpoint.empty")}</p>}
      <ul>
        {[...props.checkpoints].reverse().map((point) => (
          <li key={point.id} className={css.checkpoint} data-checkpoint={point.id}>
            <span className={css.taskTitle} title={point.label}>
              {point.label}
            </span>
            {point.green && <Badge tone="good">{t("checkpoint.green")}</Badge>}
            <span className={css.soft}>
              <Time at={point.at} />
            </span>
            <IconButton
              label={`${t("checkpoint.restore")}: ${point.label}`}
              icon={<Undo2 aria-hidden />}
              needsHub
              onClick={() => setRestoring(point)}
            />
            <IconButton
              label={`${t("checkpoint.fork")}: ${point.label}`}
              icon={<GitFork aria-hidden />}
              needsHub
              onClick={() => setForking(point.id)}
            />
          </li>
        ))}
      </ul>
      {restoring !== undefined && (
        <Restore point={restoring} session={props.session} onClose={() => setRestoring(undefined)} />
      )}
      {forking !== undefined && (
        <Fork session={props.session} open checkpoint={forking} onClose={() => setForking(undefined)} />
      )}
    </div>
  );
}

function Restore(props: { point: CheckpointEntity; session: SessionEntity; onClose: () => void }): React.JSX.Element {
  const { point, session } = props;
  const asked = { session_id: session.id, checkpoint_id: point.id };
  const preview = useCall("checkpoint/preview", asked, { staleTime: 0 });
  const restore = useCommand("session/restore");
  const run = async (): Promise<void> => {
    try {
      await restore.mutateAsync(asked);
      props.onClose();
    } catch {
      // The command has shown why.
    }
  };
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={t("restore.title")}
      actions={
        <>
          <Button onClick={props.onClose}>{tShared("action.cancel")}</Button>
          <Button
            variant="primary"
            needsHub
            busy={restore.isPending}
            disabled={preview.data === undefined || preview.data.total === 0}
            onClick={() => void run()}
          >
            {t("checkpoint.restore")}
          </Button>
        </>
      }
    >
      <p>
        <strong>{point.label}</strong>
      </p>
      <p className={css.soft}>{t("restore.text")}</p>
      <Loaded query={preview} empty={(made) => made.total === 0 && <p>{t("restore.same")}</p>}>
        {(made) => (
          <>
            <p>{t("restore.files", { n: made.total })}</p>
            {made.note !== "" && <p className={css.soft}>{made.note}</p>}
            <ul className={css.changes}>
              {made.files.map((file) => (
                <li key={`${file.root} ${file.path}`}>
                  <code>{file.path}</code>
                  <span className={css.soft}>{t(`change.${file.change}`)}</span>
                  <span className={css.plus}>+{file.added}</span>
                  <span className={css.minus}>−{file.removed}</span>
                </li>
              ))}
            </ul>
            {made.total > made.files.length && <p>{t("restore.more", { n: made.total - made.files.length })}</p>}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}
