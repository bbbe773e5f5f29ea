"""What runners really wrote, read into passed, failed, skipped and errors, with place and message."""

from __future__ import annotations

from pathlib import Path

import pytest

from draftsmith.code.testresults.reading import read_output, read_report
from draftsmith.code.testresults.report import Report, settled
from draftsmith.domain.testing import CaseOutcome

OUTPUTS = Path(__file__).with_name("outputs")
FILES = {"calc_test.go", "broken/broken_test.go", "src/lib.rs", "sum.test.js", "v/sum.test.ts", "tests/CalcTest.php"}


def read(name: str) -> Report:
    content = (OUTPUTS / name).read_bytes()
    report = read_report(content) or read_output(content.decode("utf-8"))
    assert report is not None, f"nobody understands {name}"
    return settled(report, "/home/dev/calc", lambda path: path in FILES or path.endswith((".py", ".mjs", ".rb", ".cs")))


def found(report: Report) -> dict[str, tuple[str, str, int]]:
    return {one.name: (one.status, one.path, one.line) for one in report.failing}


COUNTS = {
    "pytest.junit.xml": (2, 4, 2, 2),
    "pytest_q.txt": (2, 4, 2, 2),
    "pytest_v.txt": (2, 4, 2, 2),
    "pytest_short.txt": (1, 3, 1, 0),
    "pytest_import_error.txt": (0, 0, 1, 0),
    "unittest.txt": (1, 2, 2, 0),
    "unittest_v.txt": (1, 1, 1, 1),
    "go.jsonl": (3, 3, 1, 1),
    "go_text.txt": (0, 3, 1, 0),
    "go_text_builds.txt": (0, 3, 0, 0),
    "go_text_does_not_build.txt": (0, 3, 1, 0),
    "cargo.txt": (1, 2, 0, 0),
    "cargo_quiet.txt": (1, 2, 0, 0),
    "cargo_ignored.txt": (1, 1, 0, 1),
    "cargo_broken.txt": (0, 0, 1, 0),
    "node_tap.txt": (2, 2, 0, 0),
    "node_tap_groups.txt": (1, 2, 0, 1),
    "node_spec.txt": (2, 2, 0, 0),
    "jest.json": (1, 2, 1, 2),
    "jest.txt": (1, 2, 1, 0),
    "vitest.json": (1, 2, 1, 1),
    "vitest.junit.xml": (1, 3, 0, 1),
    "vitest_text.txt": (1, 2, 1, 1),
    "ctest.txt": (1, 3, 0, 1),
    "ctest.junit.xml": (1, 2, 0, 2),
    "rspec.json": (1, 1, 0, 1),
    "phpunit.junit.xml": (1, 1, 1, 1),
    "dotnet.trx": (1, 1, 0, 1),
}
"""Passed, failed, errors, skipped."""

PLACES = {
    "pytest.junit.xml": {
        "test_calc.py::AddTest::test_adds": ("failed", "test_calc.py", 8),
        "test_calc.py::AddTest::test_breaks": ("failed", "test_calc.py", 19),
        "tests/test_more.py::test_two[1]": ("failed", "tests/test_more.py", 6),
        "tests/test_more.py::test_two[x y]": ("failed", "tests/test_more.py", 6),
        "tests/test_more.py::test_error": ("error", "tests/test_more.py", 20),
        "tests/test_import.py": ("error", "tests/test_import.py", 1),
    },
    "pytest_q.txt": {
        "test_calc.py::AddTest::test_adds": ("failed", "test_calc.py", 8),
        "test_calc.py::AddTest::test_breaks": ("failed", "test_calc.py", 19),
        "tests/test_more.py::test_two[1]": ("failed", "tests/test_more.py", 6),
        "tests/test_more.py::test_two[x y]": ("failed", "tests/test_more.py", 6),
        "tests/test_more.py::test_error": ("error", "tests/test_more.py", 20),
        "tests/test_import.py": ("error", "tests/test_import.py", 1),
    },
    "unittest_v.txt": {
        "test_adds (test_calc.AddTest.test_adds)": ("failed", "test_calc.py", 8),
        "test_breaks (test_calc.AddTest.test_breaks)": ("error", "test_calc.py", 19),
    },
    "go.jsonl": {
        "example.test/calc.TestRed": ("failed", "calc_test.go", 7),
        "example.test/calc.TestSub": ("failed", "", 0),
        "example.test/calc.TestSub/one_two": ("failed", "calc_test.go", 12),
        "example.test/calc/broken": ("error", "broken/broken_test.go", 5),
    },
    "go_text_does_not_build.txt": {
        "example.test/calc.TestRed": ("failed", "calc_test.go", 3),
        "example.test/calc.TestSub": ("failed", "", 0),
        "example.test/calc.TestSub/one_two": ("failed", "calc_test.go", 4),
        "example.test/calc/broken": ("error", "broken/broken_test.go", 3),
    },
    "cargo_ignored.txt": {"tests::adds": ("failed", "src/lib.rs", 9)},
    "cargo_broken.txt": {"`calc`": ("error", "src/lib.rs", 2)},
    "node_tap_groups.txt": {
        "adds up": ("failed", "a.test.mjs", 3),
        "a (group) › inside one": ("failed", "a.test.mjs", 4),
    },
    "node_spec.txt": {
        "adds up": ("failed", "calc.test.mjs", 3),
        "a group › inside # one": ("failed", "calc.test.mjs", 4),
    },
    "jest.json": {
        "adds 1 + 2 to equal 3": ("failed", "sum.test.js", 1),
        "a group › inside": ("failed", "sum.test.js", 3),
        "broken.test.js: the file itself": ("error", "broken.test.js", 1),
    },
    "vitest.json": {
        "adds 1 + 2 to equal 3": ("failed", "v/sum.test.ts", 4),
        "a group › inside": ("failed", "v/sum.test.ts", 8),
        "broken.test.ts: the file itself": ("error", "v/broken.test.ts", 0),
    },
    "vitest_text.txt": {
        "adds 1 + 2 to equal 3": ("failed", "v/sum.test.ts", 4),
        "a group › inside": ("failed", "v/sum.test.ts", 8),
        "broken.test.ts: the file itself": ("error", "v/broken.test.ts", 0),
    },
    "ctest.txt": {"red": ("failed", "calc.c", 7), "slow": ("failed", "", 0), "missing": ("failed", "", 0)},
    "rspec.json": {"calc adds": ("failed", "spec/calc_spec.rb", 2)},
    "phpunit.junit.xml": {
        "CalcTest › testAdds": ("failed", "tests/CalcTest.php", 8),
        "CalcTest › testBreaks": ("error", "tests/CalcTest.php", 23),
    },
    "dotnet.trx": {"Calc.Tests.AddTests.Adds": ("failed", "tests/AddTests.cs", 12)},
}

