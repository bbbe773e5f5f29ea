// A table that can be sorted by its heads and becomes cards on a phone.

import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { tShared } from "@/text/shared";
import { cx } from "./classes";
import css from "./ui.module.css";

export interface Column<R> {
  id: string;
  label: string;
  cell: (row: R) => ReactNode;
  /** Makes the column sortable. */
  sort?: (row: R) => number | string;
  align?: "start" | "end";
}

export function Table<R>(props: {
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  label: string;
  /** Descending with `-` before the column's id. */
  sorted?: string;
}): React.JSX.Element {
  const [sorted, setSorted] = useState(props.sorted ?? "");
  const by = sorted.replace(/^-/, "");
  const falling = sorted.startsWith("-");
  const column = props.columns.find((one) => one.id === by);
  const rows = useMemo(() => {
    const sort = column?.sort;
    if (sort === undefined) return props.rows;
    const found = [...props.rows].sort((one, other) => compare(sort(one), sort(other)));
    return falling ? found.reverse() : found;
  }, [props.rows, column, falling]);
  return (
    <div className={css.tableWrap}>
      <table className={cx(css.table, css.cards)} aria-label={props.label}>
        <thead>
          <tr>
            {props.columns.map((one) => (
              <th
                key={one.id}
                scope="col"
                className={cx(one.align === "end" && css.end)}
                aria-sort={one.id === by ? (falling ? "descending" : "ascending") : undefined}
              >
                {one.sort === undefined ? (
                  one.label
                ) : (
                  <button
                    type="button"
                    className={css.sort}
                    aria-label={tShared("sort.by", { name: one.label })}
                    onClick={() => setSorted(one.id === by && !falling ? `-${one.id}` : one.id)}
                  >
                    {one.label}
                    {one.id === by && (falling ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((one) => (
                <td key={one.id} data-label={one.label} className={cx(one.align === "end" && css.end)}>
                  {one.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function compare(one: number | string, other: number | string): number {
  return typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other));
}
