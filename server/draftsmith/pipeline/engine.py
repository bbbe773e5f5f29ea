"""The engine: read the state, decide the next step, do it, append. Until the session needs nothing more."""

from __future__ import annotations

from typing import assert_never

import structlog

from draftsmith.domain.decisions import Decision
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.session.decide import PLAN_ANSWERS
from draftsmith.domain.session.events import (
    DecisionRequested,
    PlanApproved,
    RepairBegun,
    StallNoticed,
    TaskFinished,
    TaskStarted,
    WorkBegun,
)
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import hold
from draftsmith.pipeline import steps
from draftsmith.pipeline.closing import close_task, fail_task, propose
from draftsmith.pipeline.control_calls import next_task_id
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.environments import prepare
from draftsmith.pipeline.gates import gates_of, run_gate
from draftsmith.pipeline.limits import stop_at
from draftsmith.pipeline.model_calls import ask_model
from draftsmith.pipeline.money import ask_for_plan_money, estimated
from draftsmith.pipeline.next_step import FOLLOW_UP, next_step
from draftsmith.pipeline.recovery import settle_interrupted
from draftsmith.pipeline.session_log import Superseded
from draftsmith.pipeline.tool_calls import run_tool

log = structlog.get_logger()


MAX_IN_VAIN = 20
"""Steps in a row that the rules refuse on one and the same state: more is a defect here, and would never end."""


async def work(desk: Desk) -> None:
    """Works on the session until it is over. Raises LeaseLost and AdapterError (`hub_gone`, NotAppended)."""
    await _settled(desk)
    gates = gates_of(desk.facts)
    in_vain = 0
    while True:
        state = desk.log.state
        try:
            if desk.log.draining:
                await desk.log.flush()
                return
            if state.over or state.base_is_old:
                await desk.log.flush()
                if desk.log.state.over or desk.log.state.base_is_old:
                    return
                continue
            if state.draft is not None and desk.draft.tree != state.draft:
                await desk.draft.restore(state.draft)
            await _do(desk, next_step(state, gates, desk.packages.unprepared(state) if desk.packages else ()))
        except Superseded as reason:
            # Somebody else's events came first: nothing is lost, the next step is decided on the new state.
            log.info("superseded", session_id=desk.log.state.session_id, reason=str(reason))
            in_vain = in_vain + 1 if desk.log.state.version == state.version else 0
            if in_vain >= MAX_IN_VAIN:
                raise RuntimeError(f"the step after version {state.version} is never legal: {reason}") from reason


async def _settled(desk: Desk) -> None:
    while True:
        try:
            await settle_interrupted(desk)
        except Superseded:
            continue
        return


async def _do(desk: Desk, step: steps.Step) -> None:
    match step:
        case steps.AskModel(role=role, task_id=task_id):
            await ask_model(desk, role, task_id)
        case steps.RunTool(call=call):
            await run_tool(desk, call)
        case steps.Prepare(wanted=wanted):
            await prepare(desk, wanted)
        case steps.RunGate(task_id=task_id, gate=gate):
            await run_gate(desk, task_id, gate)
        case steps.FailTask(task_id=task_id, reason=reason):
            await fail_task(desk, task_id, reason)
        case steps.CloseTask(task_id=task_id):
            close_task(desk, task_id)
        case steps.Propose():
            await propose(desk)
        case steps.ApprovePlan():
            await _approve_plan(desk)
        case steps.AskForPlan():
            await _ask_for_plan(desk, desk.log.state)
        case steps.StopAtLimit(struck=struck):
            await stop_at(desk, struck)
        case steps.Wait() | steps.Done():
            await desk.log.flush()
            await desk.log.wait()
        case _:
            _record(desk, step)


async def _approve_plan(desk: Desk) -> None:
    if await ask_for_plan_money(desk):
        desk.log.stage(PlanApproved())


def _record(
    desk: Desk,
    step: steps.BeginTask | steps.StartTask | steps.SkipTask | steps.NoticeStall | steps.Repair,
) -> None:
    """Steps that are an event and nothing else."""
    match step:
        case steps.BeginTask(title=title):
            words = desk.transcript.newest_message() if title == FOLLOW_UP else ""
            title = f"{title}: {words}" if words else title
            desk.log.stage(WorkBegun(title=title, task_id=next_task_id(desk.log.state)))
        case steps.StartTask(task_id=task_id):
            desk.log.stage(TaskStarted(task_id=task_id))
        case steps.SkipTask(task_id=task_id, reason=reason):
            desk.log.stage(TaskFinished(task_id=task_id, outcome="skipped", reason=reason))
        case steps.NoticeStall(task_id=task_id, description=description):
            desk.log.stage(StallNoticed(task_id=task_id, description=description))
        case steps.Repair(task_id=task_id, reason=reason):
            desk.log.stage(RepairBegun(task_id=task_id, reason=reason))
        case _:
            assert_never(step)


async def _ask_for_plan(desk: Desk, state: SessionState) -> None:
    lines = ["Work by this plan?"]
    if state.plan is not None:
        lines += [f"{number}. {task.title}" for number, task in enumerate(state.plan.tasks, start=1)]
    estimate = await estimated(desk)
    if estimate is not None:
        desk.log.stage(estimate)
        lines.append(estimate.describe())
    prompt, documents = hold("\n".join(lines))
    decision = Decision(
        decision_id=DecisionId(f"plan_{state.plan_rejections}"),
        subject="plan",
        prompt=prompt,
        options=PLAN_ANSWERS,
        free_text=True,
    )
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)