MESSAGES = {
    ("pytest.junit.xml", "test_calc.py::AddTest::test_adds"): "AssertionError: -1 != 5",
    ("unittest_v.txt", "test_breaks (test_calc.AddTest.test_breaks)"): "KeyError: 'x'",
    ("go.jsonl", "example.test/calc.TestRed"): "1 != 2",
    ("cargo_ignored.txt", "tests::adds"): "left == right",
    ("node_tap_groups.txt", "adds up"): "1 == 2",
    ("jest.json", "a group › inside"): "Error: no",
    ("vitest_text.txt", "a group › inside"): "Error: no",
    ("rspec.json", "calc adds"): "expected: 3",
    ("phpunit.junit.xml", "CalcTest › testAdds"): "Failed asserting that 2 is identical to 3",
    ("dotnet.trx", "Calc.Tests.AddTests.Adds"): "Assert.Equal() Failure",
    ("ctest.txt", "red"): "expected 5",
    ("go_text_does_not_build.txt", "example.test/calc/broken"): "undefined",
}


@pytest.mark.parametrize("name", COUNTS)
def test_what_a_runner_wrote_is_counted(name: str) -> None:
    counts = read(name).counts
    assert (counts.passed, counts.failed, counts.errors, counts.skipped) == COUNTS[name]


@pytest.mark.parametrize("name", PLACES)
def test_failing_tests_have_name_and_place(name: str) -> None:
    assert found(read(name)) == PLACES[name]


@pytest.mark.parametrize(("name", "case"), MESSAGES)
def test_failing_tests_say_why(name: str, case: str) -> None:
    [one] = [one for one in read(name).failing if one.name == case]
    assert MESSAGES[name, case] in one.message


def test_every_recorded_output_is_looked_at() -> None:
    assert {path.name for path in OUTPUTS.iterdir()} - {"README.md"} == set(COUNTS)


@pytest.mark.parametrize(
    ("output", "unnamed"),
    [
        ("FAILED a.py::test_x - boom\n2 failed, 1 passed in 0.1s\n", 1),
        ("FAILED a.py::test_x - boom\n1 failed in 0.1s\n", 0),
        ("FAIL: test_x (a.T.test_x)\n\nRan 2 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n", 1),
        ("test a::b ... FAILED\n\ntest result: FAILED. 0 passed; 2 failed; 0 ignored; 0 measured\n", 1),
    ],
)
def test_failures_that_are_counted_and_not_named_are_told(output: str, unnamed: int) -> None:
    report = read_output(output)
    assert report is not None
    assert report.unnamed == unnamed


@pytest.mark.parametrize("output", ["", "all fine", "make: Nothing to be done", "FAIL: no such thing", "{}", "<a/>"])
def test_output_that_is_no_runners_gives_no_report(output: str) -> None:
    assert read_output(output) is None
    assert read_report(output.encode()) is None


def test_subtests_of_one_test_count_once() -> None:
    report = read_output(
        "FAIL: test_x (a.T.test_x) (n=0)\nFAIL: test_x (a.T.test_x) (n=1)\nRan 2 tests in 0.1s\n\nFAILED (failures=2)\n"
    )
    assert report is not None
    assert [one.name for one in report.failing] == ["test_x (a.T.test_x)"]
    assert report.unnamed == 0


def test_a_case_says_itself_in_one_line() -> None:
    case = CaseOutcome(name="t", status="failed", path="a.py", line=3, message="E: no\nmore")
    assert case.describe() == "t (a.py:3): E: no"
