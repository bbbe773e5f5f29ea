"""Prices and limits of models from the map that LiteLLM ships, read without importing LiteLLM.

Zero is the price of local servers only: for a cloud model it stands for "unknown" in that map.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from draftsmith.domain.conversation import Usage
from draftsmith.models.providers import ModelName, Provider, parse_model

NANO = 1_000_000_000
_MAP_FILE = "model_prices_and_context_window_backup.json"
_SPECIAL_RATE = re.compile(r"_(batches|flex|priority)$")
"""Rates of service tiers that Draftsmith does not ask for."""
_THRESHOLD = re.compile(r"_above_(\d+)k_tokens$")

Entry = Mapping[str, object]
NOTHING_OVER: Entry = MappingProxyType({})
"""No facts of the user's own."""
MAIN_RATES = ("input_cost_per_token", "output_cost_per_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Nano-dollars per million tokens, at the standard tier."""

    input_nano_usd: int
    output_nano_usd: int


@functools.cache
def _price_map() -> Mapping[str, Entry]:
    spec = importlib.util.find_spec("litellm")  # locates the package without running it
    if spec is None or spec.origin is None:
        return {}
    loaded: Mapping[str, Entry] = json.loads(Path(spec.origin).with_name(_MAP_FILE).read_text(encoding="utf-8"))
    return loaded


def load_prices() -> None:
    """Read the price map (2 MB) now; call it in a thread."""
    _price_map()


def context_window(model: str, over: Entry = NOTHING_OVER) -> int | None:
    """Tokens of input that the model reads; `None` when unknown."""
    entry = entry_of(parse_model(model), over)
    value = None if entry is None else entry.get("max_input_tokens") or entry.get("max_tokens")
    return int(value) if isinstance(value, int | float) else None


def price(model: str, over: Entry = NOTHING_OVER) -> Price | None:
    """What a million tokens cost; `None` when unknown, zeros for a local server."""
    name = parse_model(model)
    if name.provider.local:
        return Price(input_nano_usd=0, output_nano_usd=0)
    entry = _priced(name, over)
    if entry is None:
        return None
    million = NANO * 1_000_000
    return Price(
        input_nano_usd=round(_number(entry["input_cost_per_token"]) * million),
        output_nano_usd=round(_number(entry["output_cost_per_token"]) * million),
    )


def cost_nano_usd(model: str, usage: Usage, over: Entry = NOTHING_OVER) -> int | None:
    """What one call costs at the standard tier; `None` when the price is unknown, 0 for a local server.

    Tokens written to a vendor's cache at an extra charge are not in `Usage`; adapters that know them count
    them themselves.
    """
    name = parse_model(model)
    if name.provider.local:
        return 0
    entry = _priced(name, over)
    if entry is None:
        return None
    read = _rate(entry, "input_cost_per_token", usage.input_tokens)
    cached = _rate(entry, "cache_read_input_token_cost", usage.input_tokens) or read
    written = _rate(entry, "output_cost_per_token", usage.input_tokens)
    thought = _rate(entry, "output_cost_per_reasoning_token", usage.input_tokens) or written
    fresh, shown = usage.input_tokens - usage.cached_tokens, usage.output_tokens - usage.reasoning_tokens
    paid = fresh * read + usage.cached_tokens * cached + shown * written + usage.reasoning_tokens * thought
    return math.ceil(paid * NANO - 1e-6)


def worst_case_nano_usd(
    model: str, input_tokens: int, max_output_tokens: int, over: Entry = NOTHING_OVER
) -> int | None:
    """Upper bound at the dearest standard rate of input (writing to the cache included) and output."""
    name = parse_model(model)
    if name.provider.local:
        return 0
    entry = _priced(name, over)
    if entry is None:
        return None
    read = _dearest(entry, ("input_cost_per_token", "cache_creation_input_token_cost"))
    written = _dearest(entry, ("output_cost_per_token", "output_cost_per_reasoning_token"))
    return math.ceil((input_tokens * read + max_output_tokens * written) * NANO - 1e-6)


def names(provider: Provider) -> tuple[str, ...]:
    """The chat models with tools that the map has of a provider, as `provider/model`."""
    prefix = f"{provider.litellm_name}/"
    found = {
        f"{provider.name}/{key.removeprefix(prefix)}"
        for key, entry in _price_map().items()
        if entry.get("litellm_provider") == provider.litellm_name
        and entry.get("mode") == "chat"
        and entry.get("supports_function_calling")
        and "/" not in key.removeprefix(prefix)
        and not key.startswith("ft:")
    }
    return tuple(sorted(found)) if provider.base_url is not None and not provider.local else ()


def entry_of(name: ModelName, over: Entry = NOTHING_OVER) -> Entry | None:
    """What the map has of a model, with the fields of `over` laid over it; None when neither knows anything.

    A rate in `over` holds for prompts of any length: the map's rates above a threshold fall away with it.
    """
    shipped = None if name.provider.local else _shipped(name)
    if not over:
        return shipped
    kept = {key: value for key, value in (shipped or {}).items() if not key.startswith(tuple(over))}
    return {**kept, **over}


def _shipped(name: ModelName) -> Entry | None:
    known = _price_map()
    if name.provider.base_url is None:
        return None
    for key in (f"{name.provider.litellm_name}/{name.bare}", name.bare):
        entry = known.get(key)
        if entry is not None and entry.get("litellm_provider") == name.provider.litellm_name:
            return entry
    return None


def _priced(name: ModelName, over: Entry) -> Entry | None:
    """The entry when both of its main prices are known; zero is a price only when the user says so."""
    entry = entry_of(name, over)
    known = entry is not None and all(field in over or entry.get(field) for field in MAIN_RATES)
    return entry if known else None


def _rate(entry: Entry, field: str, input_tokens: int) -> float:
    """The rate of `field` for a prompt of this length; vendors charge more above a threshold."""
    rate, reached = _number(entry.get(field)), 0
    for key, value in entry.items():
        if not key.startswith(f"{field}_above_") or (found := _THRESHOLD.search(key)) is None:
            continue
        threshold = int(found.group(1)) * 1000
        if input_tokens > threshold > reached:
            rate, reached = _number(value), threshold
    return rate


def _dearest(entry: Entry, fields: tuple[str, ...]) -> float:
    return max(
        _number(value) for key, value in entry.items() if key.startswith(fields) and not _SPECIAL_RATE.search(key)
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
