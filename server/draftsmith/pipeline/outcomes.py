"""Names of failing tests, read from the usual runners' output. What is not recognised gives no names."""

from __future__ import annotations

import re

_FAILING = (
    re.compile(r"^(?:FAILED|ERROR) (\S+?)(?: - .*)?$", re.MULTILINE),  # pytest
    re.compile(r"^(?:FAIL|ERROR): (\S+ \([^)]*\))", re.MULTILINE),  # unittest
    re.compile(r"^\s*--- FAIL: (\S+)", re.MULTILINE),  # go test
    re.compile(r"^test (\S+) \.\.\. FAILED$", re.MULTILINE),  # cargo test
    re.compile(r"^\s*not ok \d+ - (.+?)(?: # .*)?$", re.MULTILINE),  # TAP, node:test
    re.compile(r"^\s*● (.+)$", re.MULTILINE),  # Jest
)

_SUMMARY = re.compile(
    r"^(?:=+ )?(\d+ (?:passed|failed|error).*?)(?: =+)?$"  # pytest
    r"|^(Ran \d+ tests? in .*)$"  # unittest
    r"|^(test result: .*)$"  # cargo
    r"|^(Tests:\s+.*)$"  # Jest
    r"|^(# (?:pass|fail) \d+)$",  # TAP
    re.MULTILINE,
)


def failing_tests(output: str) -> frozenset[str]:
    """The failing tests that the output names."""
    return frozenset(name.strip() for pattern in _FAILING for name in pattern.findall(output))


def summary_line(output: str) -> str:
    """The runner's closing line, or an empty text."""
    found = [next(group for group in match if group) for match in _SUMMARY.findall(output)]
    return found[-1].strip() if found else ""
