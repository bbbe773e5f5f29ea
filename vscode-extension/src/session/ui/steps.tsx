// What the agent did, step by step: its words stream in full, what it called is folded.

import type { JSX } from "preact";
import { memo } from "preact/compat";
import { dollars } from "../../money";
import type { StepEntity } from "../../protocol/messages";
import { post, text } from "./host";
import { Markdown } from "./markdown";
import { duration, Fold, Icon, ok } from "./parts";
import { backToLatest, loadOlder, type Older } from "./state";

/** As much of a text as is shown in place; the rest opens in an editor. */
const SHOWN = 4_000;

const STATES = { running: "running", ok: "ok", failed: "failed", cancelled: "cancelled" } as const;

const TOOL_ICONS: Record<string, string> = {
  read: "file",
  list: "list-flat",
  search: "search",
  find: "search",
  edit: "edit",
  write: "new-file",
  move: "arrow-swap",
  delete: "trash",
  run: "terminal",
  finish: "flag",
  submit_plan: "list-tree",
  submit_review: "comment-discussion",
  ask_user: "question",
  begin_work: "play",
};

interface StepsProps {
  steps: StepEntity[];
  more: boolean;
  older: Older;
  refresh: () => void;
}

export function Steps({ steps, more, older, refresh }: StepsProps): JSX.Element {
  const before = older.pages.flat();
  const canLoad = before.length > 0 ? older.more : more;
  const load = (): void => {
    loadOlder();
    refresh();
  };
  return (
    <section class="steps" aria-live="off">
      {canLoad && (
        <button type="button" class="link older" disabled={older.loading} onClick={load}>
          {text(older.loading ? "steps.loading" : "steps.older")}
        </button>
      )}
      {before.map((step) => (
        <Step key={step.id} step={step} />
      ))}
      {older.gap && (
        <div class="gap">
          <span class="muted">{text("steps.gap")}</span>
          <button
            type="button"
            class="link"
            onClick={() => {
              backToLatest();
              refresh();
            }}
          >
            {text("steps.latest")}
          </button>
        </div>
      )}
      {steps.map((step) => (
        <Step key={step.id} step={step} />
      ))}
    </section>
  );
}

const Step = memo(
  function Step({ step }: { step: StepEntity }): JSX.Element | null {
    switch (step.step) {
      case "model":
        return <ModelStep step={step} />;
      case "note":
        return (
          <div class="step note" data-step={step.id}>
            <Icon name="comment" />
            <div class="grow">
              <Markdown source={step.text || step.title} />
            </div>
          </div>
        );
      case "tool":
      case "gate":
        return <CallStep step={step} />;
    }
  },
  (one, other) => one.step === other.step,
);

function ModelStep({ step }: { step: StepEntity }): JSX.Element | null {
  const running = step.state === "running";
  if (!running && step.text === "" && step.reasoning === "" && step.state === "ok") return null;
  return (
    <div class={`step model ${step.state}`} data-step={step.id}>
      {step.reasoning !== "" && (
        <Fold
          id={`reasoning-${step.id}`}
          label={text("step.reasoning")}
          class="quiet"
          head={<span class="muted">{text("step.reasoning")}</span>}
        >
          <div class="reasoning">{clipped(step.reasoning)}</div>
        </Fold>
      )}
      {step.text !== "" && <Markdown source={clipped(step.text)} />}
      <Whole step={step} />
      {running && (
        <div class="muted running-line">
          <Icon name="loading" spin />{" "}
          <span title={step.why}>{[step.title, step.model].filter(Boolean).join(" · ")}</span>
        </div>
      )}
      {step.state === "failed" && (
        <div class="notice error">
          <Icon name="error" />
          <span>{step.outcome || step.title}</span>
        </div>
      )}
    </div>
  );
}

function CallStep({ step }: { step: StepEntity }): JSX.Element {
  const head = (
    <>
      <span class="state">
        <Icon name={step.step === "gate" ? "beaker" : (TOOL_ICONS[step.tool] ?? "tools")} />
      </span>
      <span class="grow ellipsis" title={step.title}>
        {step.title}
      </span>
      {step.duration_ms >= 100 && <span class="muted nowrap">{duration(step.duration_ms)}</span>}
      {ok(STATES[step.state])}
    </>
  );
  const cost = step.cost_nano_usd;
  return (
    <div class="step call" data-step={step.id} data-state={step.state}>
      <Fold id={`step-${step.id}`} head={head} label={`${step.title}, ${text(`step.${step.state}`)}`}>
        {step.arguments !== "" && step.arguments !== "{}" && (
          <>
            <div class="label">{text("step.arguments")}</div>
            <pre class="output">{clipped(readable(step.arguments))}</pre>
          </>
        )}
        {step.touched.length > 0 && (
          <div class="touched">
            {step.touched.map((path) => (
              <button key={path} type="button" class="link" onClick={() => post({ type: "openFile", root: 0, path })}>
                {path}
              </button>
            ))}
          </div>
        )}
        {step.outcome !== "" && step.outcome !== step.text && <p class="muted">{step.outcome}</p>}
        {step.text !== "" && (
          <>
            <div class="label">{text("step.outcome")}</div>
            <pre class="output">{clipped(step.text)}</pre>
          </>
        )}
        <Whole step={step} />
        {cost !== null && cost > 0 && <div class="muted">{dollars(cost)}</div>}
      </Fold>
    </div>
  );
}

function Whole({ step }: { step: StepEntity }): JSX.Element | null {
  const { document } = step;
  const long = step.text.length > SHOWN;
  if (document === null && !long) return null;
  const open = (): void => {
    if (document !== null) post({ type: "openDocument", title: step.title, documentId: document });
    else post({ type: "openText", title: step.title, text: step.text });
  };
  return (
    <button type="button" class="link" onClick={open}>
      {text("step.whole")}
    </button>
  );
}

function clipped(whole: string): string {
  return whole.length <= SHOWN ? whole : `${whole.slice(0, SHOWN)} …`;
}

/** Arguments as lines when they are whole; as they are while they stream. */
function readable(source: string): string {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value !== "object" || value === null) return source;
    return Object.entries(value)
      .map(([name, one]) => `${name}: ${typeof one === "string" ? one : JSON.stringify(one)}`)
      .join("\n");
  } catch {
    return source;
  }
}
