"""Shows the heads of the tables of points that were tried, where all reports arrive."""

from __future__ import annotations

import time

import pytest

from reliability.sweep import TABLES

BEGUN = time.time()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tables = [path for path in sorted(TABLES.glob("*.txt")) if path.stat().st_mtime >= BEGUN]
    if not tables:
        return
    terminalreporter.section("points of the crash test")
    for path in tables:
        terminalreporter.line(path.read_text(encoding="utf-8").split("\n", 1)[0])
    terminalreporter.line(f"Every point: {TABLES}")
