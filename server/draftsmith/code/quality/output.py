"""The output of linters, formatters and type checkers as findings: the forms that the common ones print.

What no form fits is left out: a caller that finds nothing in a failed check's output must say so, not pass it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from draftsmith.domain.gates import Finding, Severity

MAX_FINDINGS = 500
MAX_MESSAGE = 400

_PLACE = r"(?P<path>(?:[A-Za-z]:)?[^\s:(][^:()\n]*?)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # As pyright prints them, /path/a.py:1:5 - error: message (rule)
        (
            rf"^\s*{_PLACE}:(?P<line>\d+):\d+ - (?P<kind>error|warning|information): "
            r"(?P<message>.+?)(?: \((?P<rule>\w+)\))?$"
        ),
        # tsc: src/a.ts(1,5): error TS2322: message
        rf"^{_PLACE}\((?P<line>\d+),\d+\): (?P<kind>error|warning) (?P<rule>\w+): (?P<message>.+)$",
        # mypy, gcc, clang: a.py:1:5: error: message  [rule]
        (
            rf"^{_PLACE}:(?P<line>\d+):(?:\d+:)? (?P<kind>error|warning|fatal error): "
            r"(?P<message>.+?)(?:\s+\[(?P<rule>[\w.+=-]+)\])?$"
        ),
        # rubocop: a.rb:1:5: C: Layout/Rule: message
        rf"^{_PLACE}:(?P<line>\d+):\d+: (?P<kind>[CWEFR]): (?:\[\w+\] )?(?P<rule>[\w/]+): (?P<message>.+)$",
        # ruff concise, flake8, pylint: a.py:1:5: F401 message
        rf"^{_PLACE}:(?P<line>\d+):(?:\d+:)? (?P<rule>[A-Z]{{1,6}}\d{{2,5}}):? (?P<message>.+)$",
        # golangci-lint: a.go:1:5: message (linter)
        rf"^(?:\./)?{_PLACE}:(?P<line>\d+):\d+: (?P<message>.+?) \((?P<rule>[a-z][\w-]+)\)$",
        # go vet, staticcheck and others: a.go:1:5: message
        rf"^(?:vet: )?(?:\./)?{_PLACE}:(?P<line>\d+):\d+: (?P<message>.+)$",
    )
)
_UNFORMATTED = tuple(
    re.compile(form)
    for form in (
        r"^[Ww]ould reformat:? (?P<path>.+)$",
        r"^\[warn\] (?P<path>\S+)$",
        r"^Diff in (?P<path>.+?)(?::(?P<line>\d+)| at line (?P<line2>\d+)):?$",
    )
)
_ESLINT = re.compile(r"^\s+(?P<line>\d+):\d+\s+(?P<kind>error|warning)\s+(?P<message>.+?)\s{2,}(?P<rule>\S+)$")
_HEADED = re.compile(
    r"^(?P<kind>error|warning)?(?:\[(?P<code>\w+)\])?:? ?(?P<rule>[A-Z]{1,6}\d{2,5})?:? ?(?:\[\*\] )?(?P<message>.+)$"
)
_ARROW = re.compile(r"^\s*--> (?P<path>.+?):(?P<line>\d+):\d+$")
_SEVERITIES: dict[str, Severity] = {"error": "major", "fatal error": "major", "E": "major", "F": "major"}


def parse_findings(output: str, tool: str, folder: str = "") -> tuple[Finding, ...]:
    """What a check says, at most `MAX_FINDINGS`. Paths below `folder` become relative to it; `tool` begins rules."""
    found: dict[Finding, None] = {}
    for one in _all(output, tool):
        path = one.path.removeprefix(f"{folder}/") if folder else one.path
        found.setdefault(replace(one, path=path.removeprefix("./"), message=one.message[:MAX_MESSAGE]))
        if len(found) == MAX_FINDINGS:
            break
    return tuple(found)


def _all(output: str, tool: str) -> Iterator[Finding]:
    before = heading = ""
    for line in output.splitlines():
        if arrow := _ARROW.match(line):
            head = _HEADED.match(before.strip())
            if head is not None:
                yield _finding(
                    tool, arrow["path"], arrow["line"], head["kind"], head["rule"] or head["code"], head["message"]
                )
        elif (row := _ESLINT.match(line)) and heading:
            yield _finding(tool, heading, row["line"], row["kind"], row["rule"], row["message"])
        else:
            yield from _line(tool, line)
        if line.strip():
            before = line
            if not line.startswith((" ", "\t")):
                heading = line.strip()


def _line(tool: str, line: str) -> Iterator[Finding]:
    for form in _FORMS:
        if match := form.match(line):
            parts = match.groupdict()
            yield _finding(tool, parts["path"], parts["line"], parts.get("kind"), parts.get("rule"), parts["message"])
            return
    for form in _UNFORMATTED:
        if match := form.match(line):
            parts = match.groupdict()
            number = parts.get("line") or parts.get("line2") or "0"
            message = "It is not formatted as the project asks."
            yield Finding(
                path=parts["path"], line=int(number), severity="minor", message=message, rule=f"{tool}:format"
            )
            return


def _finding(tool: str, path: str, line: str, kind: str | None, rule: str | None, message: str) -> Finding:
    return Finding(
        path=path.strip(),
        line=int(line),
        severity=_SEVERITIES.get(kind or "", "minor"),
        message=message.strip(),
        rule=f"{tool}:{rule}" if rule else tool,
    )


def new_findings(before: Iterable[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that were not there before, wherever they stood: lines move when a file changes."""
    known = Counter((one.path, one.rule, one.message) for one in before)
    fresh: list[Finding] = []
    for one in after:
        key = (one.path, one.rule, one.message)
        if known[key]:
            known[key] -= 1
        else:
            fresh.append(one)
    return tuple(fresh)
