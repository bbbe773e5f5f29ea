"""`ctest`: its text. (`--output-junit` is read by `junit`.)"""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, place_in
from draftsmith.domain.testing import CaseStatus

FORMAT = "ctest"
_CASE = re.compile(
    r"^ *\d+/\d+ Test +#\d+: (?P<name>\S.*?) \.*(?P<word> +Passed|\*\*\*[A-Z][\w ]*?)(?: +[\d.]+ sec|$| {2,})"
)
_END = re.compile(r"^\d+% tests passed, \d+ tests? failed out of \d+", re.MULTILINE)
_OUTPUT = re.compile(r"^ *\d+/\d+ Test +#\d+: ")


def read_ctest_text(text: str) -> Report | None:
    """None without the line that says how many passed."""
    if not _END.search(text):
        return None
    cases = Cases()
    rows = text.splitlines()
    for at, row in enumerate(rows):
        if case := _CASE.match(row):
            status = _status(case["word"])
            said = _output(rows, at + 1) if status == "failed" else ""
            path, line = place_in(said)
            cases.add(case["name"], status, path=path, line=line, message=said or case["word"].strip(" *"))
    return cases.report(FORMAT)


def _status(word: str) -> CaseStatus:
    word = word.strip(" *")
    if word == "Passed":
        return "passed"
    return "skipped" if word in ("Skipped", "Not Run (Disabled)") else "failed"


def _output(rows: list[str], start: int) -> str:
    """What the test printed, with `--output-on-failure`."""
    said: list[str] = []
    for row in rows[start : start + 20]:
        if _OUTPUT.match(row) or "tests passed," in row or row.lstrip().startswith("Start "):
            break
        if row.strip():
            said.append(row.strip())
    return "\n".join(said)
