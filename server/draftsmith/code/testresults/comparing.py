"""Two runs of the same tests compared: what newly fails, what is fixed, what stays broken, what came and went."""

from __future__ import annotations

from collections.abc import Collection

from draftsmith.code.testresults.report import Report
from draftsmith.domain.testing import MAX_NAMED, CaseOutcome, ComparedTests


def alone(after: Report, flaky: Collection[str] = ()) -> ComparedTests:
    """A run with nothing to compare it with: whatever fails counts as new."""
    wavering = tuple(one for one in after.failing if one.name in flaky)
    failing = tuple(one for one in after.failing if one.name not in flaky)
    return ComparedTests(
        runner=after.format,
        counts=after.counts,
        newly_failing=failing[:MAX_NAMED],
        newly_failing_count=len(failing) + after.unnamed,
        flaky=wavering[:MAX_NAMED],
        flaky_count=len(wavering),
    )


def compare(before: Report, after: Report, flaky: Collection[str] = ()) -> ComparedTests:
    """`after` against `before`; `flaky` are names of failing tests that passed when run again alone.

    A failure without a name is never taken for an old one.
    """
    if before.format != after.format:
        return alone(after, flaky)
    known = {one.name: one for one in before.cases}
    now = {one.name: one for one in after.cases}
    bad_before = {one.name for one in before.failing}
    fresh, still, wavering = list[CaseOutcome](), list[CaseOutcome](), list[CaseOutcome]()
    for one in after.failing:
        if one.name in bad_before:
            still.append(one)
        else:
            (wavering if one.name in flaky else fresh).append(one)
    fixed = tuple(one for one in after.cases if one.status == "passed" and one.name in bad_before)
    whole = _names_all(before) and _names_all(after)
    gone = tuple(name for name in known if name not in now) if whole else ()
    return ComparedTests(
        runner=after.format,
        counts=after.counts,
        compared=True,
        newly_failing=tuple(fresh[:MAX_NAMED]),
        newly_failing_count=len(fresh) + after.unnamed,
        still_failing=tuple(still[:MAX_NAMED]),
        still_failing_count=len(still),
        fixed=fixed[:MAX_NAMED],
        fixed_count=len(fixed),
        flaky=tuple(wavering[:MAX_NAMED]),
        flaky_count=len(wavering),
        new_count=sum(1 for name in now if name not in known) if whole else 0,
        gone=gone[:MAX_NAMED],
        gone_count=len(gone),
    )


def _names_all(report: Report) -> bool:
    """Whether the tests that passed are named, too."""
    return report.unnamed == 0 and sum(1 for one in report.cases if one.status == "passed") >= report.counts.passed
