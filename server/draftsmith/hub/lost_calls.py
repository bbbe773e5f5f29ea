"""Model calls that nobody waits for any more: their runner is gone, and their session is over."""

from __future__ import annotations

from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.events import ModelCallFailed
from draftsmith.hub.host import SessionHost
from draftsmith.hub.workspace_rules import HUB
from draftsmith.platform.clock import now_ms


async def charge_lost_call(host: SessionHost) -> None:
    """The call is charged its reservation: nobody knows whether the vendor billed it."""
    call = host.state.model_call
    if call is None:
        return
    failed = ModelCallFailed(
        call_id=call.call_id,
        category="cancelled",
        message="The session ended while the model was answering.",
        retryable=False,
        charged_nano_usd=call.reserved_nano_usd,
        duration_ms=max(0, now_ms() - call.at),
    )
    await host.command(Record(events=(failed,)), HUB, correlation_id=host.correlation_id)
