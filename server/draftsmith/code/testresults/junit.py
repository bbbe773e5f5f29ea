"""JUnit XML, as pytest, PHPUnit, ctest, Maven Surefire, Gradle, Jest, Vitest and many others write it.

There is no specification; read is what they agree on, and what each adds of places.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from draftsmith.code.testresults.report import Cases, Report, number, place_in
from draftsmith.code.testresults.xml import Element, read_xml
from draftsmith.domain.testing import CaseStatus

FORMAT = "junit"
_CHILDREN: tuple[tuple[str, CaseStatus], ...] = (("error", "error"), ("failure", "failed"), ("skipped", "skipped"))


def read_junit(content: bytes) -> Report | None:
    """None when it holds no test suite. Raises Unreadable."""
    root = read_xml(content)
    if root.name not in ("testsuites", "testsuite"):
        return None
    cases = Cases()
    waiting: list[tuple[Element, str]] = [(root, "")]
    while waiting:
        suite, file = waiting.pop()
        file = suite.get("file") or suite.get("filepath") or file
        waiting += ((one, file) for one in reversed(suite.children) if one.name == "testsuite")
        for one in suite.children:
            if one.name == "testcase":
                _add(cases, one, file)
    return cases.report(FORMAT)


def _add(cases: Cases, case: Element, suite_file: str) -> None:
    status, said = _status(case)
    file = case.get("file") or suite_file
    message = "\n".join(part for part in (said.get("message"), said.text) if part) if said is not None else ""
    path, line = file, number(case.get("line"))
    if path.endswith(".py") and case.get("line"):
        line += 1  # pytest counts from 0
    if said is not None and status in ("failed", "error"):
        told_path, told_line = place_in(said.text or said.get("message"), last=file.endswith(".py"))
        if told_path and (not path or _same_file(told_path, path) or not line):
            path, line = told_path, told_line
    message = message.removeprefix(f"{case.get('class')}::{case.get('name')}\n")  # as PHPUnit begins it
    cases.add(_name(case, file), status, path=path, line=line, message=_message(message))


def _same_file(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


def _status(case: Element) -> tuple[CaseStatus, Element | None]:
    for name, status in _CHILDREN:
        if (found := case.child(name)) is not None:
            return status, found
    if case.get("status") in ("fail", "failed"):
        return "failed", case.child("system-out")
    if case.get("status") in ("disabled", "notrun", "skipped"):
        return "skipped", None
    return "passed", None


def _message(text: str) -> str:
    """Without the repetition of the message at the head of its details."""
    head, _, rest = text.partition("\n")
    return head if rest.strip() == head.strip() else text


def _name(case: Element, file: str) -> str:
    """pytest's own node id where the file is a Python file; else `class › name`, or the name alone."""
    owner, name = case.get("classname"), case.get("name")
    if file.endswith(".py"):
        module = ".".join(PurePosixPath(file).with_suffix("").parts)
        inner = owner.removeprefix(module).strip(".") if owner.startswith(module) else ""
        if not owner and name == module:
            return file  # the file could not be collected
        return "::".join([file, *(part for part in inner.split(".") if part), name])
    if not owner or owner == name or name.startswith(owner):
        return name
    return f"{owner} › {name}"
