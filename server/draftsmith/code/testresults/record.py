"""A report as a document's bytes and back, so that a run need not be repeated."""

from __future__ import annotations

import json
from typing import Any, get_args

from draftsmith.code.testresults.report import Cases, Report, Unreadable
from draftsmith.domain.testing import CaseCounts, CaseStatus

_VERSION = 1
_KEPT_MESSAGE = 300
_STATUSES: tuple[CaseStatus, ...] = get_args(CaseStatus)


def encode_report(report: Report) -> bytes:
    """Compact JSON; messages are shortened, names and places whole."""
    counts = report.counts
    return json.dumps(
        {
            "version": _VERSION,
            "format": report.format,
            "unnamed": report.unnamed,
            "counts": [counts.passed, counts.failed, counts.errors, counts.skipped],
            "cases": [
                [one.name, one.status]
                if one.status == "passed"
                else [one.name, one.status, one.path, one.line, one.message[:_KEPT_MESSAGE]]
                for one in report.cases
            ],
        },
        separators=(",", ":"),
    ).encode("ascii")


def decode_report(document: bytes) -> Report:
    """What `encode_report` wrote. Raises Unreadable."""
    try:
        whole: Any = json.loads(document)
        if whole["version"] != _VERSION:
            raise Unreadable(f"It has version {whole['version']}.")
        cases = Cases()
        for one in whole["cases"]:
            name, status, *rest = one
            path, line, message = rest or ("", 0, "")
            if status not in _STATUSES:
                raise Unreadable(f"A test is {status!r}.")
            cases.add(str(name), status, path=str(path), line=int(line), message=str(message))
        passed, failed, errors, skipped = (int(one) for one in whole["counts"])
        counts = CaseCounts(passed=passed, failed=failed, errors=errors, skipped=skipped)
        held = cases.report(str(whole["format"]))
        return Report(format=held.format, cases=held.cases, counts=counts, unnamed=int(whole["unnamed"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(f"It is not a report: {error}") from error
