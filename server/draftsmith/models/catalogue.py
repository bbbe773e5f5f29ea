"""What is known of a model: window, output limit, prices, abilities, each with where it is known from.

LiteLLM's shipped map, with the user's own facts laid over it. What is not known is None, never zero or "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from draftsmith.domain.conversation import Usage
from draftsmith.domain.errors import UserError
from draftsmith.models import prices
from draftsmith.models.providers import parse_model
from draftsmith.ports.models import Ability

Origin = Literal["shipped", "user", "local", "unknown"]

_SUPPORTS: Mapping[Ability, str] = {
    "tools": "supports_function_calling",
    "parallel_tools": "supports_parallel_function_calling",
    "images": "supports_vision",
    "json_schema": "supports_response_schema",
    "reasoning": "supports_reasoning",
    "caching": "supports_prompt_caching",
}
_RATES = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "reasoning": "output_cost_per_reasoning_token",
}
_MILLION = 1_000_000
_MOST_TOKENS = 100_000_000
_MOST_NANO_USD = 100_000 * prices.NANO


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Nano-dollars for a million tokens at the standard tier and a short prompt; None: not known.

    `cached` is what a token read from the vendor's cache costs, `cache_write` one that is written to it.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None


_FREE = Rates(input=0, output=0, cached=0, cache_write=0, reasoning=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """`abilities` holds True and False where it is known, and nothing where it is not."""

    model: str
    title: str
    local: bool
    context_window: int | None
    output_limit: int | None
    rates: Rates
    abilities: Mapping[Ability, bool]
    origin: Origin

    def can(self, ability: Ability) -> bool | None:
        """Whether the model has the ability; None when nobody said."""
        return self.abilities.get(ability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """The user's facts of one model. A field that is None leaves what is known; rates are nano-dollars a million."""

    context_window: int | None = None
    output_limit: int | None = None
    input: int | None = None
    output: int | None = None
    cached: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    abilities: tuple[tuple[Ability, bool], ...] = ()

    def __post_init__(self) -> None:
        for name in ("context_window", "output_limit"):
            _in_range(name, getattr(self, name), 1, _MOST_TOKENS, "tokens")
        for name in ("input", "output", "cached", "cache_write", "reasoning"):
            _in_range(name, getattr(self, name), 0, _MOST_NANO_USD, "nano-dollars for a million tokens")


class Catalogue:
    """The facts of all models, with the user's own laid over what is shipped. Immutable: a change is a new one."""

    def __init__(self, overrides: Mapping[str, Override] | None = None) -> None:
        self._over: Mapping[str, prices.Entry] = {
            model: _entry_of(override) for model, override in (overrides or {}).items()
        }

    def facts(self, model: str) -> ModelFacts:
        """What is known of `provider/model`. Raises UserError for a name of no known provider."""
        name = parse_model(model)
        over = self._of(model)
        entry = prices.entry_of(name, over)
        local = name.provider.local
        origin: Origin = "user" if over else "local" if local else "unknown" if entry is None else "shipped"
        return ModelFacts(
            model=model,
            title=name.provider.title,
            local=local,
            context_window=prices.context_window(model, over),
            output_limit=_whole(entry, "max_output_tokens"),
            rates=_FREE if local else _rates(entry, over),
            abilities=_abilities(entry),
            origin=origin,
        )

    def context_window(self, model: str) -> int | None:
        """Tokens that the model reads; None when unknown."""
        return prices.context_window(model, self._of(model))

    def cost_nano_usd(self, model: str, usage: Usage) -> int | None:
        """What one call cost; None when the price is unknown, 0 for a local server."""
        return prices.cost_nano_usd(model, usage, self._of(model))

    def worst_case_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        """Upper bound of a call's price at the dearest rate that applies; None when the price is unknown."""
        return prices.worst_case_nano_usd(model, input_tokens, max_output_tokens, self._of(model))

    def overrides_price(self, model: str) -> bool:
        """Whether the user's own prices count for this model, so that a library's arithmetic must not."""
        return any(field in self._of(model) for field in _RATES.values())

    def _of(self, model: str) -> prices.Entry:
        return self._over.get(model, prices.NOTHING_OVER)


def shipped_models(provider: str) -> tuple[str, ...]:
    """The chat models with tools that the shipped map knows of a provider, as `provider/model`, by name."""
    return prices.names(parse_model(f"{provider}/any").provider)


def _entry_of(override: Override) -> prices.Entry:
    """The override in the words of the shipped map."""
    given = {
        "max_input_tokens": override.context_window,
        "max_output_tokens": override.output_limit,
        **{field: _per_token(getattr(override, name)) for name, field in _RATES.items()},
    }
    abilities = {_SUPPORTS[ability]: value for ability, value in override.abilities}
    return {**{field: value for field, value in given.items() if value is not None}, **abilities}


def _per_token(nano_usd_a_million: int | None) -> float | None:
    return None if nano_usd_a_million is None else nano_usd_a_million / prices.NANO / _MILLION


def _abilities(entry: prices.Entry | None) -> Mapping[Ability, bool]:
    if entry is None:
        return {}
    return {ability: value for ability, key in _SUPPORTS.items() if isinstance(value := entry.get(key), bool)}


def _rates(entry: prices.Entry | None, over: prices.Entry) -> Rates:
    if entry is None or not all(field in over or entry.get(field) for field in prices.MAIN_RATES):
        return Rates()
    known = {name: _rate(entry, field) for name, field in _RATES.items()}
    return Rates(**{**known, "reasoning": known["reasoning"] if known["reasoning"] is not None else known["output"]})


def _rate(entry: prices.Entry, field: str) -> int | None:
    value = entry.get(field)
    return round(float(value) * prices.NANO * _MILLION) if isinstance(value, int | float) else None


def _whole(entry: prices.Entry | None, field: str) -> int | None:
    value = None if entry is None else entry.get(field)
    return int(cast("float", value)) if isinstance(value, int | float) and value > 0 else None


def _in_range(name: str, value: int | None, least: int, most: int, unit: str) -> None:
    if value is not None and not least <= value <= most:
        raise UserError(
            f"{name} is {value}, which is not between {least} and {most} {unit}.",
            code="model_fact_out_of_range",
            remedy="Correct the value in the model's settings.",
        )
