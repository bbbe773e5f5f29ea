"""The spec reporter of node:test: what `node --test` prints when nobody asks for another one."""

from __future__ import annotations

import re
from itertools import pairwise

from draftsmith.code.testresults.report import Cases, Report, number
from draftsmith.domain.testing import CaseStatus

FORMAT = "node:test"
_CASE = re.compile(r"^(?P<indent> *)(?P<mark>[✔✖﹣⚠]) (?P<name>.+?) \([\d.]+(?:ms|s)\)(?: # (?P<note>.*))?$")
_GROUP = re.compile(r"^(?P<indent> *)▶ (?P<name>.+?)$")
_TOTAL = re.compile(r"^ℹ (?P<what>tests|pass|fail|cancelled|skipped|todo) (?P<number>\d+)$")
_PLACE = re.compile(r"^test at (?P<path>.{1,400}?):(?P<line>\d{1,8}):\d+$")
_STATUS: dict[str, CaseStatus] = {"✔": "passed", "✖": "failed", "﹣": "skipped", "⚠": "skipped"}


def read_node_spec(text: str) -> Report | None:
    """None without its closing counts."""
    rows = text.splitlines()
    totals = {one["what"]: number(one["number"]) for row in rows if (one := _TOTAL.match(row))}
    if "tests" not in totals or "pass" not in totals:
        return None
    cases, groups = Cases(), dict[int, str]()
    end = next((index for index, row in enumerate(rows) if row.startswith("✖ failing tests:")), len(rows))
    for index, row in enumerate(rows[:end]):
        if group := _GROUP.match(row):
            groups = {level: name for level, name in groups.items() if level < len(group["indent"])}
            groups[len(group["indent"])] = group["name"]
        elif case := _CASE.match(row):
            _add(cases, case, groups, _first_words(rows, index + 1))
    _places(cases, rows[end:])
    return cases.report(
        FORMAT, passed=totals["pass"], bad=totals.get("fail", 0) + totals.get("cancelled", 0), skipped=_skipped(totals)
    )


def _skipped(totals: dict[str, int]) -> int:
    return totals.get("skipped", 0) + totals.get("todo", 0)


def _add(cases: Cases, case: re.Match[str], groups: dict[int, str], said: str) -> None:
    depth = len(case["indent"])
    if groups.get(depth) == case["name"]:
        del groups[depth]  # the group's own closing line
        return
    status = _STATUS[case["mark"]]
    if (case["note"] or "").lower().startswith(("skip", "todo")):
        status = "skipped"
    above = [groups[level] for level in sorted(groups) if level < depth]
    cases.add(" › ".join([*above, case["name"]]), status, message=said if status == "failed" else "")


def _first_words(rows: list[str], start: int) -> str:
    for row in rows[start : start + 3]:
        if row.strip() and not row.strip().startswith(("✔", "✖", "▶", "﹣")):
            return row.strip()
    return ""


def _places(cases: Cases, rows: list[str]) -> None:
    """The list of failing tests at the end says where each stands, by its own name only."""
    known = [one.name for one in cases.report(FORMAT).cases if one.status == "failed"]
    for before, row in pairwise(rows):
        place, case = _PLACE.match(before), _CASE.match(row)
        if place is None or case is None:
            continue
        name = next((one for one in known if one.rpartition(" › ")[2] == case["name"]), "")
        if name:
            known.remove(name)
            cases.place(name, place["path"], number(place["line"]))
