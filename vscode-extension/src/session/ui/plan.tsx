// The plan as a tree of tasks with their states, each with its checks, files and gates.

import type { JSX } from "preact";
import type { GateEntity, TaskEntity } from "../../protocol/messages";
import type { SessionStore } from "../store";
import { post, text } from "./host";
import { duration, Fold, Icon, Lines, ok } from "./parts";

const ICONS: Record<TaskEntity["status"], { icon: string; kind: string }> = {
  proposed: { icon: "circle-large", kind: "muted" },
  pending: { icon: "circle-large", kind: "muted" },
  active: { icon: "loading", kind: "running" },
  done: { icon: "pass-filled", kind: "ok" },
  failed: { icon: "error", kind: "failed" },
  skipped: { icon: "circle-slash", kind: "muted" },
};

export function Plan({ store }: { store: SessionStore }): JSX.Element | null {
  const tasks = store.all("task");
  const session = store.session;
  if (tasks.length === 0 || session === undefined) return null;
  const done = tasks.filter((task) => task.status === "done").length;
  return (
    <section class="block plan" aria-label={text("plan.title")}>
      <div class="block-head">
        <Icon name="list-tree" />
        <span class="grow">{text("plan.title")}</span>
        <span class="muted">{text("plan.progress", done, tasks.length)}</span>
      </div>
      {session.plan_summary !== "" && <p class="muted">{session.plan_summary}</p>}
      <div role="list" aria-label={text("plan.title")}>
        {tasks.map((task) => (
          <Task key={task.id} task={task} tasks={tasks} gates={gatesOf(store, task.id)} />
        ))}
      </div>
      <Lines title={text("plan.risks")} lines={session.plan_risks} icon="warning" />
    </section>
  );
}

function gatesOf(store: SessionStore, taskId: string): GateEntity[] {
  const latest = new Map<string, GateEntity>();
  for (const gate of store.all("gate")) if (gate.task_id === taskId) latest.set(gate.gate, gate);
  return [...latest.values()];
}

function Task({ task, tasks, gates }: { task: TaskEntity; tasks: TaskEntity[]; gates: GateEntity[] }): JSX.Element {
  const { icon, kind } = ICONS[task.status];
  const state = task.status === "active" ? text(`phase.${task.phase}`) : text(`task.${task.status}`);
  const before = task.depends_on.map((id) => tasks.find((one) => one.id === id)?.title ?? id);
  const head = (
    <>
      <span class={`state ${kind}`}>
        <Icon name={icon} spin={task.status === "active"} />
      </span>
      <span class="grow ellipsis" title={task.title}>
        {task.title}
      </span>
      {task.repairs > 0 && <span class="badge">{text("plan.repairs", task.repairs)}</span>}
      <span class="muted nowrap">{state}</span>
    </>
  );
  return (
    <div
      role="listitem"
      aria-label={`${task.title}, ${text(`task.${task.status}`)}`}
      data-task={task.id}
      data-status={task.status}
    >
      <Fold id={`task-${task.id}`} head={head} label={task.title} class="task">
        {task.description !== "" && <p>{task.description}</p>}
        {before.length > 0 && <p class="muted">{text("plan.after", before.join(", "))}</p>}
        <Lines title={text("plan.checks")} lines={task.checks} icon="checklist" />
        <Lines title={text("plan.files")} lines={task.files} icon="file" />
        {task.report !== "" && <p>{task.report}</p>}
        {task.reason !== "" && <p class="muted">{task.reason}</p>}
      </Fold>
      {gates.length > 0 && (
        <div class="gates">
          {gates.map((gate) => (
            <Gate key={gate.id} gate={gate} />
          ))}
        </div>
      )}
    </div>
  );
}

const VERDICTS = { running: "running", passed: "ok", failed: "failed", not_verified: "unsure" } as const;

function Gate({ gate }: { gate: GateEntity }): JSX.Element {
  const head = (
    <>
      {ok(VERDICTS[gate.verdict])}
      <span>{gate.gate}</span>
      <span class="grow muted ellipsis">{gate.reason || text(`gate.${gate.verdict}`)}</span>
      {gate.duration_ms > 0 && <span class="muted nowrap">{duration(gate.duration_ms)}</span>}
    </>
  );
  const document = gate.evidence_document;
  return (
    <Fold id={`gate-${gate.id}`} head={head} label={`${gate.gate}: ${text(`gate.${gate.verdict}`)}`} class="gate">
      {gate.command !== "" && <pre class="command">$ {gate.command}</pre>}
      {gate.evidence !== "" && <pre class="output">{gate.evidence}</pre>}
      {document !== null && (
        <button
          type="button"
          class="link"
          onClick={() => post({ type: "openDocument", title: gate.gate, documentId: document })}
        >
          {text("gate.evidence")}
        </button>
      )}
    </Fold>
  );
}
