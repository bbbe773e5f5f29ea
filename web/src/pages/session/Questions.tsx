// Questions to the user, answered once: they go when anybody has answered them.

import { CircleHelp, KeyRound, PencilLine } from "lucide-react";
import { useState } from "react";
import { hasPage } from "@/app/pages";
import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import { useCommand } from "@/hub";
import type { DecisionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Button, TextInput } from "@/ui";
import { Markdown } from "@/ui/Markdown";
import { EditPlan } from "./EditPlan";
import css from "./session.module.css";
import { Whole } from "./Whole";

const t = speak(words);

export function Questions(props: { sessionId: string; decisions: readonly DecisionEntity[] }): React.JSX.Element {
  const open = props.decisions.filter((decision) => decision.state === "open");
  return (
    <div role="status" aria-live="polite">
      {open.map((decision) => (
        <Question key={decision.id} sessionId={props.sessionId} decision={decision} />
      ))}
    </div>
  );
}

function Question({ sessionId, decision }: { sessionId: string; decision: DecisionEntity }): React.JSX.Element {
  const [said, setSaid] = useState("");
  const [editing, setEditing] = useState(false);
  const answer = useCommand("decision/answer");
  const send = (option: string, text: string): void =>
    answer.mutate({ session_id: sessionId, decision_id: decision.id, answer: option, text });
  const field = t(decision.free_text ? "decision.free" : "decision.text");
  const command = decision.subject === "command" || decision.subject === "repeat_command";
  return (
    <section
      className={css.question}
      aria-label={t(`decision.${decision.subject}`)}
      data-decision={decision.id}
      data-subject={decision.subject}
    >
      <h2>
        {decision.subject === "key" ? <KeyRound aria-hidden /> : <CircleHelp aria-hidden />}
        {t(`decision.${decision.subject}`)}
      </h2>
      <div className={css.asked}>
        {command ? <pre className={css.asCommand}>{decision.prompt}</pre> : <Markdown text={decision.prompt} />}
      </div>
      <Whole
        documentId={decision.prompt_document}
        length={0}
        title={t(`decision.${decision.subject}`)}
        label={t("decision.whole")}
        markdown
      />
      {decision.grants.length > 0 && (
        <p className={css.soft}>
          {t("decision.grants")} {decision.grants.join("; ")}
        </p>
      )}
      {decision.subject === "key" ? (
        <p>
          {t("decision.key.text")}{" "}
          {hasPage("models") && <PageLink to={place.models()}>{tShared("page.models")}</PageLink>}
        </p>
      ) : (
        <div className={css.answer}>
          <TextInput
            value={said}
            placeholder={field}
            aria-label={field}
            onChange={(event) => setSaid(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && decision.free_text && said.trim() !== "") send(said.trim(), "");
            }}
          />
          {decision.options.map((option, index) => (
            <Button
              key={option}
              needsHub
              variant={index === 0 ? "primary" : "default"}
              busy={answer.isPending && answer.variables.answer === option}
              disabled={answer.isPending}
              onClick={() => send(option, said.trim())}
            >
              {option.charAt(0).toUpperCase() + option.slice(1)}
            </Button>
          ))}
          {decision.free_text && (
            <Button
              needsHub
              variant={decision.options.length === 0 ? "primary" : "default"}
              disabled={answer.isPending || said.trim() === ""}
              onClick={() => send(said.trim(), "")}
            >
              {t("decision.send")}
            </Button>
          )}
          {decision.subject === "plan" && (
            <Button icon={<PencilLine aria-hidden />} onClick={() => setEditing(true)} needsHub>
              {t("plan.edit")}
            </Button>
          )}
        </div>
      )}
      {editing && <EditPlan sessionId={sessionId} onClose={() => setEditing(false)} />}
    </section>
  );
}
