// The whole view: what is shown of the session above, the prompt below.

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { cost, dollars } from "../../money";
import type { FindingEntity, SessionEntity, UsageEntity } from "../../protocol/messages";
import type { SessionStore } from "../store";
import { Questions } from "./decisions";
import { command, post, text } from "./host";
import { Markdown } from "./markdown";
import { count, duration, Failure, Fold, Icon } from "./parts";
import { Plan } from "./plan";
import { Prompt } from "./prompt";
import { Proposal } from "./proposal";
import { state } from "./state";
import { Steps } from "./steps";

const BUSY: SessionEntity["status"][] = ["starting", "working", "waiting"];
/** Pixels from the end within which new text pulls the view along. */
const NEAR = 40;

export function App({ refresh }: { refresh: () => void }): JSX.Element {
  const { store } = state;
  const session = store?.session;
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  });
  const scrolled = (element: HTMLDivElement): void => {
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
  };
  return (
    <>
      <Link />
      {store !== null && session !== undefined && <Header session={session} />}
      <div ref={scroller} class="scroller" onScroll={(event) => scrolled(event.currentTarget)}>
        {store === null || session === undefined ? (
          <Empty />
        ) : (
          <Session store={store} session={session} refresh={refresh} />
        )}
      </div>
      {state.failure !== "" && <Failure message={state.failure} />}
      {store !== null && <Questions decisions={store.all("decision")} />}
      <Prompt
        working={session !== undefined && BUSY.includes(session.status)}
        sessionId={session?.id ?? null}
        enabled={state.surroundings.connection !== "failed" && state.surroundings.folders.length > 0}
        refresh={refresh}
      />
      {store?.usage !== undefined && <Usage usage={store.usage} />}
    </>
  );
}

function Link(): JSX.Element | null {
  const { connection, connectionText } = state.surroundings;
  if (connection === "connected") return null;
  const failed = connection === "failed";
  return (
    <div class={`notice ${failed ? "error" : "quiet"}`} role="status">
      <Icon
        name={failed ? "error" : connection === "lost" ? "debug-disconnect" : "loading"}
        spin={connection === "starting"}
      />
      <span class="grow clamped" title={connectionText}>
        {text(`connection.${connection}`)} {connectionText}
      </span>
      {failed && (
        <>
          <button type="button" class="link" onClick={() => command("restartServer")}>
            {text("connection.restart")}
          </button>
          <button type="button" class="link" onClick={() => command("showOutput")}>
            {text("connection.output")}
          </button>
        </>
      )}
    </div>
  );
}

function Empty(): JSX.Element {
  const noFolder = state.surroundings.folders.length === 0;
  return (
    <div class="empty">
      <Icon name="sparkle" />
      <h3>{text("empty.title")}</h3>
      <p class="muted">{text(noFolder ? "empty.noFolder" : "empty.text")}</p>
      <button type="button" class="link" onClick={() => command("openWalkthrough")}>
        {text("empty.start")}
      </button>
    </div>
  );
}

function Header({ session }: { session: SessionEntity }): JSX.Element {
  const others = state.surroundings.open.filter((one) => one.id !== session.id);
  const title = session.title || session.request;
  return (
    <header class="header">
      <span class={`dot ${session.status}`} title={text(`status.${session.status}`)} />
      {others.length === 0 ? (
        <span class="grow ellipsis title" title={title}>
          {title}
        </span>
      ) : (
        <select
          class="grow title"
          aria-label={text("session.switch")}
          value={session.id}
          onChange={(event) => post({ type: "switch", sessionId: event.currentTarget.value })}
        >
          {state.surroundings.open.map((one) => (
            <option key={one.id} value={one.id}>
              {one.id === session.id ? title : one.title}
            </option>
          ))}
        </select>
      )}
      <span class="status nowrap" data-status={session.status}>
        {text(`status.${session.status}`)}
      </span>
    </header>
  );
}

