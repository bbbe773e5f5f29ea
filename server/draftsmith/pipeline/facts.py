"""Facts about the project, from its files at the base: what a prompt tells and which gates there are.

Read from the base snapshot, so that they stay the same for the whole session. Each names the file it came from.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from draftsmith.code.facts.gather import facts_text, gather
from draftsmith.code.facts.model import MANIFEST_CHARACTERS, Facts
from draftsmith.code.facts.preparations import Preparation, preparations
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import Entry, every_file

RULES_CHARACTERS = 12_000
LISTED_FILES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A command that proves something about the project: `tests`, `lint`, `format` or `types`, run in the root."""

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
    """`files` is a listing for people and models, shortened when there are many. `of_roots` are what each root's
    own files say, with the name of the root in front when there are several."""

    files: tuple[str, ...]
    file_count: int
    languages: tuple[str, ...]
    checks: tuple[Check, ...]
    rules: tuple[Rules, ...]
    of_roots: tuple[tuple[str, Facts], ...] = ()
    preparations: tuple[tuple[int, Preparation], ...] = ()
    """The environments that lock files ask for, each with the number of its root."""

    def outline(self, limit: int) -> tuple[str, ...]:
        """The listing with at most `limit` lines."""
        return _shortened(list(self.files), limit) if len(self.files) > limit else self.files

    def check(self, gate: str) -> Check | None:
        return next((check for check in self.checks if check.gate == gate), None)

    def text(self) -> str:
        """Frameworks, package managers, entry points and style in words, the same at every call."""
        parts = [(name, facts_text(facts)) for name, facts in self.of_roots]
        return "\n".join(f"In {name}:\n{text}" if name else text for name, text in parts if text)


async def read_facts(store: ObjectStore, tree: str, ignored: Sequence[str], roots: Sequence[str]) -> ProjectFacts:
    """Facts of all roots; `ignored` are absolute paths of ignored folders, where environments are found."""
    return await in_thread(_read, store, tree, tuple(ignored), tuple(roots))


class _Root:
    """The files of one root of a snapshot by path, read on demand."""

    def __init__(self, store: ObjectStore, files: dict[str, Entry], path: str, ignored: Sequence[str]) -> None:
        self._store = store
        self._files = files
        self.names = files.keys()
        self.ignored = frozenset(one[len(path) + 1 :] for one in ignored if one.startswith(f"{path}/"))

    def text(self, name: str, limit: int = MANIFEST_CHARACTERS) -> str:
        entry = self._files.get(name)
        if entry is None:
            return ""
        return self._store.read_blob(entry.oid)[:limit].decode("utf-8", "replace")


def _read(_stop: Stop, store: ObjectStore, tree: str, ignored: tuple[str, ...], roots: tuple[str, ...]) -> ProjectFacts:
    found: list[str] = []
    languages: Counter[str] = Counter()
    checks: list[Check] = []
    rules: list[Rules] = []
    of_roots: list[tuple[str, Facts]] = []
    wanted: list[tuple[int, Preparation]] = []
    several = len(roots) > 1
    for number, content in enumerate(open_snapshot(store, tree)):
        files = {os.fsdecode(name): entry for name, entry in every_file(store, content.tree).items()}
        root = _Root(store, files, roots[number], ignored)
        name = PurePosixPath(roots[number]).name if several else ""
        prefix = f"{name}/" if several else ""
        found += (prefix + one for one in sorted(files))
        facts = gather(root)
        of_roots.append((name, facts))
        wanted += ((number, one) for one in preparations(root, number))
        languages.update({one.name: one.files for one in facts.languages})
        checks += (
            Check(gate=one.purpose, command=one.command, root=number, source=one.source)
            for one in facts.commands
            if one.purpose != "build"
        )
        rules += (Rules(path=prefix + one, text=root.text(one, RULES_CHARACTERS)) for one in facts.rules)
    return ProjectFacts(
        files=_shortened(found),
        file_count=len(found),
        languages=tuple(name for name, _ in languages.most_common(6)),
        checks=tuple(checks),
        rules=tuple(rules),
        of_roots=tuple(of_roots),
        preparations=tuple(wanted),
    )


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
