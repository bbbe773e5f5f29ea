// What would have cost less, with the arithmetic of each suggestion, and what could not be compared.

import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import type { AnalyticsResult, ModelSaving, NotCompared } from "@/hub/messages";
import { t } from "@/text/analytics";
import { wordShared } from "@/text/shared";
import { Badge, Fold, Panel } from "@/ui";
import { money } from "@/ui/amounts";
import css from "./analytics.module.css";

export function Savings({ found }: { found: AnalyticsResult }): React.JSX.Element {
  const limit = found.limit_saving;
  const none = found.model_savings.length === 0 && limit === null;
  return (
    <Panel title={t("saving.title")}>
      {none && <p className={css.soft}>{t("saving.none")}</p>}
      <ul className={css.savings}>
        {found.model_savings.map((saving) => (
          <OtherModel key={`${saving.role} ${saving.model}`} saving={saving} />
        ))}
        {limit !== null && (
          <li>
            <div className={css.head}>
              <strong>{t("saving.limit", { limit: money(limit.limit_nano_usd) })}</strong>
              <Badge tone="good">{t("saving.amount", { amount: money(limit.saving_nano_usd) })}</Badge>
            </div>
            <p className={css.soft}>
              {t("saving.limit.why", {
                good: limit.good_sessions,
                limit: money(limit.limit_nano_usd),
                n: limit.over_limit,
                lost: limit.lost_sessions,
                amount: money(limit.saving_nano_usd),
              })}
            </p>
          </li>
        )}
      </ul>
      <p className={css.hint}>{t("saving.how", { n: found.enough_tasks, sessions: found.enough_sessions })}</p>
      {found.not_compared.length > 0 && (
        <Fold title={t("left.title")} open={none}>
          <ul className={css.left}>
            {found.not_compared.map((one) => (
              <li key={`${one.role} ${one.model}`}>{reason(one)}</li>
            ))}
          </ul>
        </Fold>
      )}
    </Panel>
  );
}

function OtherModel({ saving }: { saving: ModelSaving }): React.JSX.Element {
  const role = wordShared("role", saving.role);
  const [mine, others] = [money(saving.task_nano_usd), money(saving.other_task_nano_usd)];
  return (
    <li>
      <div className={css.head}>
        <strong>{t("saving.model", { role, other: saving.other, model: saving.model })}</strong>
        <Badge tone="good">{t("saving.amount", { amount: money(saving.saving_nano_usd) })}</Badge>
      </div>
      <p className={css.number}>{t("saving.arithmetic", { tasks: saving.tasks, mine, others })}</p>
      <p className={css.soft}>
        {t("saving.mine", { model: saving.model, good: saving.good_tasks, tasks: saving.tasks, each: mine })}
      </p>
      <p className={css.soft}>
        {t("saving.mine", {
          model: saving.other,
          good: saving.other_good_tasks,
          tasks: saving.other_tasks,
          each: others,
        })}
      </p>
      <PageLink to={place.models()}>{t("saving.take")}</PageLink>
    </li>
  );
}

function reason(one: NotCompared): string {
  return t(`left.${one.reason}`, { role: wordShared("role", one.role), model: one.model, n: one.tasks });
}