function Session({
  store,
  session,
  refresh,
}: {
  store: SessionStore;
  session: SessionEntity;
  refresh: () => void;
}): JSX.Element {
  return (
    <>
      <section class="request" aria-label={text("session.request")}>
        <Markdown source={session.request} />
      </section>
      {session.recorded && (
        <div class="notice info">
          <Icon name="record" />
          <span>{text("session.recorded")}</span>
        </div>
      )}
      <Plan store={store} />
      <Steps steps={store.all("step")} more={store.moreSteps} older={state.older} refresh={refresh} />
      <Findings findings={store.all("finding")} />
      <Proposal store={store} />
      <Stopped session={session} />
    </>
  );
}

const SEVERITIES: Record<FindingEntity["severity"], string> = {
  info: "info",
  minor: "info",
  major: "warning",
  critical: "error",
};

function Findings({ findings }: { findings: FindingEntity[] }): JSX.Element | null {
  if (findings.length === 0) return null;
  const head = (
    <>
      <span class="grow">{text("finding.title")}</span>
      <span class="badge">{findings.length}</span>
    </>
  );
  return (
    <Fold id="findings" label={text("finding.title")} head={head} class="findings">
      {findings.map((finding) => (
        <div key={finding.id} class="finding">
          <span class={`state ${SEVERITIES[finding.severity]}`} title={text(`finding.${finding.severity}`)}>
            <Icon name={SEVERITIES[finding.severity]} />
          </span>
          <div class="grow">
            {finding.path !== "" && (
              <button
                type="button"
                class="link"
                onClick={() => post({ type: "openFile", root: 0, path: finding.path, line: finding.line })}
              >
                {finding.path}:{finding.line}
              </button>
            )}
            <div>{finding.message}</div>
            {finding.remedy !== "" && <div class="muted">{finding.remedy}</div>}
          </div>
        </div>
      ))}
    </Fold>
  );
}

function Stopped({ session }: { session: SessionEntity }): JSX.Element | null {
  const { stopped, status } = session;
  if (status !== "stopped" && status !== "cancelled") return null;
  return (
    <section class="block stopped">
      <div class="block-head">
        <Icon name="debug-pause" />
        <span class="grow">{text(`status.${status}`)}</span>
      </div>
      {stopped !== null && <p>{stopped.reason}</p>}
      {stopped !== null && stopped.way_on !== "" && <p class="muted">{stopped.way_on}</p>}
      <div class="buttons">
        <button type="button" class="button" onClick={() => command("resume")}>
          {text("stopped.resume")}
        </button>
      </div>
    </section>
  );
}

function Usage({ usage }: { usage: UsageEntity }): JSX.Element {
  const limit = usage.limit_nano_usd;
  const spent = cost(usage);
  const shown = limit === null ? spent : `${spent} / ${dollars(limit)}`;
  const tokens = text(
    "usage.tokens",
    count(usage.input_tokens),
    count(usage.output_tokens),
    count(usage.cached_tokens),
  );
  return (
    <footer class="usage muted">
      <span
        title={
          usage.reserved_nano_usd > 0 ? text("usage.reserved", dollars(usage.reserved_nano_usd)) : text("usage.cost")
        }
      >
        <Icon name="credit-card" /> {shown}
      </span>
      {usage.unpriced_calls > 0 && (
        <span title={text("usage.unpriced", usage.unpriced_calls)}>
          <Icon name="warning" />
        </span>
      )}
      <span title={tokens}>
        <Icon name="arrow-up" />
        {count(usage.input_tokens)} <Icon name="arrow-down" />
        {count(usage.output_tokens)}
      </span>
      <span title={text("usage.steps", usage.steps, usage.steps_limit)}>
        <Icon name="debug-step-over" /> {usage.steps}
      </span>
      <span>
        <Icon name="watch" /> {duration(usage.milliseconds)}
      </span>
    </footer>
  );
}
