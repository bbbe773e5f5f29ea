// What the session uses, and what it hands back.

import { PageLink } from "@/app/PageLink";
import { place } from "@/app/places";
import type { LiveSession } from "@/hub";
import type { SessionEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { wordShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Badge, Time } from "@/ui";
import { money } from "@/ui/amounts";
import { Markdown } from "@/ui/Markdown";
import css from "./session.module.css";

const t = speak(words);
const numbers = new Intl.NumberFormat();

export function About({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element {
  const { usage } = live;
  const pending = live.hunks.filter((hunk) => hunk.status === "pending").length;
  return (
    <div className={css.pane}>
      <section>
        <h3>{t("request")}</h3>
        <Markdown text={session.request} />
      </section>
      {live.hunks.length > 0 && (
        <section>
          <h3>{t("proposal.title")}</h3>
          {session.summary !== "" && <Markdown text={session.summary} />}
          <p className={css.soft}>
            {t("proposal.hunks", { n: live.hunks.length })} · {t("proposal.files", { n: live.files.length })} ·{" "}
            {t("proposal.pending", { n: pending })}
          </p>
          <Proof title={t("proposal.verified")} lines={session.verified} tone="good" />
          <Proof title={t("proposal.unverified")} lines={session.unverified} tone="warn" />
        </section>
      )}
      <dl className={css.facts}>
        {usage !== undefined && (
          <>
            <dt>{t("about.cost")}</dt>
            <dd>
              {usage.limit_nano_usd === null
                ? money(usage.cost_nano_usd)
                : t("usage.of", { spent: money(usage.cost_nano_usd), limit: money(usage.limit_nano_usd) })}
              {usage.reserved_nano_usd > 0 && ` · ${t("usage.reserved", { amount: money(usage.reserved_nano_usd) })}`}
              {usage.unpriced_calls > 0 && ` · ${t("usage.unpriced", { n: usage.unpriced_calls })}`}
            </dd>
            <dt>{t("about.tokens")}</dt>
            <dd>
              {t("usage.tokens", {
                input: numbers.format(usage.input_tokens),
                output: numbers.format(usage.output_tokens),
                cached: numbers.format(usage.cached_tokens),
              })}
              {" · "}
              {t("usage.calls", { n: usage.model_calls })}
            </dd>
            <dt>{t("about.steps")}</dt>
            <dd>{t("usage.steps", { n: usage.steps, limit: usage.steps_limit })}</dd>
          </>
        )}
        <dt>{t("about.model")}</dt>
        <dd>{session.model || t("about.auto")}</dd>
        <dt>{t("about.autonomy")}</dt>
        <dd>{wordShared("autonomy", session.autonomy)}</dd>
        <dt>{t("about.folders")}</dt>
        <dd>
          {session.roots.map((root) => (
            <div key={root.path}>
              <PageLink to={place.project(session.workspace_id)}>{root.path}</PageLink>
            </div>
          ))}
        </dd>
        <dt>{t("about.started")}</dt>
        <dd>
          <Time at={session.created_at} />
        </dd>
        {session.forked_from !== null && (
          <>
            <dt>{t("about.forked")}</dt>
            <dd>
              <PageLink to={place.session(session.forked_from)}>{session.forked_from}</PageLink>
            </dd>
          </>
        )}
      </dl>
      {session.skipped_count > 0 && (
        <section>
          <h3>{t("about.skipped", { n: session.skipped_count })}</h3>
          <ul className={css.lines}>
            {session.skipped.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Proof(props: { title: string; lines: readonly string[]; tone: "good" | "warn" }): React.JSX.Element | null {
  if (props.lines.length === 0) return null;
  return (
    <ul className={css.lines}>
      {props.lines.map((line) => (
        <li key={line}>
          <Badge tone={props.tone}>{props.title}</Badge> {line}
        </li>
      ))}
    </ul>
  );
}
