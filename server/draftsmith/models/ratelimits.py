"""What a vendor's response headers say of the requests and tokens that are left, in one form.

Reads headers only; when to wait is decided in `health`. Times are seconds of a monotonic clock.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["requests", "tokens"]

_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST_S = 86400.0
"""A reset that is further away than a day is a misreading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An allowance: `left` of `limit` until `resets_at`. `limit` is None when the vendor does not say it."""

    unit: Unit
    limit: int | None
    left: int
    resets_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    unit: Unit
    limit: str
    left: str
    reset: str


_SPELLINGS = (
    # OpenAI and most of those that speak its API; spans such as "6m0s", "120ms"
    _Names(
        unit="requests",
        limit="x-ratelimit-limit-requests",
        left="x-ratelimit-remaining-requests",
        reset="x-ratelimit-reset-requests",
    ),
    _Names(
        unit="tokens",
        limit="x-ratelimit-limit-tokens",
        left="x-ratelimit-remaining-tokens",
        reset="x-ratelimit-reset-tokens",
    ),
    # Anthropic; instants as RFC 3339. Input tokens have a window of their own besides the sum.
    _Names(
        unit="requests",
        limit="anthropic-ratelimit-requests-limit",
        left="anthropic-ratelimit-requests-remaining",
        reset="anthropic-ratelimit-requests-reset",
    ),
    _Names(
        unit="tokens",
        limit="anthropic-ratelimit-tokens-limit",
        left="anthropic-ratelimit-tokens-remaining",
        reset="anthropic-ratelimit-tokens-reset",
    ),
    _Names(
        unit="tokens",
        limit="anthropic-ratelimit-input-tokens-limit",
        left="anthropic-ratelimit-input-tokens-remaining",
        reset="anthropic-ratelimit-input-tokens-reset",
    ),
    # The older IETF drafts, without a unit: requests
    _Names(unit="requests", limit="ratelimit-limit", left="ratelimit-remaining", reset="ratelimit-reset"),
    _Names(unit="requests", limit="x-ratelimit-limit", left="x-ratelimit-remaining", reset="x-ratelimit-reset"),
)


def windows(headers: Mapping[str, str], *, now: float, wall: float) -> tuple[Window, ...]:
    """The allowances that the headers state, the scarcest for each unit first.

    `now` is the monotonic clock, `wall` Unix time, both in seconds. What cannot be read is left out.
    """
    lowered = {name.lower().removeprefix("llm_provider-"): value for name, value in headers.items()}
    found: list[Window] = []
    for names in _SPELLINGS:
        left = _whole(lowered.get(names.left))
        if left is None:
            continue
        wait = _wait(lowered.get(names.reset), wall)
        if wait is None:
            continue
        found.append(Window(unit=names.unit, limit=_whole(lowered.get(names.limit)), left=left, resets_at=now + wait))
    return tuple(sorted(found, key=lambda window: (window.unit, window.left)))


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.split(",", 1)[0].split(";", 1)[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


def _wait(text: str | None, wall: float) -> float | None:
    """Seconds until the reset: a span with units, a number of seconds, an instant as Unix time or RFC 3339."""
    if not text:
        return None
    text = text.strip()
    spans = _SPAN.findall(text)
    if spans and _SPAN.sub("", text) == "":
        return _bounded(sum(float(number) * _SECONDS[unit] for number, unit in spans))
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return _bounded(number - wall if number > wall / 2 else number)
    try:
        instant = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=datetime.UTC)
    return _bounded(instant.timestamp() - wall)


def _bounded(seconds: float) -> float | None:
    return max(0.0, seconds) if seconds <= _LONGEST_S else None
