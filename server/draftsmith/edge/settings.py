"""What the user set for the edge: in the editor's settings (section `draftsmith`) or in `initializationOptions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from draftsmith.edge.values import JsonObject, JsonValue

Autonomy = Literal["suggest", "ask", "auto"]
Marks = Literal["auto", "on", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`hunk_marks`: pending hunks as diagnostics, too; `auto` where the editor has no code lenses."""

    model: str = ""
    autonomy: Autonomy = "ask"
    budget_nano_usd: int | None = None
    function_lenses: bool = False
    hunk_marks: Marks = "auto"
    problems: tuple[str, ...] = ()
    """What of the settings was not understood, in words for the user."""


def settings_of(raw: JsonValue) -> Settings:
    """Unknown names are left alone: an extension has settings of its own in the same section."""
    if not isinstance(raw, dict):
        return Settings()
    problems: list[str] = []
    budget = raw.get("budget")
    nano = None
    if isinstance(budget, (int, float)) and not isinstance(budget, bool) and budget > 0:
        nano = round(budget * 1_000_000_000)
    elif budget not in (None, 0, ""):
        problems.append(f"`draftsmith.budget` is {budget!r}; give dollars as a number above 0.")
    return Settings(
        model=_text(raw, "model", problems),
        autonomy=cast("Autonomy", _choice(raw, "autonomy", ("suggest", "ask", "auto"), "ask", problems)),
        budget_nano_usd=nano,
        function_lenses=_flag(raw, "functionLenses", problems),
        hunk_marks=cast("Marks", _choice(raw, "hunkMarks", ("auto", "on", "off"), "auto", problems)),
        problems=tuple(problems),
    )


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
