// Analytics: time, success and cost by model, kind of work and workspace, and what would have cost less.

import { ChartColumn } from "lucide-react";
import { useState } from "react";
import { usePageTitle } from "@/app/usePageTitle";
import { useCall } from "@/hub";
import type { AnalyticsResult } from "@/hub/messages";
import { Chart } from "@/pages/monitoring/Chart";
import { t } from "@/text/analytics";
import { Empty, Loaded, Page, PageHeader, Segmented, Skeleton } from "@/ui";
import { money, span } from "@/ui/amounts";
import { CutBy, Outcomes } from "./Cuts";
import { Savings } from "./Savings";
import css from "./analytics.module.css";
import { costByDay, total } from "./sums";

const DAYS = ["7", "30", "90", "365"] as const;
const CUTS = ["model", "role", "workspace"] as const;
const NANO = 1_000_000_000;

export default function AnalyticsPage(): React.JSX.Element {
  usePageTitle(t("title"));
  const [days, setDays] = useState<(typeof DAYS)[number]>("30");
  const query = useCall("analytics/read", { days: Number(days) }, { keep: true, refetchInterval: 30_000 });
  return (
    <Page name="analytics" width="wide" ready={!query.isPending}>
      <PageHeader
        title={t("title")}
        sub={t("sub")}
        actions={
          <Segmented
            label={t("days.label")}
            value={days}
            onChange={setDays}
            options={DAYS.map((value) => ({ value, label: t(`days.${value}`) }))}
          />
        }
      />
      <Loaded
        query={query}
        skeleton={<Skeleton lines={10} />}
        empty={(found) =>
          found.lines.length === 0 && (
            <Empty icon={<ChartColumn aria-hidden />} title={t("none.title")} text={t("none.text")} />
          )
        }
      >
        {(found) => <Figures found={found} />}
      </Loaded>
    </Page>
  );
}

function Figures({ found }: { found: AnalyticsResult }): React.JSX.Element {
  const days = costByDay(found.lines);
  return (
    <div className={css.page}>
      <Totals found={found} />
      {days.at.length > 1 && (
        <Chart
          title={t("day.title")}
          unit={t("day.unit")}
          at={days.at}
          lines={[{ label: t("day.cost"), values: days.cost }]}
          show={(dollars) => money(dollars * NANO)}
          bars
        />
      )}
      <Savings found={found} />
      {CUTS.map((by) => (
        <CutBy key={by} by={by} lines={found.lines} />
      ))}
      <Outcomes outcomes={found.outcomes} left={found.sessions_left_out} />
    </div>
  );
}

function Totals({ found }: { found: AnalyticsResult }): React.JSX.Element {
  const sum = total(found.lines);
  const sessions = found.outcomes.reduce((before, line) => before + line.sessions, 0);
  const priced = sum.unpriced < sum.calls || sum.cost > 0;
  return (
    <ul className={css.tiles}>
      <Tile
        title={t("total.cost")}
        value={priced ? money(sum.cost) : t("cost.unknown")}
        more={sum.unpriced > 0 ? t("total.unpriced", { n: sum.unpriced }) : ""}
      />
      <Tile
        title={t("total.time")}
        value={span(sum.modelMs + sum.toolMs)}
        more={t("total.time.parts", { model: span(sum.modelMs), tool: span(sum.toolMs) })}
      />
      <Tile
        title={t("total.success")}
        value={sum.tasks === 0 ? t("nothing") : t("total.of", { good: sum.goodTasks, all: sum.tasks })}
        more={t("total.gates", { good: sum.passedGates, all: sum.gates })}
      />
      <Tile
        title={t("total.sessions.title")}
        value={t("total.sessions", { n: sessions })}
        more={[t("total.calls", { n: sum.calls }), sum.failed > 0 && t("total.failed", { n: sum.failed })]
          .filter(Boolean)
          .join(", ")}
      />
    </ul>
  );
}

function Tile({ title, value, more }: { title: string; value: string; more: string }): React.JSX.Element {
  return (
    <li>
      <h2>{title}</h2>
      <p className={css.big}>{value}</p>
      {more !== "" && <p className={css.soft}>{more}</p>}
    </li>
  );
}
