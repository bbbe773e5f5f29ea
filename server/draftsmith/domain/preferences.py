"""What a user prefers of the screens: small values by name, a stream of their own. Pure; no screen is known here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar

from draftsmith.domain.errors import IllegalCommand

MAX_PREFERENCES = 200
MAX_VALUE = 64_000
"""Characters of a value as JSON."""

_NAME = re.compile(r"[A-Za-z][A-Za-z.]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPreferenceKept:
    """`value` is JSON text; None: as it is without the user's word."""

    kind: ClassVar[str] = "screen_preference_kept"
    kind_version: ClassVar[int] = 1
    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPreferences:
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    version: int = 0


def decide_preference(state: ScreenPreferences, wanted: ScreenPreferenceKept) -> tuple[ScreenPreferenceKept, ...]:
    """The event, or none when it already is so. Raises IllegalCommand (`bad_preference`)."""
    if reason := _refusal(state, wanted):
        raise IllegalCommand(reason, code="bad_preference", remedy="Nothing was changed.")
    return () if state.values.get(wanted.name) == wanted.value else (wanted,)


def evolve_preferences(state: ScreenPreferences, event: ScreenPreferenceKept) -> ScreenPreferences:
    values = {name: value for name, value in state.values.items() if name != event.name}
    if event.value is not None:
        values[event.name] = event.value
    return replace(state, values=MappingProxyType(values), version=state.version + 1)


def _refusal(state: ScreenPreferences, wanted: ScreenPreferenceKept) -> str:
    if not _NAME.fullmatch(wanted.name):
        return f"{wanted.name[:80]!r} is no name of a preference: letters and dots."
    if wanted.value is None:
        return ""
    if len(wanted.value) > MAX_VALUE:
        return f"A preference has at most {MAX_VALUE:,} characters."
    try:
        json.loads(wanted.value, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return f"The content of {wanted.name} is not JSON, or nested too deeply."
    if wanted.name not in state.values and len(state.values) >= MAX_PREFERENCES:
        return f"There are {MAX_PREFERENCES} preferences already; that is the limit."
    return ""


def _no_json(word: str) -> None:
    """`NaN` and `Infinity`: Python reads them, browsers do not."""
    raise ValueError(word)
