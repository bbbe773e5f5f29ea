"""The plan as text: read by any client, edited by a person before it is worked by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import DecisionId, SessionId
from draftsmith.domain.plan_text import read_plan, write_plan
from draftsmith.domain.session.commands import EditPlan
from draftsmith.protocol.methods.session import EditPlanParams, EditPlanResult, PlanText, SessionRef

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def read(call: Call, params: SessionRef) -> PlanText:
    state = (await call.hub.host(SessionId(params.session_id))).state
    if state.plan is None:
        raise UserError(
            f"Session {params.session_id} has no plan.",
            code="no_plan",
            remedy="Small requests are worked on without one; else it comes when the planner has read enough.",
        )
    asked = next((one.decision_id for one in state.decisions if one.subject == "plan"), None)
    return PlanText(text=write_plan(state.title, state.plan), decision_id=asked)


async def edit(call: Call, params: EditPlanParams) -> EditPlanResult:
    """The text becomes the plan and is approved by that; whoever sends it is the actor of the events."""
    host = await call.hub.host(SessionId(params.session_id))
    written = read_plan(params.text)
    command = EditPlan(decision_id=DecisionId(params.decision_id), title=written.title, plan=written.plan)
    made = await host.command(command, call.caller.actor, correlation_id=call.correlation_id)
    call.hub.appended(host, made)
    plan = host.state.plan
    return EditPlanResult(task_ids=() if plan is None else tuple(task.task_id for task in plan.tasks))
