"""pytest's own text: the short summary (`-rA`, `-rfE`), the lines of `-v`, and the counts at the end."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number
from draftsmith.domain.testing import CaseStatus

FORMAT = "pytest"
_STATUS: dict[str, CaseStatus] = {
    "PASSED": "passed",
    "XPASS": "passed",
    "FAILED": "failed",
    "ERROR": "error",
    "SKIPPED": "skipped",
    "XFAIL": "skipped",
}
_SHORT = re.compile(r"^(?P<word>PASSED|FAILED|ERROR|XFAIL|XPASS) (?P<name>\S+\.\w+(?:::.+?)?)(?: - (?P<said>.*))?$")
_SKIPPED = re.compile(r"^SKIPPED \[(?P<times>\d+)\] (?P<path>[^:\n]+?)(?::(?P<line>\d+))?: (?P<said>.*)$")
_VERBOSE = re.compile(r"^(?P<name>\S+\.\w+::.+?) (?P<word>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
_END = re.compile(r"^(?:=+ )?(?P<counts>(?:\d+ [a-z]+(?:, )?)+|no tests ran) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$")
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
_HEADING = re.compile(r"^_{3,} (?:ERROR (?:at (?:setup|teardown) of|collecting) )?(?P<name>.+?) _{3,}$")
_PLACE = re.compile(r"^(?P<path>[^\s:]{1,400}\.\w+):(?P<line>\d{1,8}): ")


def read_pytest_text(text: str) -> Report | None:
    """None without the counts at the end."""
    rows = text.splitlines()
    end = next((found for row in reversed(rows) if (found := _END.match(row.strip()))), None)
    if end is None:
        return None
    announced = {what.rstrip("s"): number(many) for many, what in _COUNT.findall(end["counts"])}
    cases = Cases()
    for row in rows:
        if found := _SHORT.match(row):
            name = found["name"]
            cases.add(name, _STATUS[found["word"]], path=name.partition("::")[0], message=found["said"] or "")
        elif found := _VERBOSE.match(row):
            cases.add(found["name"], _STATUS[found["word"]], path=found["name"].partition("::")[0])
    _places(cases, rows)
    return cases.report(
        FORMAT,
        passed=announced.get("passed", 0) + announced.get("xpassed", 0),
        bad=announced.get("failed", 0) + announced.get("error", 0),
        skipped=announced.get("skipped", 0) + announced.get("xfailed", 0),
    )


def _places(cases: Cases, rows: list[str]) -> None:
    """Each traceback ends with the place; its heading is the test's name without its file."""
    names: dict[str, list[str]] = {}
    for one in cases.report(FORMAT).cases:
        if one.bad:
            _, _, inner = one.name.partition("::")
            names.setdefault(inner.replace("::", ".") or one.path, []).append(one.name)
    current = ""
    found: dict[str, tuple[str, int]] = {}
    for row in rows:
        if heading := _HEADING.match(row):
            current = (names.get(heading["name"]) or [""])[0]
        elif current and (place := _PLACE.match(row)):
            found[current] = (place["path"], number(place["line"]))
    for name, (path, line) in found.items():
        if path == name.partition("::")[0]:
            cases.place(name, path, line)
