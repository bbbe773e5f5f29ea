// The frame of a page and what stands in it.

import { ChevronRight } from "lucide-react";
import { useId, useState, type ReactNode } from "react";
import { cx } from "./classes";
import css from "./ui.module.css";

export interface PageProps {
  /** As in the folder of the page. */
  name: string;
  /** Its first data is there (or it said that there is none). */
  ready?: boolean;
  width?: "normal" | "wide" | "fill";
  children: ReactNode;
}

export function Page({ name, ready = true, width = "normal", children }: PageProps): React.JSX.Element {
  const inner = cx(css.pageInner, width === "wide" && css.wide, width === "fill" && css.fill);
  return (
    <div className={css.page} data-page={name} data-ready={ready ? "" : undefined}>
      <div className={inner}>{children}</div>
    </div>
  );
}

export function PageHeader(props: {
  title: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
  back?: ReactNode;
}): React.JSX.Element {
  return (
    <header className={css.pageHeader}>
      {props.back}
      <div className={css.grow}>
        <h1>{props.title}</h1>
        {props.sub !== undefined && <div className={css.pageSub}>{props.sub}</div>}
      </div>
      {props.actions !== undefined && <div className={css.actions}>{props.actions}</div>}
    </header>
  );
}

export function Panel(props: {
  title?: ReactNode;
  actions?: ReactNode;
  /** No space around what is in it, for tables and lists. */
  flush?: boolean;
  children: ReactNode;
  className?: string;
}): React.JSX.Element {
  const id = useId();
  return (
    <section className={cx(css.panel, props.className)} aria-labelledby={props.title === undefined ? undefined : id}>
      {props.title !== undefined && (
        <div className={css.panelHead}>
          <h2 id={id}>{props.title}</h2>
          {props.actions}
        </div>
      )}
      <div className={cx(css.panelBody, props.flush === true && css.flush)}>{props.children}</div>
    </section>
  );
}

/** A line that opens what is under it. What is closed is not made. */
export function Fold(props: {
  title: ReactNode;
  open?: boolean;
  onToggle?: (open: boolean) => void;
  children: ReactNode;
  className?: string;
}): React.JSX.Element {
  const [own, setOwn] = useState(props.open ?? false);
  const open = props.onToggle === undefined ? own : (props.open ?? false);
  const toggle = (): void => {
    if (props.onToggle === undefined) setOwn(!open);
    else props.onToggle(!open);
  };
  return (
    <div className={cx(css.fold, props.className)} data-open={open}>
      <button type="button" aria-expanded={open} onClick={toggle}>
        <ChevronRight aria-hidden />
        {props.title}
      </button>
      {open && props.children}
    </div>
  );
}

export function VisuallyHidden({ children }: { children: ReactNode }): React.JSX.Element {
  return <span className={css.hidden}>{children}</span>;
}
