// The plan as a picture of what waits for what, and as a list of tasks with their gates.

import { useState } from "react";
import type { LiveSession } from "@/hub";
import type { FindingEntity, GateEntity, SessionEntity, TaskEntity } from "@/hub/messages";
import { session as words } from "@/text/session";
import { tShared, wordShared } from "@/text/shared";
import { speak } from "@/text/speak";
import { Badge, Duration, Fold, type Tone } from "@/ui";
import { Ansi } from "@/ui/Ansi";
import { Markdown } from "@/ui/Markdown";
import { Estimate } from "./Estimate";
import { graphOf, type Node } from "./graph";
import css from "./session.module.css";
import { Whole } from "./Whole";

const t = speak(words);
const STEP_X = 52;
const STEP_Y = 36;
const RADIUS = 11;

const TONES: Readonly<Record<TaskEntity["status"], Tone>> = {
  proposed: "neutral",
  pending: "neutral",
  active: "accent",
  done: "good",
  failed: "bad",
  skipped: "neutral",
};

const VERDICTS: Readonly<Record<GateEntity["verdict"], Tone>> = {
  running: "accent",
  passed: "good",
  failed: "bad",
  not_verified: "warn",
};

export function Plan({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element {
  const [opened, setOpened] = useState<string | undefined>();
  const { tasks } = live;
  const counted = tasks.filter((task) => task.status !== "skipped");
  const done = counted.filter((task) => task.status === "done").length;
  const percent = counted.length === 0 ? 0 : Math.round((done / counted.length) * 100);
  const loose = live.gates.filter((gate) => !tasks.some((task) => task.id === gate.task_id));
  return (
    <div className={css.pane}>
      <Roles live={live} session={session} />
      {tasks.length === 0 && <p className={css.soft}>{t("plan.empty")}</p>}
      {counted.length > 0 && (
        <p className={css.soft} data-progress={percent}>
          {t("plan.progress", { done, all: counted.length, percent })}
        </p>
      )}
      {session.plan_summary !== "" && <Markdown text={session.plan_summary} />}
      {tasks.length > 1 && <Picture tasks={tasks} open={setOpened} />}
      <ol className={css.tasks}>
        {tasks.map((task, index) => (
          <Task
            key={task.id}
            task={task}
            number={index + 1}
            tasks={tasks}
            gates={latestGates(live.gates, task.id)}
            findings={live.findings.filter((finding) => finding.task_id === task.id)}
            open={opened === task.id}
            onToggle={(open) => setOpened(open ? task.id : undefined)}
          />
        ))}
      </ol>
      {loose.length > 0 && <Gates gates={loose} />}
      {session.plan_risks.length > 0 && <Lines title={t("plan.risks")} lines={session.plan_risks} />}
      <Estimate live={live} session={session} />
    </div>
  );
}

/** Which role is at work, and in which phase. */
function Roles({ live, session }: { live: LiveSession; session: SessionEntity }): React.JSX.Element | null {
  const active = live.tasks.find((task) => task.status === "active");
  if (session.status !== "working" && session.status !== "waiting") return null;
  const now = active === undefined ? "plan" : active.phase === "critique" ? "critique" : "code";
  return (
    <ul className={css.roles} aria-label={t("roles")}>
      {(["plan", "code", "critique"] as const).map((role) => (
        <li key={role} data-active={role === now}>
          {tShared(`role.${role}`)}
          <span className={css.soft}>
            {role !== now
              ? t("role.idle")
              : active === undefined
                ? wordShared("status", session.status)
                : wordShared("phase", active.phase)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function latestGates(gates: readonly GateEntity[], taskId: string): GateEntity[] {
  const latest = new Map<string, GateEntity>();
  for (const gate of gates) if (gate.task_id === taskId) latest.set(gate.gate, gate);
  return [...latest.values()];
}

function Picture({ tasks, open }: { tasks: readonly TaskEntity[]; open: (id: string) => void }): React.JSX.Element {
  const graph = graphOf(tasks);
  const x = (node: Node): number => node.column * STEP_X + RADIUS + 4;
  const y = (node: Node): number => node.row * STEP_Y + RADIUS + 4;
  const width = (graph.columns - 1) * STEP_X + 2 * RADIUS + 8;
  const height = (graph.rows - 1) * STEP_Y + 2 * RADIUS + 8;
  return (
    <div className={css.picture}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={t("plan.graph")}>
        {graph.edges.map(({ from, to }) => {
          const half = (x(from) + x(to)) / 2;
          return (
            <path
              key={`${from.task.id} ${to.task.id}`}
              className={css.edge}
              d={`M${x(from) + RADIUS} ${y(from)}C${half} ${y(from)} ${half} ${y(to)} ${x(to) - RADIUS} ${y(to)}`}
            />
          );
        })}
        {graph.nodes.map((node) => (
          <g
            key={node.task.id}
            className={css.node}
            data-status={node.task.status}
            role="button"
            tabIndex={0}
            aria-label={t("plan.node", {
              n: node.number,
              title: node.task.title,
              status: wordShared("task", node.task.status),
            })}
            onClick={() => open(node.task.id)}
            onKeyDown={(event) => {
              if (event.key === "Enter" || event.key === " ") {
                event.preventDefault();
                open(node.task.id);
              }
            }}
          >
            <title>{node.task.title}</title>
            <circle cx={x(node)} cy={y(node)} r={RADIUS} />
            <text x={x(node)} y={y(node)} aria-hidden>
              {node.number}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

function Task(props: {
  task: TaskEntity;
  number: number;
  tasks: readonly TaskEntity[];
  gates: readonly GateEntity[];
  findings: readonly FindingEntity[];
  open: boolean;
  onToggle: (open: boolean) => void;
}): React.JSX.Element {
  const { task } = props;
  const before = task.depends_on.map((id) => String(props.tasks.findIndex((one) => one.id === id) + 1));
  const state = task.status === "active" ? wordShared("phase", task.phase) : wordShared("task", task.status);
  return (
    <li data-task={task.id} data-status={task.status}>
      <Fold
        open={props.open}
        onToggle={props.onToggle}
        title={
          <>
            <span className={css.taskTitle}>
              {props.number}. {task.title}
            </span>
            {task.repairs > 0 && <Badge tone="warn">{t("plan.repairs", { n: task.repairs })}</Badge>}
            <Badge tone={TONES[task.status]}>{state}</Badge>
          </>
        }
      >
        <div className={css.inside}>
          {task.description !== "" && <Markdown text={task.description} />}
          {before.length > 0 && <p className={css.soft}>{t("plan.after", { tasks: before.join(", ") })}</p>}
          <Lines title={t("plan.checks")} lines={task.checks} />
          <Lines title={t("plan.files")} lines={task.files} mono />
          {task.report !== "" && <Markdown text={task.report} />}
          {task.reason !== "" && <p className={css.soft}>{task.reason}</p>}
          <Findings findings={props.findings} />
        </div>
      </Fold>
      <Gates gates={props.gates} />
    </li>
  );
}

function Lines(props: { title: string; lines: readonly string[]; mono?: boolean }): React.JSX.Element | null {
  if (props.lines.length === 0) return null;
  return (
    <section>
      <h3>{props.title}</h3>
      <ul className={css.lines}>
        {props.lines.map((line, place) => (
          <li key={place}>{props.mono === true ? <code>{line}</code> : line}</li>
        ))}
      </ul>
    </section>
  );
}

function Findings({ findings }: { findings: readonly FindingEntity[] }): React.JSX.Element | null {
  if (findings.length === 0) return null;
  return (
    <section>
      <h3>{t("findings")}</h3>
      <ul className={css.lines}>
        {findings.map((finding) => (
          <li key={finding.id}>
            <Badge tone={finding.severity === "info" || finding.severity === "minor" ? "neutral" : "bad"}>
              {tShared(`severity.${finding.severity}`)}
            </Badge>{" "}
            {finding.message}{" "}
            {finding.path !== "" && (
              <code>
                {finding.path}:{finding.line}
              </code>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Gates({ gates }: { gates: readonly GateEntity[] }): React.JSX.Element {
  return (
    <>
      {gates.map((gate) => (
        <Fold
          key={gate.id}
          className={css.gate ?? ""}
          title={
            <>
              <Badge tone={VERDICTS[gate.verdict]}>{wordShared("verdict", gate.verdict)}</Badge>
              <span>{gate.gate}</span>
              <span className={css.reason}>{gate.tests?.summary ?? gate.reason}</span>
              {gate.duration_ms > 0 && <Duration ms={gate.duration_ms} />}
            </>
          }
        >
          <div className={css.inside}>
            {gate.reason !== "" && <p>{gate.reason}</p>}
            {gate.command !== "" && <pre className={css.asCommand}>{gate.command}</pre>}
            {gate.evidence !== "" && <Ansi text={gate.evidence} label={gate.gate} />}
            <Whole documentId={gate.evidence_document} length={0} title={gate.gate} label={t("gate.evidence")} />
          </div>
        </Fold>
      ))}
    </>
  );
}
