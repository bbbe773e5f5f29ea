"""How a project's own test command is run so that its result can be read: variables, arguments and files, from data.

The command stays the project's; what is added only makes it tell more. Commands for running a few tests again alone
are made here, too, each name quoted for the shell.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from draftsmith.domain.testing import CaseOutcome

_SCRIPT_RUNNERS = re.compile(r"^(npm|pnpm|yarn|bun)\b")
_UNITTEST_NAME = re.compile(r"^(?P<method>\w+) \((?P<owner>[\w.]+)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    name: str
    command: str
    script: str
    env: tuple[tuple[str, str], ...]
    replace: tuple[str, str] | None
    append: str
    reports: tuple[str, ...]
    again: str
    select: str

    def fits(self, command: str, script: str) -> bool:
        if not re.search(self.command, command):
            return False
        if not self.script:
            return True
        return bool(re.search(self.script, script if _SCRIPT_RUNNERS.match(command) else command))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRun:
    """`command` with `env`; afterwards `reports` (patterns below the project's folder) hold what there is to read."""

    command: str
    env: tuple[tuple[str, str], ...]
    reports: tuple[str, ...]


@cache
def recipes() -> tuple[Recipe, ...]:
    table: dict[str, Any] = tomllib.loads(
        (files("draftsmith.code.testresults") / "data" / "recipes.toml").read_text("utf-8")
    )
    return tuple(_recipe(one) for one in table["recipe"])


def _recipe(one: Mapping[str, Any]) -> Recipe:
    swap = one.get("replace")
    return Recipe(
        name=one["name"],
        command=one["command"],
        script=one.get("script", ""),
        env=tuple(one.get("env", {}).items()),
        replace=(swap[0], swap[1]) if swap else None,
        append=one.get("append", ""),
        reports=tuple(one.get("reports", ())),
        again=one.get("again", ""),
        select=one.get("select", ""),
    )


def reported(command: str, script: str, folder: str, token: str) -> ReportedRun:
    """The command as it is run; `folder` is where the project lies for it, `token` makes names that nobody has."""
    return _reported(command, script, folder, token, "")


def again(command: str, script: str, folder: str, token: str, cases: Sequence[CaseOutcome]) -> ReportedRun | None:
    """The same for these tests alone; None when no recipe knows how."""
    for one in recipes():
        if one.again and one.fits(command, script):
            tests = _SELECT[one.select](cases)
            return _reported(command, script, folder, token, one.again.replace("{tests}", tests)) if tests else None
    return None


def _reported(command: str, script: str, folder: str, token: str, more: str) -> ReportedRun:
    file, place = f".draftsmith-{token}.report", f".draftsmith-{token}.reports"

    def filled(text: str) -> str:
        return text.replace("{report}", f"{folder}/{file}").replace("{folder}", f"{folder}/{place}")

    variables: dict[str, str] = {}
    patterns: list[str] = [file]
    arguments: list[str] = []
    run = command
    for one in recipes():
        if not one.fits(command, script):
            continue
        variables |= {name: filled(value) for name, value in one.env}
        patterns += (pattern.replace("{folder}", place) for pattern in one.reports)
        if one.replace is not None:
            run = run.replace(*one.replace, 1)
        if one.append:
            arguments.append(filled(one.append))
    if more.startswith("go\0"):
        run = run.replace("./...", more[3:], 1)
    elif more:
        arguments.append(more)
    if arguments:
        # npm and pnpm hand on what stands after two dashes; the others hand on everything.
        dashes = " --" if re.match(r"^npm\b", command) else ""
        run = " ".join([run + dashes, *arguments])
    return ReportedRun(command=run, env=tuple(variables.items()), reports=tuple(dict.fromkeys(patterns)))


def _ids(cases: Sequence[CaseOutcome]) -> str:
    return " ".join(shlex.quote(one.name) for one in cases)


def _dotted(cases: Sequence[CaseOutcome]) -> str:
    """unittest's `-k` takes a part of the dotted name; before Python 3.11 the method is not in the brackets."""
    found: list[str] = []
    for one in cases:
        if name := _UNITTEST_NAME.match(one.name):
            owner = name["owner"]
            whole = owner if owner.endswith(f".{name['method']}") else f"{owner}.{name['method']}"
            found.append(f"-k {shlex.quote(whole)}")
    return " ".join(found) if len(found) == len(cases) else ""


def _alternation(names: Sequence[str]) -> str:
    return shlex.quote("^(" + "|".join(_escaped(name) for name in dict.fromkeys(names)) + ")$")


def _escaped(name: str) -> str:
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", name)


def _names(cases: Sequence[CaseOutcome]) -> str:
    return shlex.quote("(" + "|".join(_escaped(one.name.rpartition(" › ")[2]) for one in cases) + ")$")


def _titles(cases: Sequence[CaseOutcome]) -> str:
    return _alternation([one.name.replace(" › ", " ") for one in cases])


def _places(cases: Sequence[CaseOutcome]) -> str:
    return " ".join(shlex.quote(f"{one.path}:{one.line}") for one in cases if one.path and one.line)


def _go(cases: Sequence[CaseOutcome]) -> str:
    """Packages and top-level tests: `go test` runs both by pattern only."""
    packages: dict[str, None] = {}
    tests: dict[str, None] = {}
    for one in cases:
        match = re.match(r"^(?P<package>.*?)\.(?P<test>(?:Test|Example|Fuzz)\w*)(?:/.*)?$", one.name)
        if match is None:
            return ""
        packages[match["package"]] = None
        tests[match["test"]] = None
    return "go\0-run " + _alternation(list(tests)) + " " + " ".join(shlex.quote(one) for one in packages)


_SELECT = {
    "ids": _ids,
    "dotted": _dotted,
    "names": _names,
    "titles": _titles,
    "places": _places,
    "go": _go,
}
