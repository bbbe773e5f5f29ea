"""When a limit strikes: what is green is proposed, the rest is kept, and nothing more is spent."""

from __future__ import annotations

from draftsmith.domain.limits import Struck
from draftsmith.domain.session.events import SessionStopped
from draftsmith.pipeline.closing import fail_task, propose
from draftsmith.pipeline.desk import Desk

WAYS_ON = {
    "steps": "`draftsmith resume --steps N` lets it go on.",
    "seconds": "`draftsmith resume --minutes N` lets it go on.",
    "money": "`draftsmith resume --budget DOLLARS` lets it go on.",
    "errors": "`draftsmith show` has the errors; `draftsmith resume` tries again.",
}


async def stop_at(desk: Desk, struck: Struck) -> None:
    """Proposes what is green, if that is anything; else the session stops where it is and can be resumed."""
    state = desk.log.state
    green = state.green
    if green is not None and green.tree != state.base:
        if state.active is not None:
            await fail_task(desk, state.active, struck.describe())
        await propose(desk, extra=(f"{struck.describe()} {WAYS_ON[struck.limit]}",))
        return
    category = "model" if struck.limit == "errors" else "budget"
    desk.log.stage(
        SessionStopped(category=category, reason=struck.describe(), way_on=WAYS_ON[struck.limit], struck=struck)
    )
    await desk.log.flush()
