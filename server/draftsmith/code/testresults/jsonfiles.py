"""Reports in JSON: Jest and Vitest (`--json`, `--reporter=json`), RSpec (`--format json`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from draftsmith.code.testresults.report import Cases, Report, Unreadable, place_in
from draftsmith.domain.escapes import without_escapes
from draftsmith.domain.testing import CaseStatus

JEST = "jest"
RSPEC = "rspec"
MAX_BYTES = 64_000_000
_JEST: dict[str, CaseStatus] = {
    "passed": "passed",
    "failed": "failed",
    "skipped": "skipped",
    "pending": "skipped",
    "todo": "skipped",
    "disabled": "skipped",
}
_RSPEC: dict[str, CaseStatus] = {"passed": "passed", "failed": "failed", "pending": "skipped"}


def read_json(content: bytes) -> Report | None:
    """None when it is another kind of JSON. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable(f"The report has more than {MAX_BYTES:,} bytes.")
    try:
        whole: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"It is not JSON: {error}") from error
    if not isinstance(whole, dict):
        return None
    if isinstance(whole.get("testResults"), list):
        return _jest(cast("dict[str, Any]", whole))
    if isinstance(whole.get("examples"), list):
        return _rspec(cast("dict[str, Any]", whole))
    return None


def _jest(whole: Mapping[str, Any]) -> Report:
    cases = Cases()
    for file in _tables(whole["testResults"]):
        path = _text(file.get("name"))
        tests = list(_tables(file.get("assertionResults")))
        for one in tests:
            status = _JEST.get(_text(one.get("status")), "skipped")
            said = without_escapes("\n".join(_text(part) for part in _list(one.get("failureMessages"))))
            _, line = _place_in_file(said, path)
            location = one.get("location")
            line = line or (_whole(location.get("line")) if isinstance(location, dict) else 0)
            cases.add(_jest_name(one), status, path=path, line=line if status == "failed" else 0, message=said)
        if file.get("status") == "failed" and not any(one.get("status") == "failed" for one in tests):
            said = without_escapes(_text(file.get("message")))
            name = f"{path.rpartition('/')[2]}: the file itself" if path else ""
            cases.add(name, "error", path=path, line=_place_in_file(said, path)[1], message=said)
    return cases.report(JEST)


def _jest_name(test: Mapping[str, Any]) -> str:
    titles = [_text(one) for one in _list(test.get("ancestorTitles"))]
    return " › ".join(part for part in (*titles, _text(test.get("title"))) if part) or _text(test.get("fullName"))


def _place_in_file(said: str, path: str) -> tuple[str, int]:
    """The first line of the trace that is in the test's own file."""
    for row in said.splitlines():
        found, line = place_in(row)
        if found and path and (found.endswith(path) or path.endswith(found)):
            return path, line
    return path, 0


def _rspec(whole: Mapping[str, Any]) -> Report:
    cases = Cases()
    for one in _tables(whole["examples"]):
        status = _RSPEC.get(_text(one.get("status")), "skipped")
        problem = one.get("exception")
        said = _text(problem.get("message")) if isinstance(problem, dict) else ""
        name = _text(one.get("full_description")) or _text(one.get("id"))
        cases.add(
            name, status, path=_text(one.get("file_path")), line=_whole(one.get("line_number")), message=said.strip()
        )
    summary = whole.get("summary")
    outside = _whole(summary.get("errors_outside_of_examples_count")) if isinstance(summary, dict) else 0
    for index, said in enumerate(_list(whole.get("messages"))[:outside] if outside else []):
        path, line = place_in(_text(said))
        cases.add(f"outside of examples {index + 1}", "error", path=path, line=line, message=_text(said).strip())
    return cases.report(RSPEC, bad=len([1 for one in _tables(whole["examples"]) if one.get("status") == "failed"]))


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _tables(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in _list(value):
        if isinstance(one, dict):
            yield cast("dict[str, Any]", one)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
