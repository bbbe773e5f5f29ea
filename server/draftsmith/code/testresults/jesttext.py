"""Jest's and Vitest's own text, where no report in JSON was asked for."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number, place_in
from draftsmith.domain.testing import CaseStatus

JEST = "jest text"
VITEST = "vitest text"
_FILE = re.compile(r"^(?P<word>PASS|FAIL)\s+(?P<path>\S+)(?: \([\d.]+ m?s\))?$")
_CASE = re.compile(r"^\s+(?P<mark>[✓✕○]) (?:skipped |todo )?(?P<name>.+?)(?: \([\d.]+ m?s\))?$")
_FAILURE = re.compile(r"^\s*● (?P<name>.+)$")
_TOTALS = re.compile(r"^Tests:\s+(?P<counts>.*\b\d+ total)$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) (failed|passed|skipped|todo)")
_MARKS: dict[str, CaseStatus] = {"✓": "passed", "✕": "failed", "○": "skipped"}
_VITEST_TOTALS = re.compile(r"^\s+Tests\s+(?P<counts>(?:\d+ \w+(?: \| )?)+)\s+\(\d+\)$", re.MULTILINE)
_VITEST_FAILURE = re.compile(r"^\s*FAIL\s+(?P<path>\S+)(?: \[ .+ \]| > (?P<name>.+))?$")
_VITEST_PLACE = re.compile(r"^\s*❯ (?P<path>[^\s:]+):(?P<line>\d+):\d+$")


def read_jest_text(text: str) -> Report | None:
    """None without the counts of either."""
    if totals := _TOTALS.search(text):
        return _jest(text, _counts(totals["counts"]))
    if totals := _VITEST_TOTALS.search(text):
        return _vitest(text, _counts(totals["counts"]))
    return None


def _counts(text: str) -> dict[str, int]:
    return {what: number(many) for many, what in _COUNT.findall(text)}


def _jest(text: str, counts: dict[str, int]) -> Report:
    cases = Cases()
    path = name = ""
    said: list[str] = []
    for row in [*text.splitlines(), "FAIL end"]:
        file, failure = _FILE.match(row), _FAILURE.match(row)
        if file or failure or row.startswith("Test Suites:"):
            _told(cases, name, path, said)
            name, said = "", []
        if file:
            path = file["path"].removeprefix("./")
        elif failure:
            name = failure["name"].strip()
            if name == "Test suite failed to run":
                name = f"{path.rpartition('/')[2]}: the file itself"
        elif name:
            said.append(row)
        elif case := _CASE.match(row):
            cases.add(case["name"], _MARKS[case["mark"]], path=path)
    report = cases.report(JEST)
    itself = sum(1 for one in report.cases if one.status == "error")
    skipped = counts.get("skipped", 0) + counts.get("todo", 0)
    return cases.report(JEST, passed=counts.get("passed", 0), bad=counts.get("failed", 0) + itself, skipped=skipped)


def _told(cases: Cases, name: str, path: str, said: list[str]) -> None:
    if not name:
        return
    line = 0
    for row in said:
        found, at = place_in(row)
        if found and path and (found.endswith(path) or path.endswith(found)):
            line = at
            break
    message = "\n".join(row.strip() for row in said if row.strip())
    cases.add(name, "error" if name.endswith(": the file itself") else "failed", path=path, line=line, message=message)


def _vitest(text: str, counts: dict[str, int]) -> Report:
    cases = Cases()
    name = path = ""
    said: list[str] = []
    for row in text.splitlines():
        if failure := _VITEST_FAILURE.match(row):
            path = failure["path"]
            title = failure["name"]
            name = title.replace(" > ", " › ") if title else f"{path.rpartition('/')[2]}: the file itself"
            cases.add(name, "failed" if title else "error", path=path)
            said = []
        elif name and (place := _VITEST_PLACE.match(row)):
            if place["path"] == path:
                cases.place(name, path, number(place["line"]), "\n".join(said))
                name = ""
        elif name and row.strip():
            said.append(row.strip())
    itself = sum(1 for one in cases.report(VITEST).cases if one.status == "error")
    skipped = counts.get("skipped", 0) + counts.get("todo", 0)
    return cases.report(VITEST, passed=counts.get("passed", 0), bad=counts.get("failed", 0) + itself, skipped=skipped)
