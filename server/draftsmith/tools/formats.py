"""Which edit formats a model is offered: by its name, or as the setting says. Any model may use all of them.

Search and replace works for every model; patches only for those that were trained on them, so they are not for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from draftsmith.domain.errors import UserError

SETTING = "DRAFTSMITH_RUNNER_EDIT_FORMATS"
"""`search,patch` for all models, or by model: `gpt-*=search,patch; *=search,symbol`."""

TOOL_OF: Mapping[str, str] = {
    "search": "edit",
    "symbol": "replace_symbol",
    "lines": "edit_lines",
    "patch": "apply_patch",
}

ENOUGH_EDITS = 8
POOR = 0.5
"""A format in which fewer of at least so many edits fitted is left out."""
USUAL = 0.9
PRIOR_EDITS = 4
"""What is assumed of a format before anything is recorded, and how many edits that weighs."""

_BY_MODEL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("gpt-*", ("search", "symbol", "patch")),
    ("*codex*", ("search", "symbol", "patch")),
    ("*", ("search", "symbol")),
)


def formats_for(model: str, setting: str = "") -> tuple[str, ...]:
    """The formats to offer a model, named `provider/model` or `model`. Raises `UserError` (`bad_edit_formats`)."""
    name = model.rsplit("/", 1)[-1].lower()
    for pattern, formats in (*parse_setting(setting), *_BY_MODEL):
        if fnmatchcase(name, pattern) or fnmatchcase(model.lower(), pattern):
            return formats
    return tuple(TOOL_OF)


def parse_setting(setting: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The setting as patterns with their formats. Raises `UserError` (`bad_edit_formats`)."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for part in filter(str.strip, setting.split(";")):
        pattern, given, formats = part.rpartition("=")
        names = tuple(name.strip() for name in formats.split(",") if name.strip())
        unknown = [name for name in names if name not in TOOL_OF]
        if unknown or not names:
            raise UserError(
                f"{SETTING} is {setting!r}; {unknown[0] if unknown else part.strip()!r} is no edit format.",
                code="bad_edit_formats",
                remedy=f"The formats are {', '.join(TOOL_OF)}; for example `search,symbol` or `gpt-*=search,patch`.",
            )
        found.append((pattern.strip().lower() if given else "*", names))
    return tuple(found)


def by_record(formats: Sequence[str], record: Mapping[str, tuple[int, int]]) -> tuple[tuple[str, ...], str]:
    """The formats by how often edits in them fitted (`record`: tried and good, by format), and that in words.

    Without a record the order stays. One that mostly fails is left out where another does better.
    """

    def expected(name: str) -> float:
        tried, good = record.get(name, (0, 0))
        return (good + PRIOR_EDITS * USUAL) / (tried + PRIOR_EDITS)

    def poor(name: str) -> bool:
        tried, good = record.get(name, (0, 0))
        return tried >= ENOUGH_EDITS and good / tried < POOR < best

    best = max(map(expected, formats), default=0.0)
    ranked = sorted(formats, key=expected, reverse=True)
    known = [(name, *record[name]) for name in ranked if record.get(name, (0, 0))[0]]
    measured = ", ".join(f"{name} ({good} of {tried} fitted)" for name, tried, good in known)
    out = [name for name in ranked if poor(name)]
    reason = (f"edits: {measured}" if measured else "") + (f", without {' and '.join(out)}" if out else "")
    return tuple(name for name in ranked if name not in out), reason


def without_unoffered(names: Sequence[str], formats: Sequence[str]) -> tuple[str, ...]:
    """The tools, less those of formats that are not offered; those that are come in the order of the formats."""
    of_formats = set(TOOL_OF.values())
    offered = iter([TOOL_OF[one] for one in formats if TOOL_OF[one] in names])
    kept = (next(offered, "") if name in of_formats else name for name in names)
    return tuple(filter(None, kept))
