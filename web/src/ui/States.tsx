// What a page shows when there is nothing yet, nothing at all, or something went wrong.

import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { asHubError, type HubError, type LiveSession } from "@/hub";
import { tShared } from "@/text/shared";
import { Button } from "./Button";
import { cx } from "./classes";
import css from "./ui.module.css";

const WIDTHS = ["92%", "78%", "85%", "64%", "88%", "71%"];

export function Skeleton({ lines = 4 }: { lines?: number }): React.JSX.Element {
  return (
    <div className={css.skeleton} role="status" aria-label={tShared("loading")}>
      {Array.from({ length: lines }, (_, place) => (
        <span key={place} style={{ width: WIDTHS[place % WIDTHS.length] }} />
      ))}
    </div>
  );
}

export function Empty(props: {
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}): React.JSX.Element {
  return (
    <div className={css.state}>
      {props.icon}
      <h2>{props.title}</h2>
      {props.text !== undefined && <p>{props.text}</p>}
      {props.action}
    </div>
  );
}

/** What happened, what to do, where it is found in the logs, and once more. */
export function Failure({ error, retry }: { error: HubError; retry?: (() => void) | undefined }): React.JSX.Element {
  return (
    <div className={cx(css.state, css.stateBad)} role="alert">
      <CircleAlert aria-hidden />
      <h2>{error.offline ? tShared("failure.offline") : tShared("failure.title")}</h2>
      <p>{error.message}</p>
      {error.remedy !== "" && <p>{error.remedy}</p>}
      {error.correlationId !== "" && <p className={css.hint}>{tShared("failure.id", { id: error.correlationId })}</p>}
      {retry !== undefined && (
        <Button onClick={retry} needsHub>
          {tShared("action.retry")}
        </Button>
      )}
    </div>
  );
}

interface LoadedProps<T> {
  of?: UseQueryResult<T, HubError>;
  query?: UseQueryResult<T, HubError>;
  skeleton?: ReactNode;
  /** What to show instead when there is nothing; false or null when there is something. */
  empty?: (data: T) => ReactNode;
  children: (data: T) => ReactNode;
}

/** The data of a query, or the state that it is in. What was there stays while it is asked again. */
export function Loaded<T>({ of, query = of, skeleton, empty, children }: LoadedProps<T>): React.JSX.Element {
  if (query === undefined) return <></>;
  if (query.data !== undefined) {
    const nothing = empty?.(query.data);
    return <>{nothing !== undefined && nothing !== null && nothing !== false ? nothing : children(query.data)}</>;
  }
  if (query.error !== null) {
    return <Failure error={asHubError(query.error)} retry={() => void query.refetch()} />;
  }
  return <>{skeleton ?? <Skeleton />}</>;
}

export function LiveGate(props: {
  live: LiveSession;
  skeleton?: ReactNode;
  children: (session: NonNullable<LiveSession["session"]>) => ReactNode;
}): React.JSX.Element {
  const { live } = props;
  if (live.state === "missing") {
    return (
      <Empty icon={<SearchX aria-hidden />} title={tShared("failure.missing")} text={tShared("failure.missing.text")} />
    );
  }
  if (live.session !== undefined) return <>{props.children(live.session)}</>;
  if (live.state === "failed" && live.error !== undefined) return <Failure error={live.error} />;
  return <>{props.skeleton ?? <Skeleton lines={8} />}</>;
}
