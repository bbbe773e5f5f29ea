"""The hub itself: how it is, stopping it, keys for its runners."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from draftsmith import __version__
from draftsmith.protocol import PROTOCOL_VERSION
from draftsmith.protocol.methods.hub import (
    OfferCredentialsParams,
    OfferCredentialsResult,
    RunnerInfo,
    StatusParams,
    StatusResult,
    StopParams,
    StopResult,
)

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def status(call: Call, params: StatusParams) -> StatusResult:
    hub = call.hub
    runners = [
        RunnerInfo(runner_id=one.runner_id, pid=one.pid, state="connected", sessions=tuple(one.sessions))
        for one in hub.leases.runners.values()
    ]
    child = hub.child
    if child is not None and child.pid not in {one.pid for one in runners}:
        runners.append(
            RunnerInfo(runner_id="child", pid=child.pid, state=child.state, sessions=(), reason=child.reason)
        )
    found = StatusResult(
        pid=os.getpid(),
        application_version=__version__,
        protocol_version=PROTOCOL_VERSION,
        epoch=hub.epoch,
        started_at=hub.started_at,
        state_dir=str(hub.state_dir),
        database=hub.database,
        clients=hub.clients,
        open_sessions=hub.open_sessions,
        held_documents=hub.buffers.held,
        unsaved_documents=hub.buffers.unsaved,
        runners=tuple(runners),
        notices=tuple(hub.notices),
    )
    return found if call.caller.standing.sees is None else _for_others(found)


def _for_others(found: StatusResult) -> StatusResult:
    """What a named user may know: nothing of other people's sessions and of the machine's folders."""
    runners = tuple(one.model_copy(update={"sessions": (), "reason": ""}) for one in found.runners)
    return found.model_copy(update={"state_dir": "", "database": "", "runners": runners, "notices": ()})


async def stop(call: Call, params: StopParams) -> StopResult:
    call.hub.stopping.set()
    return StopResult()


async def offer_credentials(call: Call, params: OfferCredentialsParams) -> OfferCredentialsResult:
    """Keeps the keys, and answers sessions that wait for one."""
    accepted = call.hub.credentials.offer(params.credentials)
    if accepted:
        for host in call.hub.waiting_for("key"):
            await call.hub.keys_offered(host, call.caller.actor)
    return OfferCredentialsResult(accepted=accepted)
