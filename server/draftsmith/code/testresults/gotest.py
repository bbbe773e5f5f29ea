"""`go test`: the event stream of `-json` (`go doc test2json`), and the text without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from draftsmith.code.testresults.report import Cases, Report, place_in
from draftsmith.domain.testing import CaseStatus

JSON_FORMAT = "go test -json"
TEXT_FORMAT = "go test"
_ACTIONS: dict[str, CaseStatus] = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_KEPT = 4_000
_CASE = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+)(?: \(|$)")
_PACKAGE = re.compile(r"^(ok|FAIL)\s+(\S+)\s+(\(cached\).*|[\d.]+s\b.*|\[.+)$")
_STATUS: dict[str, CaseStatus] = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}


def read_go_json(text: str) -> Report | None:
    """None when no line of it is an event. Other lines between are passed over."""
    cases, said = Cases(), dict[tuple[str, str], str]()
    ended: list[tuple[str, str, CaseStatus]] = []
    for event in _events(text):
        package = _text(event, "Package") or _text(event, "ImportPath").partition(" ")[0]
        key = (package, _text(event, "Test"))
        if event.get("Action") in ("output", "build-output"):
            known = said.get(key, "")
            if len(known) < _KEPT:
                said[key] = known + _text(event, "Output")[:_KEPT]
        elif (status := _ACTIONS.get(_text(event, "Action"))) is not None:
            ended.append((*key, status))
    if not ended:
        return None
    failed = {package for package, test, status in ended if test and status == "failed"}
    for package, test, status in ended:
        if test:
            _add(cases, package, test, status, said.get((package, test), ""))
        elif status == "failed" and package not in failed:
            output = said.get((package, ""), "")
            path, line = place_in(output)
            cases.add(package, "error", path=_in_package(package, path), line=line, message=_told(output))
    return cases.report(JSON_FORMAT)


def go_output(text: str) -> str:
    """What `go test` would have printed: the output of the events, and whatever is none."""
    parts: list[str] = []
    for line in text.splitlines():
        event = _event(line)
        parts.append(f"{line}\n" if event is None else _text(event, "Output"))
    return "".join(parts)


def _add(cases: Cases, package: str, test: str, status: CaseStatus, output: str) -> None:
    path, line = place_in(output) if status == "failed" else ("", 0)
    message = _told(output) if status == "failed" else ""
    cases.add(f"{package}.{test}", status, path=_in_package(package, path), line=line, message=message)


def _in_package(package: str, path: str) -> str:
    """`go test` names files without their folder: the package's name ends with it, and begins with the module's."""
    return path if not path or "/" in path else f"{package}/{path}"


def _told(output: str) -> str:
    lines = (line.strip() for line in output.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("=== ", "--- ", "FAIL", "# ")))


def _events(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        if (event := _event(line)) is not None:
            yield event


def _event(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("Action"), str) else None


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def read_go_text(text: str) -> Report | None:
    """Failing tests by name; of packages that passed there is one line and no name of a test."""
    cases = Cases()
    waiting: list[tuple[str, CaseStatus, str]] = []
    built: dict[str, str] = {}
    building = ""
    seen = False
    for line in text.splitlines():
        if case := _CASE.match(line):
            waiting.append((case[2], _STATUS[case[1]], ""))
        elif package := _PACKAGE.match(line):
            seen = True
            _close(cases, package[2], package[1], built.get(package[2], "") or package[3], waiting)
            waiting = []
        elif line.startswith("# "):
            building = line[2:].partition(" ")[0]
        elif waiting and line.startswith(" "):
            name, status, said = waiting[-1]
            waiting[-1] = (name, status, (said + line.strip() + "\n")[:_KEPT])
        elif ".go:" in line and len(built.get(building, "")) < _KEPT:
            built[building] = f"{built.get(building, '')}{line[:_KEPT]}\n"
    return cases.report(TEXT_FORMAT) if seen else None


def _close(cases: Cases, package: str, word: str, said: str, tests: list[tuple[str, CaseStatus, str]]) -> None:
    for name, status, output in tests:
        _add(cases, package, name, status, output)
    if word == "FAIL" and not any(status == "failed" for _, status, _ in tests):
        path, line = place_in(said)
        cases.add(package, "error", path=_in_package(package, path), line=line, message=said)
