"""The project's own runners, run for real in the sandbox by the command that its facts give, and their results read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from draftsmith.code.facts.folder import list_folder
from draftsmith.code.facts.gather import gather
from draftsmith.code.testresults.comparing import compare
from draftsmith.domain.ids import CallId
from draftsmith.pipeline.facts import Check
from draftsmith.pipeline.suite_run import SuiteRun, run_again, run_suite
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.tools.tool import DraftRoot, ToolContext
from isolation import short_folder

PYTEST = {
    "pyproject.toml": "[tool.pytest.ini_options]\n",
    "calc.py": "def add(a, b):\n    return a - b\n",
    "tests/test_calc.py": (
        "import pytest\nfrom calc import add\n\n\ndef test_adds():\n    assert add(2, 3) == 5\n\n\n"
        "def test_zero():\n    assert add(2, 0) == 2\n\n\n@pytest.mark.skip\ndef test_later():\n    pass\n"
    ),
    "conftest.py": "import sys\nsys.path.insert(0, '.')\n",
}
UNITTEST = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": (
        "import unittest\nfrom calc import add\n\n\n"
        "class AddTest(unittest.TestCase):\n    def test_adds(self):\n"
        "        self.assertEqual(add(2, 3), 5)\n\n    def test_zero(self):\n        self.assertEqual(add(2, 0), 2)\n\n"
        "    @unittest.skip('not today')\n    def test_later(self):\n        pass\n"
    ),
}
NODE = {
    "package.json": '{"name": "calc", "scripts": {"test": "node --test"}}\n',
    "calc.test.mjs": (
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { add } from './calc.mjs';\n"
        "test('adds', () => { assert.equal(add(2, 3), 5); });\ntest('zero', () => { assert.equal(add(2, 0), 2); });\n"
        "test('later', { skip: true }, () => {});\n"
    ),
    "calc.mjs": "export const add = (a, b) => a - b;\n",
}
GO = {
    "go.mod": "module example.test/calc\n\ngo 1.19\n",
    "calc.go": "package calc\n\nfunc Add(a, b int) int { return a - b }\n",
    "calc_test.go": (
        'package calc\n\nimport "testing"\n\nfunc TestAdds(t *testing.T) {\n\tif got := Add(2, 3); got != 5 {\n'
        '\t\tt.Fatalf("got %d", got)\n\t}\n}\n\nfunc TestZero(t *testing.T) {\n\tif Add(2, 0) != 2 {\n'
        '\t\tt.Fatal("no")\n\t}\n}\n\nfunc TestLater(t *testing.T) { t.Skip("not today") }\n'
    ),
}
RUNNERS: dict[str, tuple[Mapping[str, str], tuple[str, str, int], str]] = {
    "pytest": (PYTEST, ("tests/test_calc.py::test_adds", "tests/test_calc.py", 6), "calc.py"),
    "unittest": (UNITTEST, ("test_adds (test_calc.AddTest.test_adds)", "test_calc.py", 7), "calc.py"),
    "node": (NODE, ("adds", "calc.test.mjs", 4), "calc.mjs"),
}
"""Files, the test that fails with its place, and the file whose `-` is to be a `+`."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("ds-suites-") as place:
        yield place


Lay = Callable[[Mapping[str, str]], ToolContext]


@pytest.fixture
def lay(folder: Path) -> Lay:
    """Lays files out as a draft; the workspace beside it is empty but for its name."""

    def make(files: Mapping[str, str]) -> ToolContext:
        for place in ("ws", "draft", "outputs"):
            (folder / place).mkdir()
        for name, text in files.items():
            path = folder / "draft" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        root = DraftRoot(name="ws", workspace_path=folder / "ws", draft_path=folder / "draft")
        return ToolContext(roots=(root,), sandbox=BubblewrapSandbox(), output_dir=folder / "outputs")

    return make


async def check_of(context: ToolContext) -> Check:
    """The project's own command, by its facts."""
    fact = gather(await list_folder(context.roots[0].draft_path)).command("tests")
    assert fact is not None
    return Check(gate="tests", command=fact.command, root=0, source=fact.source)


async def run(context: ToolContext, check: Check) -> SuiteRun:
    return await run_suite(context, check, CallId("g1"))


