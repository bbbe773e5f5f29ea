"""The Test Anything Protocol, versions 12 to 14, with subtests and YAML blocks as node:test writes."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number, place_in
from draftsmith.domain.testing import CaseStatus

FORMAT = "tap"
_POINT = re.compile(
    r"^(?P<indent> *)(?P<verdict>ok|not ok)\b(?: +(?P<number>\d+))?(?: +- +| +)?(?P<name>.*?)"
    r"(?: # (?P<directive>(?i:skip|todo))\b.*)?$"
)
_PLAN = re.compile(r"^1\.\.\d+", re.MULTILINE)
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest: (?P<name>.+)$")
_LOCATION = re.compile(r"^\s+location: '?(?P<path>[^'\n]{1,400}?):(?P<line>\d{1,8})(?::\d+)?'?$")
_SAID = re.compile(r"^\s+(?:error|message): '?(?P<text>.*?)'?$")


def read_tap(text: str) -> Report | None:
    """None when there is neither a plan nor a version line."""
    if not _PLAN.search(text) and not text.lstrip().startswith("TAP version"):
        return None
    cases = Cases()
    groups: dict[int, str] = {}
    parents: set[str] = set()
    last = ""
    block = folded = False
    for row in text.splitlines():
        if row.strip() == "---":
            block, folded = True, False
        elif row.strip() == "...":
            block = folded = False
        elif block:
            folded = _learn(cases, last, row, folded=folded)
        elif group := _SUBTEST.match(row):
            depth = len(group["indent"])
            groups = {level: name for level, name in groups.items() if level < depth}
            groups[depth] = _unescaped(group["name"])
        elif point := _POINT.match(row):
            depth = len(point["indent"])
            last = _add(cases, point, [groups[level] for level in sorted(groups) if level < depth], parents)
            groups = {level: name for level, name in groups.items() if level < depth}
    return _without_groups(cases, parents)


def _add(cases: Cases, point: re.Match[str], above: list[str], parents: set[str]) -> str:
    title = _unescaped(point["name"].strip()) or f"test {point['number'] or ''}".strip()
    name = " › ".join([*above, title])
    parents.update(" › ".join(above[:depth]) for depth in range(1, len(above) + 1))
    status: CaseStatus = "passed" if point["verdict"] == "ok" else "failed"
    if point["directive"]:
        status = "skipped"
    cases.add(name, status)
    return name


def _learn(cases: Cases, name: str, row: str, *, folded: bool) -> bool:
    """One line of a YAML block; whether the error's text goes on in the next."""
    if place := _LOCATION.match(row):
        cases.place(name, place["path"], number(place["line"]))
    elif said := _SAID.match(row):
        if said["text"] in ("|-", "|", ">-", ">"):
            return True
        cases.place(name, "", 0, said["text"])
    elif folded and row.strip():
        path, line = place_in(row)
        cases.place(name, path, line, row.strip())
        return False
    return folded


def _without_groups(cases: Cases, parents: set[str]) -> Report:
    """A group fails because of its tests: counted are those."""
    whole = cases.report(FORMAT)
    kept = Cases()
    for one in whole.cases:
        if one.name not in parents:
            kept.add(one.name, one.status, path=one.path, line=one.line, message=one.message)
    return kept.report(FORMAT)


def _unescaped(name: str) -> str:
    return name.replace("\\#", "#").replace("\\\\", "\\")
