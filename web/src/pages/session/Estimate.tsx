// What the plan was thought to take, beside what it took so far.

import type { LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Count, Duration, Money } from "@/ui";
import css from "./session.module.css";

const t = speak(words);

export function Estimate({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element | null {
  const { estimate } = session;
  const { usage } = live;
  if (estimate === null || usage === undefined) return null;
  return (
    <section data-estimate="">
      <h3>{t("estimate")}</h3>
      <table className={css.estimate}>
        <thead>
          <tr>
            <th scope="col">{t("estimate.what")}</th>
            <th scope="col">{t("estimate.estimated")}</th>
            <th scope="col">{t("estimate.actual")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("estimate.tokens")}</th>
            <td>
              <Count n={estimate.input_tokens + estimate.output_tokens} />
            </td>
            <td>
              <Count n={usage.input_tokens + usage.output_tokens} />
            </td>
          </tr>
          <tr>
            <th scope="row">{t("estimate.money")}</th>
            <td>{estimate.nano_usd === null ? tShared("unknown") : <Money nano={estimate.nano_usd} />}</td>
            <td>
              <Money nano={usage.cost_nano_usd} />
            </td>
          </tr>
          <tr>
            <th scope="row">{t("estimate.time")}</th>
            <td>
              <Duration ms={estimate.seconds * 1_000} />
            </td>
            <td>
              <Duration ms={usage.milliseconds} />
            </td>
          </tr>
        </tbody>
      </table>
      <p className={css.soft}>
        {t(`estimate.basis.${estimate.basis}`, { n: estimate.recorded_tasks, model: estimate.model })}
      </p>
    </section>
  );
}
