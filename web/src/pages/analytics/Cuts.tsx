// The record cut by model, by kind of work, by workspace; and sessions by how they stand.

import type { AnalyticsLine, OutcomeLine } from "@/hub/messages";
import { t } from "@/text/analytics";
import { wordShared } from "@/text/shared";
import { Count, Duration, Money, Panel, StatusDot, Table, type Column } from "@/ui";
import css from "./analytics.module.css";
import { linesBy } from "./sums";

type Cut = "model" | "role" | "workspace";

export function CutBy({ by, lines }: { by: Cut; lines: readonly AnalyticsLine[] }): React.JSX.Element {
  const name = (line: AnalyticsLine): string =>
    by === "role" ? wordShared("role", line.name) : line.title || line.name;
  const columns: readonly Column<AnalyticsLine>[] = [
    {
      id: "name",
      label: t(`column.${by}`),
      sort: name,
      cell: (line) => <span className={css.name}>{name(line)}</span>,
    },
    {
      id: "calls",
      label: t("column.calls"),
      align: "end",
      sort: (line) => line.calls,
      cell: (line) => <Count n={line.calls} />,
    },
    {
      id: "tokens",
      label: t("column.tokens"),
      align: "end",
      sort: (line) => line.tokens,
      cell: (line) => <Count n={line.tokens} />,
    },
    {
      id: "time",
      label: t("column.time"),
      align: "end",
      sort: (line) => line.model_ms + line.tool_ms,
      cell: (line) => <Duration ms={line.model_ms + line.tool_ms} />,
    },
    {
      id: "success",
      label: t("column.success"),
      align: "end",
      sort: (line) => (line.tasks === 0 ? -1 : line.good_tasks / line.tasks),
      cell: (line) => (
        <span title={t("success.hint")} className={css.number}>
          {line.tasks === 0 ? t("nothing") : t("total.of", { good: line.good_tasks, all: line.tasks })}
        </span>
      ),
    },
    {
      id: "cost",
      label: t("column.cost"),
      align: "end",
      sort: (line) => line.cost_nano_usd,
      cell: (line) => <Cost line={line} />,
    },
  ];
  return (
    <Panel title={t(`by.${by}`)} flush>
      <Table
        columns={columns}
        rows={linesBy(lines, by)}
        rowKey={(line) => line.name}
        label={t(`by.${by}`)}
        sorted="-cost"
      />
    </Panel>
  );
}

/** A cost without some of its calls says so; one without any price is not nothing. */
function Cost({ line }: { line: AnalyticsLine }): React.JSX.Element {
  if (line.unpriced_calls === 0) return <Money nano={line.cost_nano_usd} />;
  if (line.cost_nano_usd === 0) return <span className={css.soft}>{t("cost.unknown")}</span>;
  return (
    <span>
      <Money nano={line.cost_nano_usd} /> <span className={css.soft}>{t("cost.part", { n: line.unpriced_calls })}</span>
    </span>
  );
}

export function Outcomes(props: { outcomes: readonly OutcomeLine[]; left: number }): React.JSX.Element {
  const columns: readonly Column<OutcomeLine>[] = [
    {
      id: "status",
      label: t("outcome.status"),
      cell: (line) => (
        <span className={css.status}>
          <StatusDot status={line.status} named={false} /> {wordShared("status", line.status)}
        </span>
      ),
    },
    { id: "sessions", label: t("outcome.sessions"), align: "end", cell: (line) => <Count n={line.sessions} /> },
    { id: "cost", label: t("outcome.cost"), align: "end", cell: (line) => <Money nano={line.cost_nano_usd} /> },
  ];
  return (
    <Panel title={t("outcome.title")} flush>
      <Table columns={columns} rows={props.outcomes} rowKey={(line) => line.status} label={t("outcome.title")} />
      {props.left > 0 && <p className={css.hint}>{t("outcome.left", { n: props.left })}</p>}
    </Panel>
  );
}
