"""An answer of the user sent to the hub, whichever command asked the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import AnswerParams, EditPlanParams, EditPlanResult

if TYPE_CHECKING:
    from draftsmith.cli.watching.questions import Answer
    from draftsmith.client.connection import HubConnection


async def send_answer(hub: HubConnection, session_id: str, decision_id: str, given: Answer) -> None:
    """Raises UserError when it is refused: somebody else was first, or the plan cannot be read."""
    if given.plan:
        edited = EditPlanParams(session_id=session_id, decision_id=decision_id, text=given.plan)
        await hub.call("plan/edit", edited, EditPlanResult)
        return
    params = AnswerParams(session_id=session_id, decision_id=decision_id, answer=given.answer, text=given.text)
    await hub.acknowledge("decision/answer", params)
