"""Names of failing tests, read from the usual runners' output. What is not recognised gives no names.

Names decide whether a failure is an old one, so that a failure without a name must never pass unseen.
"""

from __future__ import annotations

import re

_FAILING = (
    re.compile(r"^(?:FAILED|ERROR) (\S+\.\w+(?:::.+?)?)(?: - .*)?$", re.MULTILINE),  # pytest
    re.compile(r"^(?:FAIL|ERROR): (\S+ \([^)]*\))", re.MULTILINE),  # unittest
    re.compile(r"^\s*--- FAIL: (\S+)", re.MULTILINE),  # go test
    re.compile(r"^\s*FAIL[ \t]+(\S+)", re.MULTILINE),  # a package of go test, also one that does not build; a Jest file
    re.compile(r"^test (.+?)(?: - should panic)? \.\.\. FAILED$", re.MULTILINE),  # cargo test
    re.compile(r"^(\S.*?)(?: - should panic)? --- FAILED$", re.MULTILINE),  # cargo test --quiet
    re.compile(r"^error: could not compile (`[^`]+`)", re.MULTILINE),  # cargo
    re.compile(r"^\s*not ok \d+ - (.+?)(?: # .*)?$", re.MULTILINE),  # TAP, node:test
    re.compile(r"^\s*✖ (.+?) \([\d.]+m?s\)$", re.MULTILINE),  # node:test
    re.compile(r"^\s*● (.+)$", re.MULTILINE),  # Jest
)

_SUMMARY = re.compile(
    r"^(?:=+ )?(\d+ (?:passed|failed|error|skipped|xfailed).*?)(?: =+)?$"  # pytest
    r"|^(Ran \d+ tests? in .*|FAILED \(.*\)|OK \(.*\))$"  # unittest
    r"|^(test result: .*)$"  # cargo
    r"|^(Tests:\s+.*)$"  # Jest
    r"|^((?:#|ℹ) (?:pass|fail|skipped) \d+)$",  # node:test
    re.MULTILINE,
)

_ANNOUNCED = re.compile(
    r"(\d+) (?:failed|errors?)\b"  # pytest, cargo, Jest
    r"|(?:failures|errors)=(\d+)"  # unittest
    r"|^(?:#|ℹ) fail (\d+)$"  # node:test
)


def failing_tests(output: str) -> frozenset[str]:
    """The failing tests that the output names; none when it counts more failures than it names."""
    names = [name.strip() for pattern in _FAILING for name in pattern.findall(output)]
    return frozenset(names) if _announced(output) <= len(names) else frozenset()


_NODE_SKIPPED = re.compile(r"(?:#|ℹ) skipped (\d+)")


def summary_line(output: str) -> str:
    """The runner's closing line with what it says of skipped tests, or an empty text."""
    found = _summaries(output)
    skipped = _NODE_SKIPPED.fullmatch(found[-1]) if found else None
    if skipped:
        counted = found[-2] if len(found) > 1 else ""
        return counted if skipped[1] == "0" or not counted else f"{counted}, {skipped[1]} skipped"
    if found and found[-1].startswith("OK (") and len(found) > 1:
        return f"{found[-2]}, {found[-1]}"
    return found[-1] if found else ""


def _summaries(output: str) -> list[str]:
    return [next(group for group in match if group).strip() for match in _SUMMARY.findall(output)]


def _announced(output: str) -> int:
    """How many failures the closing lines speak of."""
    return sum(
        int(next(group for group in match if group))
        for line in _summaries(output)
        for match in _ANNOUNCED.findall(line)
    )
