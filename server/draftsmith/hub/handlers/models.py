"""What the user decides about models."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from draftsmith.domain.model_settings import (
    Endpoint,
    EndpointAdded,
    EndpointRemoved,
    ModelFactsSet,
    ModelPinned,
    ModelSettings,
    ModelSettingsEvent,
    OwnFacts,
    PinTakenBack,
    PreferenceSet,
    RoleOrderSet,
    SpendingLimitSet,
)
from draftsmith.protocol.methods import models as messages

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def settings(call: Call, params: messages.SettingsParams) -> messages.ModelSettingsResult:
    return _shown(call.hub.models.settings)


async def add_endpoint(call: Call, params: messages.EndpointInfo) -> messages.ModelSettingsResult:
    endpoint = Endpoint(name=params.name, base_url=params.base_url.rstrip("/"), models=params.models)
    return await _change(call, EndpointAdded(endpoint=endpoint))


async def remove_endpoint(call: Call, params: messages.EndpointName) -> messages.ModelSettingsResult:
    return await _change(call, EndpointRemoved(name=params.name))


async def set_facts(call: Call, params: messages.SetFactsParams) -> messages.ModelSettingsResult:
    facts = None if params.facts is None else OwnFacts(**params.facts.model_dump())
    return await _change(call, ModelFactsSet(model=params.model, facts=facts))


async def set_order(call: Call, params: messages.SetOrderParams) -> messages.ModelSettingsResult:
    return await _change(call, RoleOrderSet(role=params.role, models=params.models))


async def set_preference(call: Call, params: messages.SetPreferenceParams) -> messages.ModelSettingsResult:
    return await _change(call, PreferenceSet(preference=params.preference))


async def pin(call: Call, params: messages.PinParams) -> messages.ModelSettingsResult:
    return await _change(call, ModelPinned(model=params.model, pinned=params.pinned))


async def unpin(call: Call, params: messages.UnpinParams) -> messages.ModelSettingsResult:
    return await _change(call, PinTakenBack(model=params.model))


async def set_limit(call: Call, params: messages.SetLimitParams) -> messages.ModelSettingsResult:
    wanted = SpendingLimitSet(scope=params.scope, label=params.label, limit_nano_usd=params.limit_nano_usd)
    return await _change(call, wanted)


async def _change(call: Call, wanted: ModelSettingsEvent) -> messages.ModelSettingsResult:
    return _shown(await call.hub.models.change(wanted, call.caller.actor, call.correlation_id))


def _shown(settings: ModelSettings) -> messages.ModelSettingsResult:
    return messages.ModelSettingsResult(
        endpoints=tuple(messages.EndpointInfo(**asdict(one)) for one in settings.endpoints),
        facts=tuple(
            messages.ModelFactsLine(model=model, facts=messages.OwnFactsInfo(**asdict(facts)))
            for model, facts in settings.facts.items()
        ),
        order=tuple(messages.RoleOrder(role=role, models=models) for role, models in settings.order.items()),
        preference=settings.preference,
        pins=tuple(messages.PinLine(model=model, pinned=pinned) for model, pinned in settings.pins.items()),
        limits=tuple(
            messages.LimitLine(scope=scope, label=label, limit_nano_usd=limit)
            for (scope, label), limit in settings.limits.items()
        ),
        keys=settings.keys,
        version=settings.version,
    )
