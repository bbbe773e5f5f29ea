"""What can be used of models, keys in the keyring, and what was spent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.figures import Figures, added
from draftsmith.domain.ids import SessionId, session_stream
from draftsmith.domain.session.events import ModelCallFailed, ModelCallFinished, ModelCallIntended
from draftsmith.domain.work_record import of_call
from draftsmith.ports.events import KEPT_PREFIX, WorkColumn
from draftsmith.protocol.entities import ENTITY, SessionEntity
from draftsmith.protocol.methods import model_report as messages
from draftsmith.protocol.methods.hub import OfferedCredential

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

_COLUMNS: Mapping[messages.UsageBy, WorkColumn] = {
    "day": "day",
    "model": "model",
    "role": "role",
    "key": "endpoint",
    "workspace": "workspace_id",
    "session": "session_id",
}

_REQUESTS_SHOWN = 1_000


async def list_models(call: Call, params: messages.ModelsParams) -> messages.ModelsResult:
    await call.hub.keys.ready()
    answer = await call.hub.asking.ask("models/list", params.model_dump_json())
    return messages.ModelsResult.model_validate_json(answer)


async def check(call: Call, params: messages.CheckEndpointParams) -> messages.CheckEndpointResult:
    # The key goes to the runner beside the question, as all keys do.
    await call.hub.keys.ready()
    given = [] if params.key is None else [_credential(params)]
    body = params.model_copy(update={"key": None}).model_dump_json()
    answer = await call.hub.asking.ask("models/check", body, extra=given)
    return messages.CheckEndpointResult.model_validate_json(answer)


def _credential(params: messages.CheckEndpointParams) -> OfferedCredential:
    assert params.key is not None  # noqa: S101 - the caller's own condition
    return OfferedCredential(provider="openai_compatible", label=params.name, value=params.key, origin="given")


async def keep_key(call: Call, params: messages.KeepKeyParams) -> messages.KeptKey:
    return await call.hub.keys.keep(params.name, params.value, call.caller.actor, call.correlation_id)


async def drop_key(call: Call, params: messages.KeyNameParams) -> messages.KeptKey:
    return await call.hub.keys.drop(params.name, call.caller.actor, call.correlation_id)


async def usage(call: Call, params: messages.UsageParams) -> messages.UsageResult:
    if params.by == "request":
        return await _requests(call, SessionId(params.session_id))
    today = datetime.datetime.now(datetime.UTC).date()
    since = "" if params.session_id else (today - datetime.timedelta(days=params.days - 1)).isoformat()
    sees = call.caller.standing.sees
    rows = await call.hub.store.work((_COLUMNS[params.by],), since=since, session_id=params.session_id, owners=sees)
    lines: list[messages.UsageLine] = []
    for row in rows:
        name = row.values[0]
        lines.append(
            messages.UsageLine(name=name, title=await title_of(call, params.by, name), figures=_shown(row.figures))
        )
    if params.by == "day":
        lines.sort(key=lambda line: line.name)
    else:
        lines.sort(key=lambda line: (-line.figures.cost_nano_usd, line.name))
    return messages.UsageResult(lines=tuple(lines), total=_shown(added(row.figures for row in rows)))


async def _requests(call: Call, session_id: SessionId) -> messages.UsageResult:
    """Every call of a model in one session, by its own events."""
    begun: dict[str, Envelope[ModelCallIntended]] = {}
    made: list[tuple[Envelope[ModelCallIntended], Figures]] = []
    async for batch in call.hub.store.read(session_stream(session_id)):
        for envelope in batch:
            event = envelope.event
            if isinstance(event, ModelCallIntended):
                begun[event.call_id] = cast("Envelope[ModelCallIntended]", envelope)
            elif isinstance(event, ModelCallFinished | ModelCallFailed) and event.call_id in begun:
                made.append((begun.pop(event.call_id), of_call(event)))
    lines = tuple(
        messages.UsageLine(
            name=intent.event.call_id,
            title="failed" if figures.failed_calls else "",
            figures=_shown(figures),
            at=intent.at,
            role=intent.event.role,
            model=intent.event.model,
        )
        for intent, figures in made[-_REQUESTS_SHOWN:]
    )
    total = _shown(added(figures for _, figures in made))
    return messages.UsageResult(lines=lines, total=total, left_out=len(made) - len(lines))


async def title_of(call: Call, by: messages.UsageBy, name: str) -> str:
    """The session's title, or the folders of the workspace's newest session."""
    if by in ("workspace", "session") and (not name or name.startswith(KEPT_PREFIX)):
        return "deleted sessions"
    session_id = SessionId(name)
    if by == "workspace":
        newest = await call.hub.store.sessions(limit=1, workspace_id=name, owners=call.caller.standing.sees)
        if not newest:
            return ""
        session_id = newest[0].session_id
    elif by != "session":
        return ""
    row = await call.hub.store.entity(session_id, "session", session_id)
    shown = None if row is None else ENTITY.validate_json(row.body)
    if not isinstance(shown, SessionEntity):
        return ""
    return shown.title if by == "session" else ", ".join(root.path for root in shown.roots)


def _shown(figures: Figures) -> messages.UsageFigures:
    return messages.UsageFigures(
        calls=figures.calls,
        failed_calls=figures.failed_calls,
        input_tokens=figures.input_tokens,
        output_tokens=figures.output_tokens,
        cached_tokens=figures.cached_tokens,
        reasoning_tokens=figures.reasoning_tokens,
        cost_nano_usd=figures.nano_usd,
        unpriced_calls=figures.unpriced_calls,
    )
