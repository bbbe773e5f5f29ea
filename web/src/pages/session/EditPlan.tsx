// The plan as text: what is edited here is approved with it.

import { useState } from "react";
import { useCall, useCommand } from "@/hub";
import type { PlanText } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, Dialog, Field, Loaded, TextArea } from "@/ui";
import css from "./session.module.css";

const t = speak(words);

export function EditPlan({ sessionId, onClose }: { sessionId: string; onClose: () => void }): React.JSX.Element {
  const plan = useCall("plan/read", { session_id: sessionId }, { staleTime: 0 });
  return (
    <Dialog open onClose={onClose} title={t("plan.edit.title")} wide>
      <Loaded query={plan}>{(read) => <Editor sessionId={sessionId} read={read} onClose={onClose} />}</Loaded>
    </Dialog>
  );
}

function Editor(props: { sessionId: string; read: PlanText; onClose: () => void }): React.JSX.Element {
  const [text, setText] = useState(props.read.text);
  const edit = useCommand("plan/edit", { quiet: true });
  const decision = props.read.decision_id;
  const save = async (): Promise<void> => {
    if (decision === null) return;
    try {
      await edit.mutateAsync({ session_id: props.sessionId, decision_id: decision, text });
      props.onClose();
    } catch {
      // It stands at the field.
    }
  };
  const error = edit.error === null ? undefined : `${edit.error.message} ${edit.error.remedy}`;
  return (
    <>
      <Field label={tShared("role.plan")} hint={t("plan.edit.hint")} error={error}>
        {(input) => (
          <TextArea
            {...input}
            className={css.planText ?? ""}
            rows={18}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div className={css.answer}>
        <Button
          variant="primary"
          needsHub
          busy={edit.isPending}
          disabled={decision === null}
          onClick={() => void save()}
        >
          {t("plan.edit.save")}
        </Button>
        <Button onClick={props.onClose}>{tShared("action.cancel")}</Button>
      </div>
    </>
  );
}
