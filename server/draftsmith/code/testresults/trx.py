"""The results file of `dotnet test --logger trx` (Visual Studio's TeamTest 2010 schema)."""

from __future__ import annotations

import re

from draftsmith.code.testresults.report import Cases, Report, number, place_in
from draftsmith.code.testresults.xml import Element, read_xml
from draftsmith.domain.testing import CaseStatus

FORMAT = "trx"
_OUTCOMES: dict[str, CaseStatus] = {
    "passed": "passed",
    "failed": "failed",
    "error": "error",
    "aborted": "error",
    "timeout": "failed",
    "notexecuted": "skipped",
    "inconclusive": "skipped",
    "notrunnable": "skipped",
}
_IN_FILE = re.compile(r" in (?P<path>[^\n]{1,400}?):line (?P<line>\d{1,8})")


def read_trx(content: bytes) -> Report | None:
    """None when it is another kind of XML. Raises Unreadable."""
    root = read_xml(content)
    if root.name != "TestRun":
        return None
    cases = Cases()
    for one in root.every("UnitTestResult"):
        status = _OUTCOMES.get(one.get("outcome").lower(), "passed" if not one.get("outcome") else "skipped")
        message, path, line = _said(one)
        cases.add(one.get("testName"), status, path=path, line=line, message=message)
    return cases.report(FORMAT)


def _said(result: Element) -> tuple[str, str, int]:
    info = next(result.every("ErrorInfo"), None)
    if info is None:
        return "", "", 0
    message = next((one.text for one in info.every("Message")), "")
    trace = next((one.text for one in info.every("StackTrace")), "")
    if place := _IN_FILE.search(trace):
        return message, place["path"].replace("\\", "/"), number(place["line"])
    return message, *place_in(trace)
