"""From a method's name to its handler: parameters checked, permission checked, errors made uniform.

Authorisation happens here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from pydantic import ValidationError

from draftsmith.domain.envelope import Actor
from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.domain.ids import SessionId
from draftsmith.domain.roots import Root
from draftsmith.hub.fanout import Subscription
from draftsmith.hub.handlers import (
    analytics,
    buffers,
    code,
    conflicts,
    decisions,
    facts,
    files,
    finding,
    git,
    hub_status,
    looking,
    model_report,
    models,
    operation,
    overview,
    plans,
    projects,
    proposals,
    reads,
    rules,
    search,
    sessions,
    users,
    web,
)
from draftsmith.hub.host import unknown_session
from draftsmith.hub.peers import Peer
from draftsmith.hub.service import Hub
from draftsmith.hub.standing import Standing
from draftsmith.hub.watching import Watch
from draftsmith.hub.workspaces import workspace_id_of
from draftsmith.platform.clock import new_id
from draftsmith.protocol import jsonrpc
from draftsmith.protocol.method import Method, Permission
from draftsmith.protocol.model import Message
from draftsmith.protocol.registry import BY_NAME

log = structlog.get_logger()


@dataclass(slots=True)
class Caller:
    """Who calls: what the connection may do, and what it is attached to."""

    client: str
    standing: Standing
    peer: Peer
    watch: Watch | None = None
    subscriptions: dict[str, Subscription] = field(default_factory=dict[str, Subscription])
    gone: bool = False
    """The connection is closed; what a call of it still does has no audience."""

    def hold(self, subscription: Subscription) -> None:
        """Attached by this subscription from now on, in place of an earlier one to the same session."""
        self.let_go(subscription.session_id)
        if self.gone:
            subscription.close()
        else:
            self.subscriptions[subscription.session_id] = subscription

    def let_go(self, session_id: str) -> None:
        held = self.subscriptions.pop(session_id, None)
        if held is not None:
            held.close()

    def leave(self) -> None:
        """The connection is closed: nothing is held any more, nor will be."""
        self.gone = True
        self.peer.leave()
        if self.watch is not None:
            self.watch.close()
        for session_id in list(self.subscriptions):
            self.let_go(session_id)

    @property
    def actor(self) -> Actor:
        return Actor(user=self.standing.user, client=self.client)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call under way: the hub, the caller, and the id that finds it in logs and events."""

    hub: Hub
    caller: Caller
    correlation_id: str


Handler = Callable[[Call, Any], Awaitable[Message]]
"""The registry pairs a handler with its parameter class; `dispatch` checks it before the call."""

HANDLERS: Mapping[str, Handler] = {
    "hub/status": hub_status.status,
    "hub/stop": hub_status.stop,
    "hub/watch": overview.watch,
    "preferences/read": overview.preferences,
    "preferences/set": overview.keep,
    "web/open": web.open_,
    "credentials/offer": hub_status.offer_credentials,
    "document/read": reads.document,
    "session/start": sessions.start,
    "session/list": reads.list_sessions,
    "session/attach": sessions.attach,
    "session/detach": sessions.detach,
    "session/message": decisions.message,
    "session/cancel": decisions.cancel,
    "session/resume": decisions.resume,
    "session/fork": sessions.fork,
    "session/delete": sessions.delete,
    "session/restore": decisions.restore,
    "session/export": reads.export,
    "steps/list": reads.steps,
    "steps/search": looking.search,
    "checkpoint/preview": looking.preview,
    "entity/get": reads.entity,
    "decision/answer": decisions.answer,
    "plan/read": plans.read,
    "plan/edit": plans.edit,
    "proposal/hunks": proposals.texts,
    "proposal/edit": proposals.edit,
    "proposal/accept": proposals.accept,
    "proposal/reject": proposals.reject,
    "proposal/undo": proposals.undo,
    "proposal/conflict": conflicts.conflict,
    "folder/list": files.folder,
    "file/read": files.read,
    "file/save": files.save,
    "file/symbols": files.symbols,
    "git/state": git.state,
    "git/log": git.log,
    "git/commit": git.commit,
    "git/read": git.read,
    "project/templates": projects.templates,
    "project/create": projects.create,
    "code/map": code.map_,
    "code/symbols": code.symbols,
    "code/uses": code.uses,
    "code/similar": code.similar,
    "code/structure": code.structure,
    "code/search": search.search,
    "code/facts": facts.facts,
    "code/files": finding.files,
    "rules/list": rules.listed,
    "rules/add": rules.add,
    "rules/remove": rules.remove,
    "users/list": users.listed,
    "users/add": users.add,
    "users/role": users.change,
    "users/remove": users.remove,
    "models/settings": models.settings,
    "models/endpoint": models.add_endpoint,
    "models/forget": models.remove_endpoint,
    "models/facts": models.set_facts,
    "models/order": models.set_order,
    "models/prefer": models.set_preference,
    "models/pin": models.pin,
    "models/unpin": models.unpin,
    "models/limit": models.set_limit,
    "models/list": model_report.list_models,
    "models/check": model_report.check,
    "credentials/keep": model_report.keep_key,
    "credentials/drop": model_report.drop_key,
    "usage/read": model_report.usage,
    "monitor/read": operation.monitor,
    "logs/read": operation.logs,
    "settings/read": operation.read_settings,
    "settings/write": operation.write_setting,
    "sandbox/read": operation.sandbox,
    "spending/read": analytics.spending,
    "analytics/read": analytics.analytics,
    "buffers/held": buffers.held,
    "buffers/observed": buffers.observed,
}
"""`hello` is the connection's own and not here."""


