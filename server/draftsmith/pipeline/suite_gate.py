"""The gate of tests: the run on the draft against the one on the base, and failing tests tried again alone.

What failed before does not count against the change, but is told; what newly fails does; what wavers is named so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from draftsmith.code.testresults.comparing import alone, compare
from draftsmith.code.testresults.record import decode_report
from draftsmith.code.testresults.report import Report, Unreadable
from draftsmith.domain.ids import CallId
from draftsmith.domain.session.state import Baseline
from draftsmith.domain.testing import CaseOutcome, ComparedTests, named
from draftsmith.domain.text import count
from draftsmith.pipeline.baseline import showing, suite_before
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.facts import Check
from draftsmith.pipeline.static_gates import Looked
from draftsmith.pipeline.suite_run import SuiteRun, run_again, run_suite

MISSING_TOOL = re.compile(r"No module named (\w+)|(\S+): (?:command )?not found|(\S+): No such file or directory")
EXIT_NOT_FOUND = (126, 127)
TRIES_ALONE = 2
"""How often a newly failing test is run again; one success shows that it wavers."""
MAX_TRIED = 10
SHOWN = 12


async def tests_gate(desk: Desk, call_id: CallId, check: Check) -> Looked:
    """Runs the tests of the draft, and of the base when something fails and that is not known yet."""
    run = await run_suite(showing(desk, call_id, desk.tools), check, call_id)
    if settled := plain_end(check, run):
        return settled
    report = run.report
    before = await suite_before(desk, call_id, check)
    if report is None or not (report.failing or report.unnamed):
        return _without_names(check, run, before)
    known = await _report_of(desk, before)
    if before is not None and before.passed and known is None:
        known = Report(format=report.format, cases=(), counts=report.counts)
    compared = alone(report) if known is None else compare(known, report)
    flaky: frozenset[str] = frozenset()
    if 0 < compared.newly_failing_count <= MAX_TRIED:
        flaky = await _wavering(desk, call_id, check, compared.newly_failing)
    if flaky:
        compared = alone(report, flaky) if known is None else compare(known, report, flaky)
    return _verdict(run, compared)


def plain_end(check: Check, run: SuiteRun) -> Looked | None:
    """The verdict where nothing has to be compared: stopped, all well, nothing to run, or no runner."""
    result, report, output = run.result, run.report, run.output
    if result.stopped_by is not None:
        reason = f"It was stopped ({result.stopped_by} limit) after {result.wall_seconds:.0f} s."
        return Looked(verdict="not_verified", reason=reason, evidence=output)
    failing = report is not None and bool(report.failing or report.unnamed)
    if report is not None and report.counts.total == 0 and not report.unnamed:
        return Looked(verdict="not_verified", reason="There are no tests to run.", evidence=output)
    if result.exit_code == 0 and not failing:
        if report is None:
            return Looked(verdict="passed", reason=f"`{check.command}` succeeded.", evidence=output)
        tests = alone(report)
        return Looked(verdict="passed", reason=f"{tests.describe()}.", evidence=output, tests=tests)
    if failing and report is not None and report.counts.passed:
        return None
    named_tool = missing_tool(output)
    if result.exit_code in EXIT_NOT_FOUND or (named_tool and named_tool in check.command):
        reason = f"{named_tool or check.command.split()[0]} is not installed in the project's environment."
        return Looked(verdict="not_verified", reason=reason, evidence=output)
    return None


def missing_tool(output: str) -> str:
    """The program or module that the output says is missing, or an empty text."""
    found = MISSING_TOOL.search(output)
    return next((group for group in found.groups() if group), "") if found else ""


def _without_names(check: Check, run: SuiteRun, before: Baseline | None) -> Looked:
    """The command failed and no test says so: it cannot be seen what is new, unless it succeeded before."""
    end = f"`{check.command}` ended with exit code {run.result.exit_code}"
    tests = alone(run.report) if run.report is not None else None
    said = f" although no test failed ({tests.describe()})" if tests is not None else ""
    if before is not None and not before.passed:
        reason = f"{end}{said}; it fails on the base as well, and what is new cannot be told from its output."
        return Looked(verdict="not_verified", reason=reason, evidence=run.output, tests=tests)
    return Looked(verdict="failed", reason=f"{end}{said}.", evidence=run.output, tests=tests)


async def _report_of(desk: Desk, before: Baseline | None) -> Report | None:
    if before is None or before.report is None:
        return None
    try:
        return decode_report(await desk.log.document(before.report))
    except Unreadable:
        return None


async def _wavering(desk: Desk, call_id: CallId, check: Check, cases: Sequence[CaseOutcome]) -> frozenset[str]:
    """Of the failing tests those that pass when they are run alone."""
    left = list(cases)
    for _ in range(TRIES_ALONE):
        run = await run_again(showing(desk, call_id, desk.tools), check, call_id, left)
        if run is None or run.report is None or run.result.stopped_by is not None:
            break
        passed = {one.name for one in run.report.cases if one.status == "passed"}
        left = [one for one in left if one.name not in passed]
        if not left:
            break
    return frozenset(one.name for one in cases) - {one.name for one in left}


def _verdict(run: SuiteRun, tests: ComparedTests) -> Looked:
    evidence = "\n\n".join(part for part in (run.output, _told(tests)) if part)
    if tests.newly_failing_count:
        which = named(tests.newly_failing) or "not named"
        many = count(tests.newly_failing_count, "test")
        fails = "fails" if tests.newly_failing_count == 1 else "fail"
        word = f"newly {fails}" if tests.compared else fails
        return Looked(verdict="failed", reason=f"{many} {word}: {which}. {_sum(tests)}", evidence=evidence, tests=tests)
    parts = ["Nothing newly fails." if tests.compared else "Nothing fails for sure."]
    if tests.still_failing:
        parts.append(f"Failing before as well: {named(tests.still_failing)}.")
    if tests.flaky:
        parts.append(f"Flaky, failed and then passed alone: {named(tests.flaky)}.")
    reason = " ".join([_sum(tests), *parts])
    return Looked(verdict="not_verified", reason=reason, evidence=evidence, tests=tests)


def _sum(tests: ComparedTests) -> str:
    said = tests.describe()
    return f"{said[0].upper()}{said[1:]}."


def _told(tests: ComparedTests) -> str:
    """What failed, with places, for the model: short, and last, where it is not cut."""
    groups = (
        ("Newly failing" if tests.compared else "Failing", tests.newly_failing, tests.newly_failing_count),
        ("Failed before the change as well", tests.still_failing, tests.still_failing_count),
        ("Flaky: failed, then passed when run again alone", tests.flaky, tests.flaky_count),
        ("Fixed by the change", tests.fixed, tests.fixed_count),
    )
    parts = [f"[Tests: {tests.describe()}]"]
    for title, cases, many in groups:
        if many:
            parts.append(f"{title}:")
            parts += (f"- {one.describe()}" for one in cases[:SHOWN])
            if many > len(cases[:SHOWN]):
                parts.append(f"- … {many - len(cases[:SHOWN])} more")
    if tests.gone_count:
        parts.append(f"Gone since the base: {', '.join(tests.gone[:SHOWN])}{' …' if tests.gone_count > SHOWN else ''}")
    return "\n".join(parts)
