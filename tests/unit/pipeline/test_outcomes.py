"""Names of failing tests in what the usual runners really print."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.pipeline.outcomes import failing_tests, summary_line

OUTPUTS = Path(__file__).with_name("outputs")

CASES = {
    "pytest_short": (
        {"test_calc.py::test_sum[1]", "test_calc.py::test_sum[x y]", "test_calc.py::TestMore::test_in_class"}
        | {"test_calc.py::test_error"},
        "3 failed, 1 passed, 1 error in 1.29s",
    ),
    "pytest_import_error": ({"test_import.py"}, "1 error in 4.25s"),
    "unittest": (
        {"test_bad_import (unittest.loader._FailedTest.test_bad_import)", "test_error (test_calc.T.test_error)"}
        | {"test_red (test_calc.T.test_red)", "test_sub (test_calc.T.test_sub)"},
        "FAILED (failures=2, errors=2)",
    ),
    "go_builds": ({"TestRed", "TestSub", "TestSub/one_two", "example.test/calc"}, ""),
    "go_does_not_build": (
        {"TestRed", "TestSub", "TestSub/one_two", "example.test/calc", "example.test/calc/broken"},
        "",
    ),
    "cargo": (
        {"tests::adds", "tests::panics"},
        "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.28s",
    ),
    "cargo_quiet": (
        {"tests::adds", "tests::panics"},
        "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.20s",
    ),
    "node_tap": ({"adds up", r"inside \# one", "a group"}, "# fail 2"),
    "node_spec": ({"adds up", "inside # one", "a group"}, "ℹ fail 2"),
    "jest": (
        {"adds 1 + 2 to equal 3", "a group › inside", "Test suite failed to run", "./sum.test.js", "./broken.test.js"},
        "Tests:       2 failed, 1 passed, 3 total",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_runner_prints_names_its_failing_tests(name: str) -> None:
    output = (OUTPUTS / f"{name}.txt").read_text()
    names, summary = CASES[name]
    assert failing_tests(output) == names
    assert summary_line(output) == summary


def test_every_sample_is_looked_at() -> None:
    assert {path.stem for path in OUTPUTS.iterdir()} == set(CASES)


def test_a_package_that_no_longer_builds_is_a_new_failure() -> None:
    before = failing_tests((OUTPUTS / "go_builds.txt").read_text())
    after = failing_tests((OUTPUTS / "go_does_not_build.txt").read_text())
    assert not after <= before


@pytest.mark.parametrize(
    ("output", "names"),
    [
        ("FAILED a.py::test_x - boom\n2 failed, 1 passed in 0.1s\n", set()),
        ("FAILED a.py::test_x - boom\n1 failed, 1 error in 0.1s\n", set()),
        ("FAILED a.py::test_x - boom\n1 failed in 0.1s\n", {"a.py::test_x"}),
        ("FAIL: test_x (a.T.test_x)\n\nFAILED (failures=1, errors=1)\n", set()),
        ("test a::b ... FAILED\n\ntest result: FAILED. 0 passed; 2 failed; 0 ignored\n", set()),
        ("not ok 1 - x\n# fail 2\n", set()),
    ],
)
def test_failures_that_are_counted_and_not_named_leave_no_names(output: str, names: set[str]) -> None:
    assert failing_tests(output) == names


@pytest.mark.parametrize("output", ["", "all fine", "5 passed in 0.1s", "Ran 3 tests in 0.1s\n\nOK", "ok  \tx\t0.1s"])
def test_output_without_a_failure_names_none(output: str) -> None:
    assert failing_tests(output) == frozenset()


@given(output=st.text(st.sampled_from("FAILED ERROR: test ok not 1-()●✖.\n\t::[]"), max_size=200) | st.text())
def test_no_output_is_too_odd_to_read(output: str) -> None:
    assert all(isinstance(name, str) for name in failing_tests(output))
    assert summary_line(output) == summary_line(output).strip()


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("..s\n\nRan 3 tests in 0.1s\n\nOK (skipped=1)\n", "Ran 3 tests in 0.1s, OK (skipped=1)"),
        ("31 passed, 23 skipped in 0.5s\n", "31 passed, 23 skipped in 0.5s"),
        ("=== 2 skipped in 0.1s ===\n", "2 skipped in 0.1s"),
        ("# pass 2\n# fail 0\n# cancelled 0\n# skipped 3\n", "# fail 0, 3 skipped"),
        ("# pass 2\n# fail 0\n# skipped 0\n", "# fail 0"),
    ],
)
def test_skipped_tests_are_in_the_line(output: str, line: str) -> None:
    assert summary_line(output) == line