class RpcError(Exception):
    """An error as JSON-RPC carries it."""

    def __init__(self, number: int, message: str, code: str, *, remedy: str = "", correlation_id: str = "") -> None:
        super().__init__(message)
        self.body = jsonrpc.ErrorBody(
            code=number,
            message=message,
            data=jsonrpc.ErrorData(code=code, remedy=remedy, correlation_id=correlation_id),
        )


async def dispatch(
    hub: Hub, caller: Caller, name: str, params: Mapping[str, Any], *, correlation_id: str | None = None
) -> Message:
    """Runs a method. Raises RpcError, and nothing else but cancellation."""
    method = BY_NAME.get(name)
    handler = HANDLERS.get(name)
    if method is None or handler is None:
        raise RpcError(jsonrpc.METHOD_NOT_FOUND, f"There is no method {name!r}.", "unknown_method")
    authorise(caller, method.permission, name)
    checked = _parameters(method, params)
    call = Call(hub=hub, caller=caller, correlation_id=correlation_id or new_id("c"))
    if not method.idempotent:
        log.info("call", method=name, client=caller.client, correlation_id=call.correlation_id)
    begun, failed = time.perf_counter(), False
    try:
        await _in_sight(call, checked)
        return await handler(call, checked)
    except DraftsmithError as error:
        failed = not isinstance(error, UserError)
        level = log.info if isinstance(error, UserError) else log.warning
        level("call_refused", method=name, code=error.code, error=error.message, correlation_id=call.correlation_id)
        raise RpcError(
            jsonrpc.APPLICATION_ERROR,
            error.message,
            error.code,
            remedy=error.remedy,
            correlation_id=call.correlation_id,
        ) from error
    except Exception as error:
        # The outermost edge of a call: a bug answers with an error and a way to find it, and the hub goes on.
        failed = True
        log.exception("call_crashed", method=name, correlation_id=call.correlation_id)
        raise RpcError(
            jsonrpc.INTERNAL_ERROR,
            f"Draftsmith failed on {name}; nothing was changed by this call beyond what its events say.",
            "internal",
            remedy=f"Look for {call.correlation_id} in `draftsmith hub logs`.",
            correlation_id=call.correlation_id,
        ) from error
    finally:
        hub.monitor.called(time.perf_counter() - begun, failed=failed)


def authorise(caller: Caller, permission: Permission, name: str) -> None:
    """Raises RpcError (`forbidden`)."""
    if permission not in caller.standing.permissions:
        raise RpcError(jsonrpc.FORBIDDEN, f"{name} needs the permission {permission!r}.", "forbidden")


async def _in_sight(call: Call, params: Message) -> None:
    """A session of somebody else is not there, nor is a folder in which none works that the caller sees, unless he may
    start one there. Raises UserError (`unknown_session`, `unknown_folder`)."""
    standing = call.caller.standing
    if standing.sees is None:
        return
    session_id, folders = getattr(params, "session_id", None), getattr(params, "folders", ())
    if session_id:
        row = await call.hub.store.session(SessionId(session_id))
        if row is None or not standing.may_see(row.owner):
            raise unknown_session(session_id)
    elif folders and "own" not in standing.permissions:
        # By the names alone: what the disk says of a folder would tell whether there is one.
        workspace_id = workspace_id_of([Root(name="", path=one) for one in folders])
        if not await call.hub.store.sessions(limit=1, workspace_id=workspace_id, owners=standing.sees):
            raise UserError(
                "No session that you may see works in these folders.",
                code="unknown_folder",
                remedy="Name the folders of a session in your list.",
            )


def _parameters(method: Method, params: Mapping[str, Any]) -> Message:
    try:
        return method.params.model_validate(params)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the parameters"
        raise RpcError(jsonrpc.INVALID_PARAMS, f"{method.name}: {place}: {first['msg']}.", "invalid_params") from error
