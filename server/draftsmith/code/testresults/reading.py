"""From what a run left (reports, output) to one report: the reader that understands it, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from draftsmith.code.testresults.cargotext import read_cargo_text
from draftsmith.code.testresults.ctesttext import read_ctest_text
from draftsmith.code.testresults.gotest import read_go_json, read_go_text
from draftsmith.code.testresults.jesttext import read_jest_text
from draftsmith.code.testresults.jsonfiles import read_json
from draftsmith.code.testresults.junit import read_junit
from draftsmith.code.testresults.nodespec import read_node_spec
from draftsmith.code.testresults.pytesttext import read_pytest_text
from draftsmith.code.testresults.report import Cases, Report, Unreadable
from draftsmith.code.testresults.tap import read_tap
from draftsmith.code.testresults.trx import read_trx
from draftsmith.code.testresults.unittesttext import read_unittest_text
from draftsmith.domain.escapes import without_escapes

MAX_OUTPUT = 16_000_000
"""Characters of output that are read: its end, where runners sum up."""

_FILES: tuple[Callable[[bytes], Report | None], ...] = (read_junit, read_trx, read_json)
_TEXTS: tuple[Callable[[str], Report | None], ...] = (
    read_go_json,
    read_node_spec,
    read_unittest_text,
    read_cargo_text,
    read_ctest_text,
    read_jest_text,
    read_go_text,
    read_pytest_text,
    read_tap,
)


def read_report(content: bytes) -> Report | None:
    """A report file of any known format; None for what is none."""
    for read in _FILES:
        try:
            found = read(content)
        except Unreadable:
            continue
        if found is not None:
            return found
    return None


def read_output(text: str) -> Report | None:
    """What a runner printed; None when no reader knows it."""
    text = without_escapes(text[-MAX_OUTPUT:])
    for read in _TEXTS:
        try:
            found = read(text)
        except Unreadable:
            continue
        if found is not None:
            return found
    return None


def together(reports: Sequence[Report]) -> Report | None:
    """Several files of one run as one report."""
    if not reports:
        return None
    cases = Cases()
    try:
        for report in reports:
            for one in report.cases:
                cases.add(one.name, one.status, path=one.path, line=one.line, message=one.message)
    except Unreadable:
        return None
    if len(reports) == 1:
        return reports[0]
    whole = cases.report(reports[0].format)
    return replace(whole, unnamed=sum(one.unnamed for one in reports))
