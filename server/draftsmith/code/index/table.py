"""All files of a tree as a few long arrays: quick to load, to search and to change by the file.

Every file has a run in each array; offsets say where. Replacing a file copies runs and touches nothing else, so a
draft is its base with a few runs replaced. The arrays are never written to in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from draftsmith.code.index.record import unpack

Numbers = NDArray[np.uint32]
Offsets = NDArray[np.int64]

SECTIONS: dict[str, tuple[str, type]] = {
    # column: (section whose runs it follows, type)
    "def_name": ("definitions", np.uint32),
    "def_kind": ("definitions", np.uint32),
    "def_line": ("definitions", np.uint32),
    "def_start": ("definitions", np.uint32),
    "def_end": ("definitions", np.uint32),
    "def_parent": ("definitions", np.uint32),
    "def_text": ("definitions", np.uint32),
    "ref_name": ("references", np.uint32),
    "ref_count": ("references", np.uint32),
    "ref_line": ("reference_lines", np.uint32),
    "import_name": ("imports", np.uint32),
    "import_line": ("imports", np.uint32),
    "term": ("terms", np.uint32),
    "term_count": ("terms", np.uint8),
    "text": ("text", np.uint8),
}
RUNS = ("definitions", "references", "reference_lines", "imports", "terms", "text")
NO_PARENT = 0xFFFFFFFF


class Interner:
    """Byte strings with numbers, in the order in which they came."""

    def __init__(self, items: list[bytes]) -> None:
        self.items = items
        self.numbers = dict(zip(items, range(len(items)), strict=True))

    def add_all(self, items: Sequence[bytes]) -> Numbers:
        numbers, known = self.numbers, self.items
        found = np.empty(len(items), np.uint32)
        for place, item in enumerate(items):
            number = numbers.get(item)
            if number is None:
                number = numbers[item] = len(known)
                known.append(item)
            found[place] = number
        return found

    def get(self, item: bytes) -> int | None:
        return self.numbers.get(item)


@dataclass(slots=True)
class Table:
    """`offsets[section]` has one more entry than there are files; `columns` are keyed as in `SECTIONS`."""

    paths: list[bytes]
    ids: NDArray[np.uint8]
    stats: NDArray[np.int64]
    """Size, mtime in ns, inode for each file; an mtime of 0 makes the file be read again."""
    languages: NDArray[np.uint8]
    skipped: NDArray[np.uint8]
    lines: Numbers
    offsets: dict[str, Offsets]
    columns: dict[str, NDArray[np.uint32 | np.uint8]]

    @property
    def file_count(self) -> int:
        return len(self.paths)

    def file_of(self, section: str) -> NDArray[np.int64]:
        """For each entry of a section the file that it belongs to."""
        return np.repeat(np.arange(len(self.paths)), np.diff(self.offsets[section]))


@dataclass(frozen=True, slots=True)
class Kept:
    """Files `first` to `last` (excluded) of the old table, as they are."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Added:
    """A file's record as bytes: taken apart all at once, the records of a large tree would fill the memory."""

    path: bytes
    content_id: bytes
    stats: tuple[int, int, int]
    record: bytes


def empty_table() -> Table:
    return Table(
        paths=[],
        ids=np.empty((0, 20), np.uint8),
        stats=np.empty((0, 3), np.int64),
        languages=np.empty(0, np.uint8),
        skipped=np.empty(0, np.uint8),
        lines=np.empty(0, np.uint32),
        offsets={section: np.zeros(1, np.int64) for section in RUNS},
        columns={name: np.empty(0, kind) for name, (_, kind) in SECTIONS.items()},
    )


def splice(old: Table, parts: Sequence[Kept | Added], names: Interner, terms: Interner) -> Table:
    """A table of the parts, in their order, which is the order of paths."""
    runs = [_kept(old, part) if isinstance(part, Kept) else _added(part, names, terms) for part in parts]
    if not runs:
        return empty_table()
    lengths = {section: np.concatenate([run.lengths[section] for run in runs]) for section in RUNS}
    return Table(
        paths=[path for run in runs for path in run.paths],
        ids=np.concatenate([run.ids for run in runs]),
        stats=np.concatenate([run.stats for run in runs]),
        languages=np.concatenate([run.languages for run in runs]),
        skipped=np.concatenate([run.skipped for run in runs]),
        lines=np.concatenate([run.lines for run in runs]),
        offsets={section: np.concatenate(([0], np.cumsum(lengths[section]))).astype(np.int64) for section in RUNS},
        columns={name: np.concatenate([run.columns[name] for run in runs]) for name in SECTIONS},
    )


@dataclass(slots=True)
class _Run:
    paths: Sequence[bytes]
    ids: NDArray[np.uint8]
    stats: NDArray[np.int64]
    languages: NDArray[np.uint8]
    skipped: NDArray[np.uint8]
    lines: Numbers
    lengths: dict[str, NDArray[np.int64]]
    columns: dict[str, NDArray[np.uint32 | np.uint8]]


def _kept(old: Table, part: Kept) -> _Run:
    first, last = part.first, part.last
    return _Run(
        paths=old.paths[first:last],
        ids=old.ids[first:last],
        stats=old.stats[first:last],
        languages=old.languages[first:last],
        skipped=old.skipped[first:last],
        lines=old.lines[first:last],
        lengths={section: np.diff(old.offsets[section][first : last + 1]) for section in RUNS},
        columns={
            name: old.columns[name][old.offsets[section][first] : old.offsets[section][last]]
            for name, (section, _) in SECTIONS.items()
        },
    )


def _added(part: Added, names: Interner, terms: Interner) -> _Run:
    record = unpack(part.record)
    definitions, references, reference_lines, imports = record.counts
    numbers = names.add_all(record.names)
    defs = np.frombuffer(record.definitions, np.uint32).reshape(7, definitions)
    refs = np.frombuffer(record.references, np.uint32).reshape(2, references)
    modules = np.frombuffer(record.imports, np.uint32).reshape(2, imports)
    sizes = (definitions, references, reference_lines, imports, len(record.terms), len(record.text))
    called = refs[0] & 1
    return _Run(
        paths=[part.path],
        ids=np.frombuffer(part.content_id, np.uint8).reshape(1, 20),
        stats=np.array([part.stats], np.int64),
        languages=np.array([record.language], np.uint8),
        skipped=np.array([record.skipped], np.uint8),
        lines=np.array([record.lines], np.uint32),
        lengths={section: np.array([size], np.int64) for section, size in zip(RUNS, sizes, strict=True)},
        columns={
            "def_name": numbers[defs[0]],
            "def_kind": defs[1],
            "def_line": defs[2],
            "def_start": defs[3],
            "def_end": defs[4],
            "def_parent": defs[5],
            "def_text": defs[6],
            "ref_name": (numbers[refs[0] >> 1] << np.uint32(1)) | called,
            "ref_count": refs[1],
            "ref_line": np.frombuffer(record.reference_lines, np.uint32),
            "import_name": numbers[modules[0]],
            "import_line": modules[1],
            "term": terms.add_all(record.terms),
            "term_count": np.frombuffer(record.term_counts, np.uint8),
            "text": np.frombuffer(record.text, np.uint8),
        },
    )
