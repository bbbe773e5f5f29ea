"""Facts about the project, from its files at the base: what a prompt tells and which gates there are.

Read from the base snapshot, so that they stay the same for the whole session. Each names the file it came from.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import Entry, every_file

RULES_FILES = ("AGENTS.md", "CLAUDE.md", ".cursorrules", ".github/copilot-instructions.md", "CONTRIBUTING.md")
RULES_CHARACTERS = 12_000
LISTED_FILES = 300
MANIFEST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A command that proves something about the project: `tests` or `lint`. `cwd` is relative to the root."""

    gate: str
    command: str
    root: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """`files` is a listing for people and models, shortened when there are many."""

    files: tuple[str, ...]
    file_count: int
    languages: tuple[str, ...]
    checks: tuple[Check, ...]
    rules: tuple[Rules, ...]

    def outline(self, limit: int) -> tuple[str, ...]:
        """The listing with at most `limit` lines."""
        return _shortened(list(self.files), limit) if len(self.files) > limit else self.files

    def check(self, gate: str) -> Check | None:
        return next((check for check in self.checks if check.gate == gate), None)


async def read_facts(store: ObjectStore, tree: str, ignored: Sequence[str], roots: Sequence[str]) -> ProjectFacts:
    """Facts of all roots; `ignored` are absolute paths of ignored folders, where environments are found."""
    return await in_thread(_read, store, tree, tuple(ignored), tuple(roots))


class _Root:
    """The files of one root by path, read on demand."""

    def __init__(self, store: ObjectStore, files: dict[str, Entry], number: int, path: str) -> None:
        self._store = store
        self.files = files
        self.number = number
        self.path = path

    def has(self, name: str) -> bool:
        return name in self.files

    def any_below(self, folder: str, ending: str) -> bool:
        return any(name.startswith(folder) and name.endswith(ending) for name in self.files)

    def text(self, name: str, limit: int = MANIFEST_BYTES) -> str:
        entry = self.files.get(name)
        if entry is None:
            return ""
        return self._store.read_blob(entry.oid)[:limit].decode("utf-8", "replace")


def _read(_stop: Stop, store: ObjectStore, tree: str, ignored: tuple[str, ...], roots: tuple[str, ...]) -> ProjectFacts:
    found: list[str] = []
    endings: Counter[str] = Counter()
    checks: list[Check] = []
    rules: list[Rules] = []
    several = len(roots) > 1
    for number, content in enumerate(open_snapshot(store, tree)):
        files = {os.fsdecode(name): entry for name, entry in every_file(store, content.tree).items()}
        root = _Root(store, files, number, roots[number])
        prefix = f"{PurePosixPath(roots[number]).name}/" if several else ""
        found += (prefix + name for name in sorted(files))
        endings.update(PurePosixPath(name).suffix for name in files)
        checks += _checks(root, ignored)
        rules += (
            Rules(path=prefix + name, text=root.text(name, RULES_CHARACTERS)) for name in RULES_FILES if root.has(name)
        )
    return ProjectFacts(
        files=_shortened(found),
        file_count=len(found),
        languages=tuple(LANGUAGES[ending] for ending, _ in endings.most_common() if ending in LANGUAGES)[:6],
        checks=tuple(checks),
        rules=tuple(rules),
    )


LANGUAGES = {
    ".py": "Python",
    ".js": "JavaScript",
    ".ts": "TypeScript",
    ".tsx": "TypeScript",
    ".go": "Go",
    ".rs": "Rust",
    ".java": "Java",
    ".rb": "Ruby",
    ".c": "C",
    ".cpp": "C++",
    ".cs": "C#",
    ".php": "PHP",
    ".sh": "Shell",
}


def _shortened(names: list[str], limit: int = LISTED_FILES) -> tuple[str, ...]:
    """All names when they are few; else folders with counts, so that the listing stays within its bound."""
    if len(names) <= limit:
        return tuple(names)
    for depth in (4, 3, 2, 1):
        counts: Counter[str] = Counter()
        for name in names:
            parts = name.split("/")
            counts["/".join(parts[:depth]) + ("/" if len(parts) > depth else "")] += 1
        if len(counts) <= limit or depth == 1:
            lines = [
                f"{name} ({count} files)" if name.endswith("/") else name for name, count in sorted(counts.items())
            ]
            return tuple(lines[:limit])
    return ()


