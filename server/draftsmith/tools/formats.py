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


def without_unoffered(names: Sequence[str], formats: Sequence[str]) -> tuple[str, ...]:
    """The tools, less those of formats that are not offered."""
    hidden = {tool for one, tool in TOOL_OF.items() if one not in formats}
    return tuple(name for name in names if name not in hidden)
