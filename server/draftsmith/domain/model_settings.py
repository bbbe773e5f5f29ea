"""What a user decided about models: endpoints, facts, order by role, preference, pins, budgets. A stream of its own.

Keys are never here: an endpoint names the label under which its key is offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar, Literal, TypeVar, assert_never

from draftsmith.domain.conversation import Role
from draftsmith.domain.errors import IllegalCommand

K = TypeVar("K")
V = TypeVar("V")

Preference = Literal["best", "balanced", "cheap", "local"]
BudgetScope = Literal["day", "month", "key"]

MAX_ENDPOINTS = 50
MAX_MODELS = 50
MAX_FACTS = 500
MAX_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An OpenAI-compatible address of the user's own. Only the `models` that are named are used."""

    name: str
    base_url: str
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFacts:
    """The user's facts of one model; None leaves what is known. Rates are nano-dollars for a million tokens."""

    context_window: int | None = None
    output_limit: int | None = None
    input_rate: int | None = None
    output_rate: int | None = None
    cached_rate: int | None = None
    cache_write_rate: int | None = None
    reasoning_rate: int | None = None
    tools: bool | None = None
    images: bool | None = None
    json_schema: bool | None = None
    reasoning: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAdded:
    """Also when it is changed: the one of that name is replaced."""

    kind: ClassVar[str] = "endpoint_added"
    kind_version: ClassVar[int] = 1
    endpoint: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRemoved:
    kind: ClassVar[str] = "endpoint_removed"
    kind_version: ClassVar[int] = 1
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFactsSet:
    """None: what is known without the user holds again."""

    kind: ClassVar[str] = "model_facts_set"
    kind_version: ClassVar[int] = 2
    model: str
    facts: OwnFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleOrderSet:
    """The models that may take a role, first choice first; empty: chosen for each request."""

    kind: ClassVar[str] = "role_order_set"
    kind_version: ClassVar[int] = 1
    role: Role
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceSet:
    kind: ClassVar[str] = "preference_set"
    kind_version: ClassVar[int] = 1
    preference: Preference


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPinned:
    """Requests for `model` go to `pinned`, a version of it; None: to the version that is shipped as pinned."""

    kind: ClassVar[str] = "model_pinned"
    kind_version: ClassVar[int] = 1
    model: str
    pinned: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimitSet:
    """`label` names the key for scope `key`, which counts a month; else it is empty. Days and months are in UTC."""

    kind: ClassVar[str] = "spending_limit_set"
    kind_version: ClassVar[int] = 1
    scope: BudgetScope
    label: str
    limit_nano_usd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTakenBack:
    """Requests for `model` go to what they went to before the last pin."""

    kind: ClassVar[str] = "pin_taken_back"
    kind_version: ClassVar[int] = 1
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKept:
    """A key for a vendor or an endpoint of the user's lies in the system's keyring under `name`."""

    kind: ClassVar[str] = "key_kept"
    kind_version: ClassVar[int] = 1
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDropped:
    kind: ClassVar[str] = "key_dropped"
    kind_version: ClassVar[int] = 1
    name: str


ModelSettingsEvent = (
    EndpointAdded
    | EndpointRemoved
    | ModelFactsSet
    | RoleOrderSet
    | PreferenceSet
    | ModelPinned
    | PinTakenBack
    | SpendingLimitSet
    | KeyKept
    | KeyDropped
)
"""The events are the commands, too: each sets one thing to one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    endpoints: tuple[Endpoint, ...] = ()
    facts: Mapping[str, OwnFacts] = field(default_factory=dict[str, OwnFacts])
    order: Mapping[Role, tuple[str, ...]] = field(default_factory=dict[Role, tuple[str, ...]])
    preference: Preference = "balanced"
    pins: Mapping[str, str] = field(default_factory=dict[str, str])
    earlier_pins: Mapping[str, str] = field(default_factory=dict[str, str])
    """What a model was pinned to before its last pin; empty: to the version that is shipped as pinned."""
    keys: tuple[str, ...] = ()
    """Names of the keys in the system's keyring."""
    limits: Mapping[tuple[BudgetScope, str], int] = field(default_factory=dict[tuple[BudgetScope, str], int])
    version: int = 0


def decide_model_settings(state: ModelSettings, wanted: ModelSettingsEvent) -> tuple[ModelSettingsEvent, ...]:
    """The event, or none when it already is so. Raises IllegalCommand for what cannot be meant."""
    if reason := _refusal(state, wanted):
        raise IllegalCommand(reason, code="bad_model_setting", remedy="Correct it and set it again.")
    after = evolve_model_settings(state, wanted)
    # A pin to what holds already changes nothing, whatever was before it.
    same = replace(after, version=state.version, earlier_pins=state.earlier_pins) == state
    return () if same and not isinstance(wanted, PinTakenBack) else (wanted,)


