// A chart over time with its legend, and the same in words and numbers.

import { lazy, Suspense } from "react";
import { t } from "@/text/monitoring";
import { Fold, Panel, Table, type Column } from "@/ui";
import { figure, summary, type Summary } from "./figures";
import css from "./monitoring.module.css";

const Plot = lazy(() => import("./Plot"));

export interface NamedLine {
  label: string;
  values: readonly (number | null)[];
}

interface Row extends Summary {
  label: string;
}

export function Chart(props: {
  title: string;
  unit: string;
  /** Milliseconds since 1970. */
  at: readonly number[];
  lines: readonly NamedLine[];
  bars?: boolean;
  show?: (value: number) => string;
}): React.JSX.Element {
  const { title, unit, lines, show = figure } = props;
  const rows: readonly Row[] = lines.map((line) => ({ label: line.label, ...summary(line.values) }));
  const said = (value: number | undefined): string => (value === undefined ? t("table.none") : show(value));
  const words = rows.map((row) => t("chart.says.line", { label: row.label, value: said(row.last) })).join(", ");
  const number = (id: "last" | "mean" | "most"): Column<Row> => ({
    id,
    label: t(`table.${id}`),
    align: "end",
    cell: (row) => said(row[id]),
  });
  return (
    <Panel
      title={
        <>
          {title} <span className={css.unit}>{unit}</span>
        </>
      }
    >
      <figure className={css.figure} role="img" aria-label={t("chart.says", { title, unit, lines: words })}>
        <Suspense fallback={<div className={css.plot} />}>
          <Plot
            at={props.at.map((at) => at / 1_000)}
            lines={lines.map((line) => line.values)}
            bars={props.bars ?? false}
          />
        </Suspense>
      </figure>
      {lines.length > 1 && (
        <ul className={css.legend} aria-hidden>
          {rows.map((row, place) => (
            <li key={row.label} data-line={place % 4}>
              {row.label} <span className={css.value}>{said(row.last)}</span>
            </li>
          ))}
        </ul>
      )}
      <Fold title={t("table.open")} className={css.fold ?? ""}>
        <Table
          label={title}
          rows={rows}
          rowKey={(row) => row.label}
          columns={[
            { id: "line", label: t("table.line"), cell: (row) => row.label },
            number("last"),
            number("mean"),
            number("most"),
          ]}
        />
      </Fold>
    </Panel>
  );
}
