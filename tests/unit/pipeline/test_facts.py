"""What a project's own files say of it: languages, rules, and how it is tested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.pipeline.facts import LISTED_FILES, RULES_CHARACTERS, ProjectFacts, read_facts
from draftsmith.pipeline.gates import gates_of
from draftsmith.workspace.snapshot import take_snapshot
from draftsmith.workspace.store import ObjectStore

UNITTEST = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_x(self):\n        pass\n"
PYTEST = "import pytest\n\n\ndef test_x():\n    pass\n"

Files = dict[str, str]


async def facts(tmp_path: Path, *roots: Files, ignored: tuple[str, ...] = ()) -> ProjectFacts:
    """Facts of a snapshot of these files; `ignored` are folders of the first root."""
    folders: list[Path] = []
    for number, files in enumerate(roots):
        folder = tmp_path / f"root{number}"
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        folder.mkdir(exist_ok=True)
        folders.append(folder)
    store = ObjectStore.open(tmp_path / "objects.git")
    taken = await take_snapshot(store, folders, tmp_path / "maps")
    absolute = [f"{folders[0]}/{name}" for name in ignored]
    return await read_facts(store, taken.tree, absolute, [str(one) for one in folders])


def checks(found: ProjectFacts) -> dict[str, tuple[str, str]]:
    return {check.gate: (check.command, check.source) for check in found.checks}


CASES: dict[str, tuple[Files, dict[str, tuple[str, str]]]] = {
    "pytest in pyproject, with ruff": (
        {"pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n", "tests/test_a.py": PYTEST},
        {"tests": ("python3 -m pytest -q", "pyproject.toml"), "lint": ("ruff check .", "ruff's settings")},
    ),
    "format and types from the project's own settings": (
        {
            "pyproject.toml": "[tool.ruff.format]\nquote-style = 'double'\n[tool.mypy]\nfiles = ['a.py']\n",
            "a.py": "",
        },
        {
            "lint": ("ruff check .", "ruff's settings"),
            "format": ("ruff format --check .", "pyproject.toml"),
            "types": ("python3 -m mypy", "pyproject.toml"),
        },
    ),
    "tests written for pytest": (
        {"test_a.py": PYTEST},
        {"tests": ("python3 -m pytest -q", "the test files")},
    ),
    "pytest in the requirements": (
        {"requirements-dev.txt": "pytest==8\n", "test_a.py": UNITTEST},
        {"tests": ("python3 -m pytest -q", "the test files")},
    ),
    "unittest beside the code": (
        {"calc.py": "", "test_calc.py": UNITTEST},
        {"tests": ("python3 -m unittest discover -q", "the test files")},
    ),
    "unittest in a folder, with flake8": (
        {"tests/test_calc.py": UNITTEST, ".flake8": "[flake8]\n"},
        {
            "tests": ("python3 -m unittest discover -q -s tests", "the test files"),
            "lint": ("python3 -m flake8", ".flake8"),
        },
    ),
    "node with tests and lint": (
        {"package.json": json.dumps({"scripts": {"test": "node --test", "lint": "eslint ."}})},
        {"tests": ("npm test --silent", "package.json"), "lint": ("npm run --silent lint", "package.json")},
    ),
    "node as `npm init` leaves it": (
        {"package.json": json.dumps({"scripts": {"test": 'echo "Error: no test specified" && exit 1'}})},
        {},
    ),
    "go": (
        {"go.mod": "module x\n", "a.go": ""},
        {"tests": ("go test ./...", "go.mod"), "lint": ("go vet ./...", "go.mod")},
    ),
    "rust": ({"Cargo.toml": "", "src/lib.rs": ""}, {"tests": ("cargo test --offline --quiet", "Cargo.toml")}),
    "make": ({"Makefile": "all:\n\ntest: all\n\t./run\n"}, {"tests": ("make test", "Makefile")}),
    "make without a test target": ({"Makefile": "latest:\n\ttrue\n"}, {}),
    "the language's own runner before make": (
        {"Makefile": "test:\n\t./run\n", "go.mod": "module x\n"},
        {"tests": ("go test ./...", "go.mod"), "lint": ("go vet ./...", "go.mod")},
    ),
    "broken manifests": ({"pyproject.toml": "[tool", "package.json": "{", "Cargo.lock": ""}, {}),
    "manifests of another shape": ({"pyproject.toml": "tool = 3", "package.json": "[1]"}, {}),
    "an empty folder": ({}, {}),
    "only words": ({"notes.md": "hello"}, {}),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_project_tells_how_it_is_tested(tmp_path: Path, case: str) -> None:
    files, wanted = CASES[case]
    assert checks(await facts(tmp_path, files)) == wanted


async def test_the_project_s_own_environment_runs_its_tests(tmp_path: Path) -> None:
    found = await facts(tmp_path, {"test_a.py": PYTEST}, ignored=(".venv", "node_modules"))
    assert checks(found)["tests"][0] == ".venv/bin/python -m pytest -q"


async def test_each_root_brings_its_own_and_is_told_apart(tmp_path: Path) -> None:
    found = await facts(tmp_path, {"go.mod": "module x\n"}, {"test_a.py": PYTEST, "AGENTS.md": "Be kind."})
    assert [(check.root, check.gate) for check in found.checks] == [(0, "tests"), (0, "lint"), (1, "tests")]
    assert set(found.files) == {"root0/go.mod", "root1/test_a.py", "root1/AGENTS.md"}
    assert [rules.path for rules in found.rules] == ["root1/AGENTS.md"]


async def test_rules_are_read_and_bounded(tmp_path: Path) -> None:
    found = await facts(tmp_path, {"AGENTS.md": "x" * 50_000, "CLAUDE.md": "Short."})
    assert {rules.path: len(rules.text) for rules in found.rules} == {"AGENTS.md": RULES_CHARACTERS, "CLAUDE.md": 6}


async def test_a_long_listing_becomes_folders_with_counts(tmp_path: Path) -> None:
    files = {f"pkg{number % 7}/part{number % 3}/file{number}.py": "" for number in range(LISTED_FILES * 2)}
    found = await facts(tmp_path, files)
    assert found.file_count == LISTED_FILES * 2
    assert len(found.files) <= LISTED_FILES
    counts = [int(name.rsplit("(", 1)[1].split()[0]) for name in found.files]
    assert sum(counts) == found.file_count
    assert found.languages == ("Python",)


async def test_gates_are_named_cheap_ones_first_and_tests_always(tmp_path: Path) -> None:
    assert gates_of(await facts(tmp_path / "a", {"go.mod": "module x\n"})) == (
        *("applies", "parses", "secrets", "quality", "dependencies", "lint", "tests"),
    )
    alone = await facts(tmp_path / "b", {"notes.md": ""})
    assert gates_of(alone) == ("applies", "parses", "secrets", "quality", "tests")


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(("scripts", "test", "tool", "pytest")) | st.text(max_size=3), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=25)
@given(package=JSON, pyproject=st.text(max_size=60), makefile=st.text(max_size=30))
async def test_no_manifest_is_too_odd_to_read(
    tmp_path_factory: pytest.TempPathFactory, package: object, pyproject: str, makefile: str
) -> None:
    files = {
        "package.json": json.dumps(package),
        "pyproject.toml": pyproject.encode("utf-8", "replace").decode(),
        "Makefile": makefile.encode("utf-8", "replace").decode(),
    }
    found = await facts(tmp_path_factory.mktemp("odd"), files)
    assert found.file_count == 3
