"""What editors say of the documents that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.protocol.methods.session import Empty

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call
    from draftsmith.protocol.methods.buffers import HeldParams, ObservedParams


async def held(call: Call, params: HeldParams) -> Empty:
    """Everything that the client holds now; hunks that were in its buffers are looked for again."""
    await call.hub.buffers.hold(call.caller.peer, params)
    return Empty()


async def observed(call: Call, params: ObservedParams) -> Empty:
    await call.hub.buffers.observe(call.caller.peer, params)
    return Empty()
