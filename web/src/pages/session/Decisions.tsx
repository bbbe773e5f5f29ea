// What was asked and how it was answered, newest first.

import type { DecisionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { speak } from "@/text/speak";
import { Markdown } from "@/ui/Markdown";
import css from "./session.module.css";

const t = speak(words);

export function Decisions({ decisions }: { decisions: readonly DecisionEntity[] }): React.JSX.Element {
  return (
    <div className={css.pane}>
      {decisions.length === 0 && <p className={css.soft}>{t("decision.empty")}</p>}
      {[...decisions].reverse().map((one) => (
        <section key={one.id} className={css.record} data-record={one.state}>
          <h3>{t(`decision.${one.subject}`)}</h3>
          <Markdown text={one.prompt} />
          <p className={one.state === "open" ? css.waits : css.soft}>
            {one.state === "answered"
              ? t("decision.answered", { answer: one.answer, client: one.answered_by })
              : t(`decision.${one.state}`)}
          </p>
        </section>
      ))}
    </div>
  );
}
