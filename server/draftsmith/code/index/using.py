"""Who calls, who uses, who imports: by name, as written. What a receiver is, only a type checker knows."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from draftsmith.code.index.finding import innermost, qualified
from draftsmith.code.index.reading import language_numbers, read_file
from draftsmith.code.index.tree import IndexedTree
from draftsmith.code.languages import languages
from draftsmith.ports.code_index import Use

LINE_CHARACTERS = 240
_QUALIFIED = re.compile(r"(?:\.|::|#|->)+")
_SEPARATORS = re.compile(r"[./\\]+|::")
_INDEX_FILES = frozenset(("__init__", "index", "mod", "lib", "main"))

_OWN_ROOTS = frozenset(("crate", "self", "super", "*", "package:"))

Place = tuple[int, int]
"""File and line."""


def find_references(tree: IndexedTree, name: str, *, calls_only: bool) -> list[Place]:
    """Where a name is used, in the order of paths. `Holder.name` counts as `name`."""
    wanted = ([part for part in _QUALIFIED.split(name.strip().removesuffix("()")) if part] or [""])[-1]
    number = tree.names.get(wanted.encode())
    if number is None:
        return []
    table = tree.table
    entries = np.flatnonzero(table.columns["ref_name"] >> 1 == number)
    if calls_only:
        entries = entries[(table.columns["ref_name"][entries] & 1) == 1]
    owners = np.searchsorted(table.offsets["references"], entries, side="right") - 1
    starts = np.concatenate(([0], np.cumsum(table.columns["ref_count"], dtype=np.int64)))
    found: list[Place] = []
    for entry, owner in zip(entries.tolist(), owners.tolist(), strict=True):
        lines = table.columns["ref_line"][starts[entry] : starts[entry + 1]]
        found += ((owner, line) for line in lines.tolist())
    return sorted(set(found))


def find_imports(tree: IndexedTree, target: str) -> list[Place]:
    """Where a file of the tree, or a module by its name, is imported."""
    table = tree.table
    paths = {path.decode("utf-8", "replace") for path in table.paths}
    path = target.strip().removeprefix("./")
    modules = table.columns["import_name"]
    owners = np.searchsorted(table.offsets["imports"], np.arange(len(modules)), side="right") - 1
    if path in paths:
        wanted = _of_file(path)
        alone = Counter(_of_file(one)[-1:] for one in paths)[wanted[-1:]] == 1
    else:
        wanted, alone = _components(target.strip(), ending="/" in target), False
    if not wanted:
        return []
    hint = (wanted[-1] if path in paths else wanted[0]).encode()
    numbers = [number for number in np.unique(modules).tolist() if hint in tree.names.items[number]]
    entries = np.flatnonzero(np.isin(modules, numbers)).tolist()
    root = tuple(part for part in tree.root.split("/") if part)
    found: set[Place] = set()
    for entry in entries:
        owner = int(owners[entry])
        text = tree.names.items[int(modules[entry])].decode("utf-8", "replace")
        importer = table.paths[owner].decode("utf-8", "replace")
        separator = _separators()[int(table.languages[owner])]
        if path in paths:
            means = _means_file(text, importer, wanted, root, alone=alone, separator=separator)
        else:
            means = _components(text, ending=separator != ".")[: len(wanted)] == wanted
        if means and importer != path:
            found.add((owner, int(table.columns["import_line"][entry])))
    return sorted(found)


def _components(text: str, *, ending: bool) -> tuple[str, ...]:
    """The parts of a path or a module's name; `ending`: it may end like a file, else points only separate names."""
    if ending and posixpath.splitext(text)[1].lower() in _endings():
        text = posixpath.splitext(text)[0]
    return tuple(part for part in _SEPARATORS.split(text.strip("\"'<>;")) if part)


def _of_file(path: str) -> tuple[str, ...]:
    """A file's parts; what stands for its folder is left out."""
    parts = _components(path, ending=True)
    return parts[:-1] if len(parts) > 1 and parts[-1] in _INDEX_FILES else parts


@cache
def _endings() -> frozenset[str]:
    return frozenset(ending for data in languages().values() for ending in data.extensions)


@cache
def _separators() -> dict[int, str]:
    """By number of the language: what stands between the parts of a module's name."""
    return {number: languages()[name].import_separator for name, number in language_numbers().items()}


def _means_file(
    text: str, importer: str, wanted: tuple[str, ...], root: tuple[str, ...], *, alone: bool, separator: str
) -> bool:
    """`wanted` are the components of the file, `root` those of the folder that they begin in, for the folder may lie
    inside a package. `alone`: no other file has its last name."""
    folder = tuple(part for part in posixpath.dirname(importer).split("/") if part)
    if text.startswith("."):
        if separator == ".":
            level = len(text) - len(text.lstrip("."))
            base = folder[: len(folder) - level + 1]
            return (*base, *(part for part in text.split(".") if part)) == wanted
        resolved = posixpath.normpath(posixpath.join(posixpath.dirname(importer), text))
        return _of_file(resolved) == wanted
    parts = tuple(part for part in _components(text, ending=separator != ".") if part not in _OWN_ROOTS)
    if not parts or parts != (*root, *wanted)[-len(parts) :]:
        return False
    return len(parts) > 1 or len(wanted) == 1 or alone or folder == wanted[:-1]


def describe_uses(tree: IndexedTree, places: list[Place]) -> list[Use]:
    """The places with their lines, read from the files as they are."""
    found: list[Use] = []
    lines: list[bytes] = []
    last = -1
    for owner, line in places:
        if owner != last:
            path = Path(tree.root) / tree.table.paths[owner].decode("utf-8", "surrogateescape")
            lines = (read_file(str(path).encode("utf-8", "surrogateescape")) or b"").split(b"\n")
            last = owner
        around = innermost(tree.table, owner, line)
        text = lines[line - 1].decode("utf-8", "replace").strip() if 0 < line <= len(lines) else ""
        found.append(
            Use(
                path=tree.table.paths[owner].decode("utf-8", "backslashreplace"),
                line=line,
                text=text[:LINE_CHARACTERS],
                within="" if around is None else qualified(tree, owner, around),
            )
        )
    return found
