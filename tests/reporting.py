"""Writes each test's seconds for `make test`, and counts a skipped test as a failure where CI is true.

A skip says that something could not be tested; on a machine that installs what it needs that is a defect.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Record:
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    skipped: dict[str, str] = field(default_factory=dict[str, str])


RECORD = pytest.StashKey[Record]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--results", metavar="FILE", help="write the seconds of each test there, as JSON")


def skips_fail() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The text given to `skip`, without the place it came from."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


class Reporter:
    """Listens where all reports arrive: in the one process without xdist, else in its controller."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds = self.record.seconds
        seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration
        if report.skipped and not hasattr(report, "wasxfail"):
            self.record.skipped[report.nodeid] = _reason(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.record.skipped[report.nodeid] = _reason(report)


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        config.stash[RECORD] = Record()
        config.pluginmanager.register(Reporter(config.stash[RECORD]), "draftsmith-reporter")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    record = session.config.stash.get(RECORD, None)
    if record is None:
        return
    if record.skipped and skips_fail() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if target := session.config.getoption("--results"):
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seconds": record.seconds, "skipped": record.skipped}), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    record = config.stash.get(RECORD, None)
    if record is None or not record.skipped or not skips_fail():
        return
    terminalreporter.section("not tested, so failed (CI is true)", red=True)
    for name, reason in sorted(record.skipped.items()):
        terminalreporter.line(f"{name}: {reason}")
