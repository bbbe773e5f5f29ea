// One step: words stream in full, calls are a line that opens.

import {
  Beaker,
  Ban,
  Check,
  ChevronRight,
  CircleAlert,
  FilePen,
  FileText,
  Flag,
  ListTree,
  LoaderCircle,
  MessageSquare,
  Search,
  SquareTerminal,
  Trash2,
  Wrench,
} from "lucide-react";
import { memo } from "react";
import type { StepEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { wordShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Badge, cx, Duration, Fold, Money } from "@/ui";
import { clockTime, exactTime } from "@/ui/amounts";
import { Ansi } from "@/ui/Ansi";
import { Code } from "@/ui/code/Code";
import { Markdown } from "@/ui/Markdown";
import { isDiff, readableArguments } from "./reading";
import css from "./session.module.css";
import { Whole } from "./Whole";

const t = speak(words);

const TOOLS: Readonly<Record<string, typeof Wrench>> = {
  read: FileText,
  list: ListTree,
  search: Search,
  find: Search,
  edit: FilePen,
  write: FilePen,
  delete: Trash2,
  run: SquareTerminal,
  finish: Flag,
  submit_plan: ListTree,
  submit_review: MessageSquare,
};

interface StepProps {
  step: StepEntity;
  place: number;
  total: number;
  open: boolean;
  onToggle: (id: string, open: boolean) => void;
}

export const Step = memo(function Step(props: StepProps): React.JSX.Element {
  const { step } = props;
  return (
    <article
      className={css.step}
      data-step={step.id}
      data-kind={step.step}
      data-state={step.state}
      aria-posinset={props.place + 1}
      aria-setsize={props.total}
      aria-label={`${step.title}, ${t(`step.${step.state}`)}`}
    >
      <time className={css.at} dateTime={new Date(step.at).toISOString()} title={exactTime(step.at)}>
        {clockTime(step.at)}
      </time>
      <div className={css.body}>
        {step.step === "model" && <Words step={step} />}
        {step.step === "note" && <Note step={step} />}
        {(step.step === "tool" || step.step === "gate") && <CallStep {...props} />}
      </div>
    </article>
  );
});

function Words({ step }: { step: StepEntity }): React.JSX.Element {
  const running = step.state === "running";
  return (
    <>
      <div className={css.who}>
        <strong>{wordShared("role", step.role)}</strong>
        <span title={step.why === "" ? undefined : `${t("step.why")}: ${step.why}`}>{step.model}</span>
        {running ? (
          <LoaderCircle className={css.spin} aria-label={t("step.running")} />
        ) : (
          <>
            {step.cost_nano_usd !== null && step.cost_nano_usd > 0 && <Money nano={step.cost_nano_usd} />}
            {step.duration_ms > 0 && <Duration ms={step.duration_ms} />}
          </>
        )}
      </div>
      {step.reasoning !== "" && (
        <Fold title={<span className={css.soft}>{t("step.reasoning")}</span>}>
          <p className={css.reasoning}>{step.reasoning}</p>
        </Fold>
      )}
      {step.state === "failed" ? (
        <p className={css.failed}>
          <CircleAlert aria-hidden /> {step.text || step.outcome}
        </p>
      ) : (
        step.text !== "" && <Markdown text={step.text} />
      )}
      <Whole documentId={step.document} length={step.length} title={step.title} markdown />
    </>
  );
}

function Note({ step }: { step: StepEntity }): React.JSX.Element {
  return (
    <div className={css.note}>
      <strong>{step.title}</strong>
      {step.text !== "" && <Markdown text={step.text} />}
      <Whole documentId={step.document} length={step.length} title={step.title} />
    </div>
  );
}

function CallStep({ step, open, onToggle }: StepProps): React.JSX.Element {
  const Icon = step.step === "gate" ? Beaker : (TOOLS[step.tool] ?? Wrench);
  const running = step.state === "running";
  return (
    <div className={css.call}>
      <button type="button" aria-expanded={open} onClick={() => onToggle(step.id, !open)} className={css.callHead}>
        <ChevronRight className={cx(css.chevron, open && css.turned)} aria-hidden />
        <Icon aria-hidden />
        <span className={css.callTitle}>{step.title}</span>
        {running && step.usage !== "" && <span className={css.soft}>{step.usage}</span>}
        {!running && step.duration_ms >= 100 && <Duration ms={step.duration_ms} />}
        <Sign step={step} />
      </button>
      {open && <Opened step={step} />}
    </div>
  );
}

function Sign({ step }: { step: StepEntity }): React.JSX.Element {
  if (step.state === "running") return <LoaderCircle className={cx(css.spin, css.accent)} aria-hidden />;
  if (step.state === "cancelled") return <Ban aria-hidden />;
  if (step.outcome === "not_verified") return <Badge tone="warn">{wordShared("verdict", step.outcome)}</Badge>;
  return step.state === "ok" ? (
    <Check className={css.good} aria-hidden />
  ) : (
    <CircleAlert className={css.bad} aria-hidden />
  );
}

function Opened({ step }: { step: StepEntity }): React.JSX.Element {
  const call = readableArguments(step.arguments);
  return (
    <div className={css.opened}>
      {call !== "" && (
        <>
          <h4>{t("step.arguments")}</h4>
          <Code text={call} language={step.tool === "run" || step.step === "gate" ? "shell" : "yaml"} />
        </>
      )}
      {step.touched.length > 0 && (
        <p className={css.soft}>
          {t("step.touched")}: {step.touched.join(", ")}
        </p>
      )}
      {step.text !== "" && (
        <>
          <h4>
            {t("step.outcome")} {step.usage !== "" && <span className={css.soft}>{step.usage}</span>}
          </h4>
          {isDiff(step.text) ? (
            <Code text={step.text} language="diff" label={t("step.outcome")} />
          ) : (
            <Ansi text={step.text} label={t("step.outcome")} />
          )}
        </>
      )}
      <Whole documentId={step.document} length={step.length} title={step.title} />
    </div>
  );
}
