// A new session from a state of this one.

import { useState } from "react";
import { useLocation } from "wouter";
import { place } from "@/app/places";
import { useCommand } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, Dialog, Field, TextArea } from "@/ui";

const t = speak(words);

export function Fork(props: {
  session: SessionEntity;
  open: boolean;
  /** Default: the draft as it is. */
  checkpoint?: string;
  onClose: () => void;
}): React.JSX.Element {
  const [request, setRequest] = useState(props.session.request);
  const [, go] = useLocation();
  const fork = useCommand("session/fork");
  const run = async (): Promise<void> => {
    try {
      const more = props.checkpoint === undefined ? {} : { checkpoint_id: props.checkpoint };
      const made = await fork.mutateAsync({ session_id: props.session.id, request, ...more });
      props.onClose();
      go(place.session(made.session_id).path);
    } catch {
      // The command has shown why.
    }
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("fork.title")}
      actions={
        <>
          <Button onClick={props.onClose}>{tShared("action.cancel")}</Button>
          <Button
            variant="primary"
            needsHub
            busy={fork.isPending}
            disabled={request.trim() === ""}
            onClick={() => void run()}
          >
            {t("fork")}
          </Button>
        </>
      }
    >
      <p>{t("fork.text")}</p>
      <Field label={t("fork.request")}>
        {(input) => (
          <TextArea {...input} rows={5} value={request} onChange={(event) => setRequest(event.currentTarget.value)} />
        )}
      </Field>
    </Dialog>
  );
}
