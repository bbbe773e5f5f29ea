"""unittest's text: the lines of `-v`, the tracebacks, and the counts at the end."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number, place_in
from draftsmith.domain.testing import CaseStatus

FORMAT = "unittest"
_RAN = re.compile(r"^Ran (?P<number>\d+) tests? in [\d.]+s$")
_END = re.compile(r"^(?:OK|FAILED|NO TESTS RAN)(?: \((?P<counts>[^)]*)\))?$")
_HEADING = re.compile(r"^(?P<word>FAIL|ERROR|UNEXPECTED SUCCESS): (?P<name>\S+ \([^)\n]*\)|\S+)(?P<sub> .*)?$")
_VERBOSE = re.compile(
    r"^(?P<name>\w+ \([\w.<>]+\)).*? ?\.\.\. .*?"
    r"(?P<word>ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b"
)
_NAME_ALONE = re.compile(r"^(?P<name>\w+ \([\w.<>]+\))$")
_SAID_ALONE = re.compile(r"^.*\.\.\. (?P<word>ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b")
_STATUS: dict[str, CaseStatus] = {
    "ok": "passed",
    "FAIL": "failed",
    "ERROR": "error",
    "skipped": "skipped",
    "expected failure": "skipped",
    "unexpected success": "failed",
    "UNEXPECTED SUCCESS": "failed",
}
_COUNT = re.compile(r"(failures|errors|skipped|expected failures|unexpected successes)=(\d+)")
_KEPT = 6_000


def read_unittest_text(text: str) -> Report | None:
    """None without the line that says how many ran."""
    rows = text.splitlines()
    ran = next((number(one["number"]) for row in reversed(rows) if (one := _RAN.match(row))), None)
    if ran is None:
        return None
    ended = next((one for row in reversed(rows) if (one := _END.match(row))), None)
    announced = {what: number(many) for what, many in _COUNT.findall(ended["counts"] or "")} if ended else {}
    cases = Cases()
    _verbose(cases, rows)
    _tracebacks(cases, rows)
    names = [one["name"] for row in rows if (one := _HEADING.match(row))]
    # Subtests are counted each for itself at the end, and are one test by name.
    repeated = len(names) - len(set(names))
    bad = sum(announced.get(what, 0) for what in ("failures", "errors", "unexpected successes")) - repeated
    skipped = announced.get("skipped", 0) + announced.get("expected failures", 0)
    return cases.report(FORMAT, passed=max(0, ran - bad - skipped), bad=max(0, bad), skipped=skipped)


def _verbose(cases: Cases, rows: list[str]) -> None:
    alone = ""
    for row in rows:
        if case := _VERBOSE.match(row):
            cases.add(case["name"], _STATUS[case["word"]])
        elif alone and (said := _SAID_ALONE.match(row)):  # a test with a docstring takes two lines
            cases.add(alone, _STATUS[said["word"]])
        name = _NAME_ALONE.match(row)
        alone = name["name"] if name else ""


def _tracebacks(cases: Cases, rows: list[str]) -> None:
    index = 0
    while index < len(rows):
        heading = _HEADING.match(rows[index])
        index += 1
        if heading is None:
            continue
        end = next((at for at in range(index, len(rows)) if rows[at].startswith("=====")), len(rows))
        body = "\n".join(rows[index:end])[:_KEPT]
        path, line = _place(body, heading["name"])
        name = heading["name"]
        cases.add(name, _STATUS[heading["word"]])
        cases.place(name, path, line, _last_words(rows[index:end]))


def _place(body: str, name: str) -> tuple[str, int]:
    """In the test itself where the traceback passes through it, else the innermost place that is not a library's."""
    method = re.escape(name.partition(" ")[0])
    own = re.findall(rf'File "([^"\n]+)", line (\d+), in {method}$', body, re.MULTILINE)
    return (own[-1][0], number(own[-1][1])) if own else place_in(body)


def _last_words(rows: list[str]) -> str:
    """The exception, which is the first unindented line after the traceback."""
    traced = False
    for at, row in enumerate(rows):
        if row.startswith("Traceback "):
            traced = True
        elif traced and row and not row.startswith((" ", "-", "=")):
            return "\n".join(one for one in rows[at : at + 4] if one.strip() and not one.startswith("---"))
    return ""
