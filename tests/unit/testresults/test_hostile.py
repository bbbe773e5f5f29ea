"""Results are written by code that may want harm: nothing expands, nothing raises, everything is bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.testresults import report as values
from draftsmith.code.testresults import xml
from draftsmith.code.testresults.comparing import compare
from draftsmith.code.testresults.reading import read_output, read_report, together
from draftsmith.code.testresults.record import decode_report, encode_report
from draftsmith.code.testresults.report import MAX_MESSAGE, MAX_NAME, Cases, Report, Unreadable
from draftsmith.code.testresults.xml import read_xml
from draftsmith.domain.testing import CaseOutcome, CaseStatus

OUTPUTS = Path(__file__).with_name("outputs")
SAMPLES = [path.read_bytes() for path in sorted(OUTPUTS.iterdir()) if path.name != "README.md"]

BOMB = b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><testsuite><testcase name="&y;"/></testsuite>'
OUTSIDE = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="a">&x;</testcase></testsuite>'
)
ELSEWHERE = b'<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:9/x.dtd"><testsuite><testcase name="a"/></testsuite>'


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, ELSEWHERE])
def test_entities_and_document_types_are_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_xml(content)
    assert read_report(content) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<testsuite>" + b"<a>" * 100 + b"</a>" * 100 + b"</testsuite>",
        b"[" * 200_000,
        b'{"testResults": ' + b"[" * 100_000,
    ],
    ids=["deep", "json deep", "json deep inside"],
)
def test_what_is_out_of_all_bounds_is_no_report(content: bytes) -> None:
    assert read_report(content) is None


def test_too_many_tests_are_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MAX_CASES", 10)
    many = b"".join(b'<testcase name="t%d"/>' % number for number in range(11))
    assert read_report(b"<testsuite>" + many + b"</testsuite>") is None


def test_a_wide_file_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 100)
    assert read_report(b"<testsuite>" + b"<a/>" * 100 + b"</testsuite>") is None


def test_names_and_messages_are_cut() -> None:
    found = read_report(
        b'<testsuite><testcase name="%s"><failure>%s</failure></testcase></testsuite>' % (b"n" * 9_999, b"m" * 9_999)
    )
    assert found is not None
    assert len(found.cases[0].name) == MAX_NAME
    assert len(found.cases[0].message) == MAX_MESSAGE


def _mangled(data: st.DataObject, content: bytes) -> bytes:
    """Pieces of a real output in another order, with something foreign between."""
    places = sorted(data.draw(st.lists(st.integers(0, len(content)), min_size=1, max_size=6)))
    pieces = [content[start:end] for start, end in zip([0, *places], [*places, len(content)], strict=True)]
    pieces = data.draw(st.permutations(pieces))
    return data.draw(st.binary(max_size=6)).join(pieces)


@given(st.data())
def test_no_damaged_output_raises(data: st.DataObject) -> None:
    content = _mangled(data, data.draw(st.sampled_from(SAMPLES)))
    for report in (read_report(content), read_output(content.decode("utf-8", "replace"))):
        if report is not None:
            _is_sound(report)


@given(st.text(st.sampled_from("FAILED ERROR: test ok not 1-()●✖.\n\t::[]#/{}\"'"), max_size=300) | st.text())
def test_no_text_is_too_odd(text: str) -> None:
    report = read_output(text)
    if report is not None:
        _is_sound(report)


def _is_sound(report: Report) -> None:
    counts = report.counts
    assert min(counts.passed, counts.failed, counts.errors, counts.skipped, report.unnamed) >= 0
    assert len({one.name for one in report.cases}) == len(report.cases)
    for one in report.cases:
        assert one.name
        assert one.line >= 0
        one.message.encode("utf-8")
    assert decode_report(encode_report(report)).counts == counts


@pytest.mark.parametrize(
    "unit", ["a" * 50, "(" * 50, "a.b:" * 20, "1 failed, " * 5, "- " * 30, ": " * 30, "› " * 20, "✖ x (1"]
)
def test_no_line_takes_long_to_read(unit: str) -> None:
    """A pattern that goes back and forth takes hours for this; all of them take a moment."""
    for head in (
        "",
        "FAILED ",
        "FAIL: ",
        "test ",
        "not ok 1 - ",
        "    ",
        "--- FAIL: ",
        "ok \t",
        "✖ ",
        " FAIL  ",
        "1/1 Test #1: ",
    ):
        begun = time.process_time()
        read_output(f"TAP version 13\n1..1\n{head}{unit * 2_000}\nRan 1 test in 0.1s\n1 passed in 0.1s\n")
        assert time.process_time() - begun < 20


@given(st.binary(max_size=200))
def test_only_a_report_is_decoded(document: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_report(document)


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
STATUSES: st.SearchStrategy[CaseStatus] = st.sampled_from(["passed", "failed", "error", "skipped"])


@st.composite
def reports(draw: st.DrawFn) -> Report:
    cases = Cases()
    for name in draw(st.sets(NAMES)):
        cases.add(name, draw(STATUSES), path="a.py", line=draw(st.integers(0, 9)), message=draw(st.text(max_size=5)))
    return cases.report("junit")


@given(reports(), reports(), st.sets(NAMES))
def test_every_failing_test_is_new_old_or_wavering(before: Report, after: Report, flaky: set[str]) -> None:
    compared = compare(before, after, flaky)
    told = [*compared.newly_failing, *compared.still_failing, *compared.flaky]
    assert sorted(one.name for one in told) == sorted(one.name for one in after.failing)
    old = {one.name for one in before.failing}
    assert {one.name for one in compared.still_failing} == {one.name for one in after.failing} & old
    passed = {one.name for one in after.cases if one.status == "passed"}
    assert {one.name for one in compared.fixed} == passed & old
    assert not {one.name for one in compared.newly_failing} & flaky


@given(reports())
def test_a_run_compared_with_itself_has_nothing_new(report: Report) -> None:
    compared = compare(report, report)
    assert (compared.newly_failing_count, compared.fixed_count, compared.new_count, compared.gone_count) == (0, 0, 0, 0)


def test_a_failure_without_a_name_is_never_an_old_one() -> None:
    before = Cases().report("junit", bad=2)
    assert compare(before, before).newly_failing_count == 2


def test_reports_of_two_formats_are_not_compared() -> None:
    cases = Cases()
    cases.add("a", "failed")
    compared = compare(cases.report("junit"), cases.report("tap"))
    assert not compared.compared
    assert compared.newly_failing_count == 1


@given(st.lists(reports(), max_size=3))
def test_files_of_one_run_are_one_report(several: list[Report]) -> None:
    whole = together(several)
    names: dict[str, CaseOutcome] = {one.name: one for report in several for one in report.cases}
    assert (whole is None) == (not several)
    assert whole is None or {one.name for one in whole.cases} == set(names)
