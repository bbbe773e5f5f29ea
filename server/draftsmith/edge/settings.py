"""What the user set for the edge: in the editor's settings (section `draftsmith`) or in `initializationOptions`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from draftsmith.edge.values import JsonObject, JsonValue

Autonomy = Literal["suggest", "ask", "auto"]
Marks = Literal["auto", "on", "off"]


MOST_STEPS = 100_000
MOST_MINUTES = 10_080


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`hunk_marks`: pending hunks as diagnostics, too; `auto` where the editor has no code lenses.

    `budget_nano_usd`, `steps` and `seconds` are what a new session may spend; None leaves it to the server.
    """

    model: str = ""
    autonomy: Autonomy = "ask"
    budget_nano_usd: int | None = None
    steps: int | None = None
    seconds: int | None = None
    function_lenses: bool = False
    hunk_marks: Marks = "auto"
    problems: tuple[str, ...] = ()
    """What of the settings was not understood, in words for the user."""


def settings_of(raw: JsonValue) -> Settings:
    """Unknown names are left alone: an extension has settings of its own in the same section."""
    if not isinstance(raw, dict):
        return Settings()
    problems: list[str] = []
    budget = _number(raw, "budget", "dollars as a number above 0", problems)
    steps = _number(raw, "steps", f"a whole number from 1 to {MOST_STEPS:,}", problems, most=MOST_STEPS, whole=True)
    minutes = _number(raw, "minutes", f"a number above 0 and up to {MOST_MINUTES:,}", problems, most=MOST_MINUTES)
    return Settings(
        model=_text(raw, "model", problems),
        autonomy=cast("Autonomy", _choice(raw, "autonomy", ("suggest", "ask", "auto"), "ask", problems)),
        budget_nano_usd=None if budget is None else round(budget * 1_000_000_000),
        steps=None if steps is None else int(steps),
        seconds=None if minutes is None else max(1, round(minutes * 60)),
        function_lenses=_flag(raw, "functionLenses", problems),
        hunk_marks=cast("Marks", _choice(raw, "hunkMarks", ("auto", "on", "off"), "auto", problems)),
        problems=tuple(problems),
    )


OF_A_SESSION = {
    "model": "model",
    "autonomy": "autonomy",
    "budget": "budget_nano_usd",
    "steps": "steps",
    "minutes": "seconds",
}
"""Settings that one start may have of its own, and where they are kept."""


def for_one_session(settings: Settings, raw: JsonObject) -> Settings:
    """The settings with what was said for this one; `problems` are those of what was said."""
    said = settings_of(raw)
    unknown = tuple(
        f"`{name}` is not known; there are {', '.join(OF_A_SESSION)}." for name in raw.keys() - OF_A_SESSION
    )
    changed = {field: getattr(said, field) for name, field in OF_A_SESSION.items() if raw.get(name) is not None}
    return replace(settings, **changed, problems=(*said.problems, *unknown))


def _number(
    raw: JsonObject, name: str, wanted: str, problems: list[str], *, most: float = 1e9, whole: bool = False
) -> float | None:
    """A number above 0; None for nothing, and for 0 or an empty string, by which settings are emptied."""
    value = raw.get(name)
    if value is None or value == "" or (value == 0 and not isinstance(value, bool)):
        return None
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= most
    if isinstance(value, (int, float)) and fits and (not whole or value == int(value)):
        return value
    problems.append(f"`draftsmith.{name}` is {value!r}; give {wanted}.")
    return None


def _text(raw: JsonObject, name: str, problems: list[str]) -> str:
    value = raw.get(name)
    if isinstance(value, str):
        return value.strip()
    if value is not None:
        problems.append(f"`draftsmith.{name}` is {value!r}; give a string.")
    return ""


def _flag(raw: JsonObject, name: str, problems: list[str]) -> bool:
    value = raw.get(name)
    if isinstance(value, bool):
        return value
    if value is not None:
        problems.append(f"`draftsmith.{name}` is {value!r}; give true or false.")
    return False


def _choice(raw: JsonObject, name: str, choices: tuple[str, ...], default: str, problems: list[str]) -> str:
    value = raw.get(name)
    if value is None or value in choices:
        return default if value is None else str(value)
    problems.append(f"`draftsmith.{name}` is {value!r}; give one of {', '.join(choices)}.")
    return default