def evolve_model_settings(state: ModelSettings, event: ModelSettingsEvent) -> ModelSettings:
    """The settings after one event."""
    version = state.version + 1
    match event:
        case EndpointAdded(endpoint=endpoint):
            others = tuple(one for one in state.endpoints if one.name != endpoint.name)
            return replace(state, endpoints=(*others, endpoint), version=version)
        case EndpointRemoved(name=name):
            others = tuple(one for one in state.endpoints if one.name != name)
            return replace(state, endpoints=others, version=version)
        case ModelFactsSet(model=model, facts=facts):
            return replace(state, facts=_with(state.facts, model, facts), version=version)
        case RoleOrderSet(role=role, models=models):
            return replace(state, order=_with(state.order, role, models or None), version=version)
        case PreferenceSet(preference=preference):
            return replace(state, preference=preference, version=version)
        case ModelPinned(model=model, pinned=pinned):
            before = None if pinned is None else state.pins.get(model, "")
            earlier = _with(state.earlier_pins, model, before)
            return replace(state, pins=_with(state.pins, model, pinned), earlier_pins=earlier, version=version)
        case PinTakenBack(model=model):
            back = _with(state.pins, model, state.earlier_pins.get(model) or None)
            earlier = _with(state.earlier_pins, model, None)
            return replace(state, pins=back, earlier_pins=earlier, version=version)
        case KeyKept(name=name):
            return replace(state, keys=(*(one for one in state.keys if one != name), name), version=version)
        case KeyDropped(name=name):
            return replace(state, keys=tuple(one for one in state.keys if one != name), version=version)
        case SpendingLimitSet(scope=scope, label=label, limit_nano_usd=limit):
            return replace(state, limits=_with(state.limits, (scope, label), limit), version=version)
        case _:
            assert_never(event)


def _with(held: Mapping[K, V], key: K, value: V | None) -> Mapping[K, V]:
    changed = {other: kept for other, kept in held.items() if other != key}
    if value is not None:
        changed[key] = value
    return MappingProxyType(changed)


def _refusal(state: ModelSettings, wanted: ModelSettingsEvent) -> str:
    match wanted:
        case EndpointAdded(endpoint=endpoint):
            return _bad_endpoint(state, endpoint)
        case EndpointRemoved(name=name):
            return "" if any(one.name == name for one in state.endpoints) else f"There is no endpoint {name!r}."
        case ModelFactsSet(model=model, facts=facts):
            if facts is not None and model not in state.facts and len(state.facts) >= MAX_FACTS:
                return f"Facts of {MAX_FACTS} models are set already; that is the limit."
            return _bad_model(model) or _bad_facts(facts)
        case RoleOrderSet(models=models):
            return _bad_order(models)
        case PreferenceSet():
            return ""
        case ModelPinned() | PinTakenBack():
            return _bad_pin(state, wanted)
        case KeyKept() | KeyDropped():
            return _bad_key(state, wanted)
        case SpendingLimitSet(scope=scope, label=label, limit_nano_usd=limit):
            if (scope == "key") != bool(label):
                return "A budget for a key names the key; one for a day or a month does not."
            return "A budget cannot be negative." if limit is not None and limit < 0 else ""
        case _:
            assert_never(wanted)


def _bad_order(models: Sequence[str]) -> str:
    if len(set(models)) != len(models):
        return "A model stands twice in the order."
    if len(models) > MAX_MODELS:
        return f"An order has at most {MAX_MODELS} models."
    return next((reason for model in models if (reason := _bad_model(model))), "")


def _bad_pin(state: ModelSettings, wanted: ModelPinned | PinTakenBack) -> str:
    match wanted:
        case ModelPinned(model=model, pinned=pinned):
            return _bad_model(model) or ("" if pinned is None else _bad_model(pinned))
        case PinTakenBack(model=model):
            return "" if model in state.earlier_pins else f"{model} was not pinned to anything by you."
        case _:
            assert_never(wanted)


def _bad_key(state: ModelSettings, wanted: KeyKept | KeyDropped) -> str:
    match wanted:
        case KeyKept(name=name):
            full = name not in state.keys and len(state.keys) >= MAX_ENDPOINTS
            return f"There are {MAX_ENDPOINTS} keys already; that is the limit." if full else _bad_name(name)
        case KeyDropped(name=name):
            return "" if name in state.keys else f"No key is kept under the name {name!r}."
        case _:
            assert_never(wanted)


def _bad_name(name: str) -> str:
    if not name or len(name) > MAX_NAME or not all(part.isalnum() or part in "-_." for part in name):
        return f"The name {name!r} may have letters, digits, dots, dashes and underscores only."
    return ""


def _bad_endpoint(state: ModelSettings, endpoint: Endpoint) -> str:
    name = endpoint.name
    if reason := _bad_name(name):
        return reason
    if not endpoint.base_url.startswith(("http://", "https://")) or len(endpoint.base_url) > 2000:
        return f"The address {endpoint.base_url!r} does not begin with http:// or https://."
    if "@" in endpoint.base_url.split("//", 1)[1].split("/", 1)[0]:
        return "The address holds a user name or password; give the key by itself."
    known = any(one.name == name for one in state.endpoints)
    if not known and len(state.endpoints) >= MAX_ENDPOINTS:
        return f"There are {MAX_ENDPOINTS} endpoints already; that is the limit."
    return f"An endpoint has at most {MAX_MODELS} models." if len(endpoint.models) > MAX_MODELS else ""


def _bad_model(model: str) -> str:
    provider, _, bare = model.partition("/")
    if not provider or not bare or len(model) > MAX_NAME:
        return f"The model name {model!r} is not of the form provider/model."
    return ""


def _bad_facts(facts: OwnFacts | None) -> str:
    if facts is None:
        return ""
    for name in ("context_window", "output_limit"):
        value = getattr(facts, name)
        if value is not None and not 1 <= value <= 100_000_000:
            return f"{name} is {value}; it must lie between 1 and 100,000,000 tokens."
    for name in ("input_rate", "output_rate", "cached_rate", "cache_write_rate", "reasoning_rate"):
        value = getattr(facts, name)
        if value is not None and not 0 <= value <= 100_000 * 10**9:
            return f"{name} is {value}; it must lie between 0 and 100,000 dollars for a million tokens."
    return ""
