"""`cargo test`: libtest's text, with and without `--quiet`, and crates that do not build."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number
from draftsmith.domain.testing import CaseStatus

FORMAT = "cargo test"
_CASE = re.compile(
    r"^(?:test )?(?P<name>\S.*?)(?: - should panic)? (?:\.\.\.|---) (?P<word>ok|FAILED|ignored)(?:, .*)?$"
)
_END = re.compile(
    r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed; (?P<ignored>\d+) ignored;", re.MULTILINE
)
_BUILD = re.compile(r"^error: could not compile (`[^`]+`)", re.MULTILINE)
_ARROW = re.compile(r"^\s*--> (?P<path>[^\n]{1,400}?):(?P<line>\d{1,8}):\d+$", re.MULTILINE)
_SECTION = re.compile(r"^---- (?P<name>\S.*?) stdout ----$")
_PANIC = re.compile(r"panicked at (?:'.*', )?(?P<path>[^\s:]{1,400}):(?P<line>\d{1,8})(?::\d+)?:?$")
_NOTE = re.compile(r"^note: (?P<said>.*?) at (?P<path>[^\s:]{1,400}):(?P<line>\d{1,8}):\d+$")
_STATUS: dict[str, CaseStatus] = {"ok": "passed", "FAILED": "failed", "ignored": "skipped"}


def read_cargo_text(text: str) -> Report | None:
    """None without a result of libtest's and without a crate that does not build."""
    ends = list(_END.finditer(text))
    broken = list(dict.fromkeys(_BUILD.findall(text)))
    if not ends and not broken:
        return None
    cases = Cases()
    rows = text.splitlines()
    for row in rows:
        if case := _CASE.match(row):
            cases.add(case["name"], _STATUS[case["word"]])
    _said(cases, rows)
    for name in broken:
        place = _ARROW.search(text)
        path, line = (place["path"], number(place["line"])) if place else ("", 0)
        first = next((row for row in rows if row.startswith("error") and not row.startswith("error: could")), "")
        cases.add(name, "error", path=path, line=line, message=first)
    total = {what: sum(number(end[what]) for end in ends) for what in ("passed", "failed", "ignored")}
    return cases.report(FORMAT, passed=total["passed"], bad=total["failed"] + len(broken), skipped=total["ignored"])


def _said(cases: Cases, rows: list[str]) -> None:
    name = ""
    for at, row in enumerate(rows):
        if section := _SECTION.match(row):
            name = section["name"]
        elif name and (note := _NOTE.match(row)):
            cases.place(name, note["path"], number(note["line"]), note["said"])
            name = ""
        elif name and (panic := _PANIC.search(row)):
            words = [
                one.strip() for one in rows[at + 1 : at + 4] if one.strip() and not one.startswith(("note:", "stack"))
            ]
            cases.place(name, panic["path"], number(panic["line"]), "\n".join(words))
            name = ""
