"""The models that are considered by themselves when there is a key, each pinned to a version: data.

Strengths are what is assumed before anything is recorded; a few dozen recorded tasks outweigh them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from draftsmith.models import prices
from draftsmith.models.providers import parse_model

UNKNOWN_STRENGTH = 0.6
LOCAL_STRENGTH = 0.35
_DATED = re.compile(r"^(?P<name>.+?)-(?P<date>20\d\d-?\d\d-?\d\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`pinned` is what requests for `model` really name; the vendor gives no dated name where both are equal."""

    model: str
    pinned: str
    strength: float


LINEUP: tuple[Line, ...] = (
    Line(model="anthropic/claude-opus-4-7", pinned="anthropic/claude-opus-4-7-20260416", strength=0.84),
    Line(model="anthropic/claude-sonnet-4-6", pinned="anthropic/claude-sonnet-4-6", strength=0.82),
    Line(model="anthropic/claude-haiku-4-5", pinned="anthropic/claude-haiku-4-5-20251001", strength=0.62),
    Line(model="openai/gpt-5.5", pinned="openai/gpt-5.5-2026-04-23", strength=0.84),
    Line(model="openai/gpt-5.4", pinned="openai/gpt-5.4-2026-03-05", strength=0.82),
    Line(model="openai/gpt-5.4-mini", pinned="openai/gpt-5.4-mini-2026-03-17", strength=0.64),
    Line(model="gemini/gemini-2.5-pro", pinned="gemini/gemini-2.5-pro", strength=0.72),
    Line(model="gemini/gemini-2.5-flash", pinned="gemini/gemini-2.5-flash", strength=0.58),
)
_BY_MODEL = {line.model: line for line in LINEUP}


def of_provider(provider: str) -> tuple[str, ...]:
    """The models of the line-up for which a key of this provider is enough."""
    return tuple(line.model for line in LINEUP if line.model.startswith(f"{provider}/"))


def strength(model: str, *, local: bool) -> float:
    """What is assumed of a model before any record, 0 to 1."""
    line = _BY_MODEL.get(model) or _BY_MODEL.get(undated(model))
    if line is not None:
        return line.strength
    return LOCAL_STRENGTH if local else UNKNOWN_STRENGTH


def pinned(model: str, pins: dict[str, str]) -> str:
    """The version that requests for `model` go to: the user's pin, else the shipped one, else itself."""
    line = _BY_MODEL.get(model)
    return pins.get(model) or (model if line is None else line.pinned)


def newer_pins(model: str, pins: dict[str, str]) -> tuple[str, ...]:
    """Dated versions of `model` that are newer than its pin, newest first."""
    held = _DATED.match(pinned(model, pins))
    if held is None:
        return ()
    found: list[tuple[str, str]] = []
    for other in prices.names(parse_model(model).provider):
        dated = _DATED.match(other)
        if dated is not None and dated["name"] == held["name"] and _digits(dated["date"]) > _digits(held["date"]):
            found.append((_digits(dated["date"]), other))
    return tuple(other for _, other in sorted(found, reverse=True))


def undated(model: str) -> str:
    """The name without the date of a version."""
    dated = _DATED.match(model)
    return model if dated is None else dated["name"]


def _digits(date: str) -> str:
    return date.replace("-", "")
