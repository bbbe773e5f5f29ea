"""Complexity, size and maintainability of each function, and duplicated code, by lizard, for its many languages."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from draftsmith.domain.gates import Finding

MAX_BYTES = 500_000
MAX_DUPLICATE_BYTES = 300_000
COMPLEX = 15
LONG_LINES = 100
MANY_PARAMETERS = 8
HARD_TO_MAINTAIN = 20.0
DUPLICATE_TOKENS = 100
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFigures:
    """`complexity` is McCabe's; `lines` without blanks and comments. `maintainability` is the index from 0 (worst) to
    100 of Oman and Hagemeister as Visual Studio scales it, with the volume counted over all tokens."""

    name: str
    line: int
    end_line: int
    lines: int
    complexity: int
    parameters: int
    maintainability: float


@lru_cache(maxsize=8)  # a gate asks several times for the two sides of a file
def function_figures(path: str, text: str) -> tuple[FunctionFigures, ...] | None:
    """None when lizard does not read the language, or the file is too large. Call it in a thread."""
    found = _analyse(path, text, [])
    if found is None:
        return None
    rows = text.split("\n")
    return tuple(
        FunctionFigures(
            name=one.name,
            line=one.start_line,
            end_line=one.end_line,
            lines=one.nloc,
            complexity=one.cyclomatic_complexity,
            parameters=len(one.full_parameters),
            maintainability=_maintainability("\n".join(rows[one.start_line - 1 : one.end_line]), one),
        )
        for one in found.function_list
    )


def _analyse(path: str, text: str, extensions: list[Any]) -> Any:
    # Late: only the gates that look at figures need it.
    import lizard
    from lizard_languages import get_reader_for

    if len(text) > MAX_BYTES or get_reader_for(path) is None:
        return None
    analyser = lizard.FileAnalyzer(lizard.get_extensions(extensions))
    try:
        return analyser.analyze_source_code(path, text)
    except (RecursionError, IndexError, ValueError, AttributeError, KeyError):
        # Its readers give up in these ways on text that is not quite the language.
        return None


def _maintainability(text: str, function: Any) -> float:
    tokens = _TOKEN.findall(text)
    volume = len(tokens) * math.log2(max(len(set(tokens)), 2))
    index = (
        171
        - 5.2 * math.log(max(volume, 1))
        - 0.23 * function.cyclomatic_complexity
        - 16.2 * math.log(max(function.nloc, 1))
    )
    return round(max(0.0, min(100.0, index * 100 / 171)), 1)


def function_findings(path: str, before: str | None, after: str) -> tuple[Finding, ...] | None:
    """What got worse: functions that passed a limit, or lie beyond it and grew. None when it cannot be told."""
    now = function_figures(path, after)
    if now is None:
        return None
    then: Mapping[str, FunctionFigures] = {one.name: one for one in (function_figures(path, before or "") or ())}
    found: list[Finding] = []
    for one in now:
        old = then.get(one.name)
        for rule, value, limit, was, words in (
            ("complexity", one.complexity, COMPLEX, old.complexity if old else 0, "branches in {} ways"),
            ("length", one.lines, LONG_LINES, old.lines if old else 0, "has {} lines of code"),
            ("parameters", one.parameters, MANY_PARAMETERS, old.parameters if old else 0, "has {} parameters"),
        ):
            if value > limit and value > was:
                earlier = f", before {was}" if old else ""
                found.append(
                    Finding(
                        path=path,
                        line=one.line,
                        severity="minor",
                        message=f"{one.name} {words.format(value)}{earlier}; over {limit} is hard to follow.",
                        remedy="Split it where it does several things.",
                        rule=f"lizard:{rule}",
                    )
                )
        worse = one.maintainability < HARD_TO_MAINTAIN and (old is None or one.maintainability < old.maintainability)
        if worse:
            found.append(
                Finding(
                    path=path,
                    line=one.line,
                    severity="minor",
                    message=f"{one.name} has a maintainability index of {one.maintainability:.0f} of 100.",
                    rule="lizard:maintainability",
                )
            )
    return tuple(found)


def changed_figures(path: str, before: str | None, after: str) -> tuple[FunctionFigures, ...]:
    """Figures of the functions that are new or whose text changed."""
    now = function_figures(path, after) or ()
    then = {one.name: _text_of(before or "", one) for one in (function_figures(path, before or "") or ())}
    return tuple(one for one in now if then.get(one.name) != _text_of(after, one))


def _text_of(text: str, one: FunctionFigures) -> str:
    return "\n".join(text.split("\n")[one.line - 1 : one.end_line])


def duplicates(files: Mapping[str, str]) -> tuple[tuple[tuple[str, int, int], ...], ...]:
    """Runs of at least `DUPLICATE_TOKENS` tokens that stand several times: their files and lines."""
    from lizard_ext.lizardduplicate import LizardExtension

    extension = LizardExtension()
    read = [_analyse(path, text, [extension]) for path, text in _within_bound(files).items()]
    deque(extension.cross_file_process([one for one in read if one is not None]), maxlen=0)
    groups = extension.get_duplicates(DUPLICATE_TOKENS) if extension.nodes else ()
    return tuple(tuple((one.file_name, one.start_line, one.end_line) for one in group) for group in groups)


def _within_bound(files: Mapping[str, str]) -> Mapping[str, str]:
    kept: dict[str, str] = {}
    left = MAX_DUPLICATE_BYTES
    for path in sorted(files, key=lambda path: len(files[path])):
        left -= len(files[path])
        if left < 0:
            break
        kept[path] = files[path]
    return kept


def duplicate_findings(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Finding, ...]:
    """Duplicates among the changed files that were not there before, each told once, at its second place."""
    groups = duplicates(after)
    if not groups:
        return ()
    known = {_lines_of(before, path, start, end) for group in duplicates(before) for path, start, end in group}
    found: list[Finding] = []
    for group in groups:
        first, second = group[0], group[1]
        if _lines_of(after, *second) in known and _lines_of(after, *first) in known:
            continue
        found.append(
            Finding(
                path=second[0],
                line=second[1],
                severity="minor",
                message=f"Lines {second[1]} to {second[2]} repeat {first[0]}:{first[1]} to {first[2]}.",
                remedy="Put what they share in one place.",
                rule="lizard:duplicate",
            )
        )
    return tuple(found)


def _lines_of(files: Mapping[str, str], path: str, start: int, end: int) -> str:
    return "\n".join(files.get(path, "").split("\n")[start - 1 : end])