def _checks(root: _Root, ignored: Sequence[str]) -> list[Check]:
    found: list[Check] = []
    for look in (_python, _node, _go, _rust, _make):
        for check in look(root, ignored):
            if all(check.gate != known.gate for known in found):
                found.append(check)
    return found


def _python(root: _Root, ignored: Sequence[str]) -> list[Check]:
    found: list[Check] = []
    settings = _toml(root.text("pyproject.toml"))
    tool_names = _table(settings.get("tool")).keys()
    tests = any(PurePosixPath(name).name.startswith("test_") and name.endswith(".py") for name in root.files)
    python = _interpreter(root, ignored)
    if "pytest" in tool_names or root.has("pytest.ini") or root.has("conftest.py") or (tests and _names_pytest(root)):
        source = "pyproject.toml" if "pytest" in tool_names else "the test files"
        found.append(Check(gate="tests", command=f"{python} -m pytest -q", root=root.number, source=source))
    elif tests:
        command = f"{python} -m unittest discover -q" + (" -s tests" if root.any_below("tests/", ".py") else "")
        found.append(Check(gate="tests", command=command, root=root.number, source="the test files"))
    if "ruff" in tool_names or root.has("ruff.toml") or root.has(".ruff.toml"):
        found.append(Check(gate="lint", command="ruff check .", root=root.number, source="ruff's settings"))
    elif root.has(".flake8"):
        found.append(Check(gate="lint", command=f"{python} -m flake8", root=root.number, source=".flake8"))
    return found


def _names_pytest(root: _Root) -> bool:
    named = ("pyproject.toml", "setup.cfg", "tox.ini", "setup.py")
    if any("pytest" in root.text(name) for name in named):
        return True
    requirements = [name for name in root.files if "requirements" in name and name.endswith(".txt")]
    if any("pytest" in root.text(name) for name in requirements):
        return True
    tests = [name for name in root.files if PurePosixPath(name).name.startswith("test_") and name.endswith(".py")]
    return any(
        "import pytest" in root.text(name, 20_000) or "\ndef test_" in root.text(name, 20_000) for name in tests[:20]
    )


def _interpreter(root: _Root, ignored: Sequence[str]) -> str:
    for name in (".venv", "venv", "env"):
        if f"{root.path}/{name}" in ignored:
            return f"{name}/bin/python"
    return "python3"


def _table(value: object) -> Mapping[str, object]:
    """The value if it is a table, else an empty one: manifests are written by anybody."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _node(root: _Root, _ignored: Sequence[str]) -> list[Check]:
    if not root.has("package.json"):
        return []
    try:
        scripts = _table(_table(json.loads(root.text("package.json"))).get("scripts"))
    except ValueError:
        return []
    found: list[Check] = []
    if "no test specified" not in str(scripts.get("test", "no test specified")):
        found.append(Check(gate="tests", command="npm test --silent", root=root.number, source="package.json"))
    if "lint" in scripts:
        found.append(Check(gate="lint", command="npm run --silent lint", root=root.number, source="package.json"))
    return found


def _go(root: _Root, _ignored: Sequence[str]) -> list[Check]:
    if not root.has("go.mod"):
        return []
    return [
        Check(gate="tests", command="go test ./...", root=root.number, source="go.mod"),
        Check(gate="lint", command="go vet ./...", root=root.number, source="go.mod"),
    ]


def _rust(root: _Root, _ignored: Sequence[str]) -> list[Check]:
    if not root.has("Cargo.toml"):
        return []
    return [Check(gate="tests", command="cargo test --offline --quiet", root=root.number, source="Cargo.toml")]


def _make(root: _Root, _ignored: Sequence[str]) -> list[Check]:
    for name in ("Makefile", "makefile", "GNUmakefile"):
        lines = root.text(name).split("\n")
        if any(line.startswith("test:") for line in lines):
            return [Check(gate="tests", command="make test", root=root.number, source=name)]
    return []