@pytest.mark.parametrize("name", RUNNERS)
async def test_a_runner_is_run_and_read(name: str, lay: Lay) -> None:
    files, (failing, path, line), mended = RUNNERS[name]
    context = lay(files)
    draft = context.roots[0].draft_path
    check = await check_of(context)

    before = await run(context, check)
    assert before.report is not None, before.output
    counts = before.report.counts
    assert (counts.passed, counts.failed, counts.errors, counts.skipped) == (1, 1, 0, 1), before.output
    [one] = before.report.failing
    assert (one.name, one.path, one.line) == (failing, path, line)
    assert before.result.exit_code != 0
    assert not [left for left in draft.iterdir() if left.name.startswith(".draftsmith")]

    alone = await run_again(context, check, CallId("g2"), [one])
    assert alone is not None, f"{name} cannot run one test alone"
    assert alone.report is not None, alone.output
    assert [case.name for case in alone.report.failing] == [failing], alone.output
    assert not [case for case in alone.report.cases if case.status == "passed"], alone.output

    (draft / mended).write_text((draft / mended).read_text().replace("a - b", "a + b"))
    after = await run(context, check)
    assert after.report is not None
    assert after.result.exit_code == 0
    compared = compare(before.report, after.report)
    assert compared.compared
    assert ([case.name for case in compared.fixed], compared.newly_failing_count) == ([failing], 0)
    assert compared.describe() == "2 passed, 1 skipped, 1 fixed"


async def test_go_is_run_and_read(lay: Lay) -> None:
    """Once only: every run compiles the standard library anew."""
    context = lay(GO)
    found = await run(context, await check_of(context))
    assert found.report is not None, found.output
    counts = found.report.counts
    assert (counts.passed, counts.failed, counts.errors, counts.skipped) == (1, 1, 0, 1), found.output
    [one] = found.report.failing
    assert (one.name, one.path, one.line) == ("example.test/calc.TestAdds", "calc_test.go", 7)
    assert one.message == "calc_test.go:7: got -1"
    assert '{"' not in found.output, "people see what go test prints, not its events"


async def test_output_longer_than_what_is_kept_is_read_whole(lay: Lay) -> None:
    """The test that fails stands in the middle of a long output, where the text that is shown has a gap."""
    many = "".join(
        f"    def test_{number:04}(self):\n        self.assertNotEqual({number}, 400)\n\n" for number in range(800)
    )
    context = lay({"test_many.py": f"import unittest\n\n\nclass ManyTest(unittest.TestCase):\n{many}"})
    found = await run(context, await check_of(context))
    assert found.report is not None
    assert found.report.counts.passed == 799
    assert [one.name for one in found.report.failing] == ["test_0400 (test_many.ManyTest.test_0400)"]
    assert sum(one.status == "passed" for one in found.report.cases) == 799


async def test_a_report_that_leads_out_of_the_draft_is_not_read(lay: Lay, folder: Path) -> None:
    """The project's code may leave a link where the report is looked for."""
    secret = folder / "secret.xml"
    secret.write_text('<testsuite><testcase name="the-secret"/></testsuite>')
    context = lay({**PYTEST, "conftest.py": LINKS.replace("SECRET", str(secret))})
    found = await run(context, await check_of(context))
    assert "the-secret" not in str(found.report)
    assert secret.read_text().count("the-secret") == 1


LINKS = """
import os, re
import sys
sys.path.insert(0, '.')


def pytest_unconfigure(config):
    path = re.search(r"--junitxml=(\\S+)", os.environ["PYTEST_ADDOPTS"])[1]
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink("SECRET", path)
"""


async def test_a_runner_that_is_not_there_gives_no_report(lay: Lay) -> None:
    context = lay({"Makefile": "test:\n\tno-such-runner\n"})
    found = await run(context, await check_of(context))
    assert found.report is None
    assert found.result.exit_code == 2


def test_the_runners_are_on_this_machine() -> None:
    assert [name for name in ("python3", "node", "npm", "go") if shutil.which(name) is None] == []


async def test_two_roots_are_each_their_own(lay: Lay, folder: Path) -> None:
    context = lay(UNITTEST)
    (folder / "other").mkdir()
    (folder / "other-draft").mkdir()
    (folder / "other-draft" / "test_b.py").write_text(
        "import unittest\n\n\nclass B(unittest.TestCase):\n    def test_b(self):\n        pass\n"
    )
    other = DraftRoot(name="other", workspace_path=folder / "other", draft_path=folder / "other-draft")
    context = replace(context, roots=(*context.roots, other))
    found = await run(context, Check(gate="tests", command="python3 -m unittest discover -q", root=1, source="test"))
    assert found.report is not None
    assert [one.name for one in found.report.cases] == ["test_b (test_b.B.test_b)"]
