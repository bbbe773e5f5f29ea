"""Definitions by name: exact, by parts, by beginnings, and with slips of the pen."""

from __future__ import annotations

import re

import numpy as np
from rapidfuzz import fuzz, process

from draftsmith.code.extraction import KINDS
from draftsmith.code.index.lexical import Parts
from draftsmith.code.index.mapping import documentation, signature
from draftsmith.code.index.record import TEST_BIT
from draftsmith.code.index.table import NO_PARENT, Table
from draftsmith.code.index.tree import IndexedTree
from draftsmith.code.words import terms_of
from draftsmith.ports.code_index import Symbol

MOST_NAMES = 300
"""Names that are looked at closer; what fits worse is not found."""
_LEAST_LIKENESS = 75.0
_MOST_INITIALS = 6
_OTHER_HOLDER = 15.0
"""Taken off when the holder asked for is none of the definition's: it may be a variable's name."""
_QUALIFIED = re.compile(r"(?:\.|::|#|->|/)+")


def find_symbols(tree: IndexedTree, names: Parts, query: str) -> list[tuple[float, Symbol]]:
    """All that fit, the best first, with how well they do (0 to 100)."""
    *holders, wanted = [part for part in _QUALIFIED.split(query.strip().removesuffix("()")) if part] or [""]
    if not wanted or not tree.table.file_count:
        return []
    table = tree.table
    fits = _fitting_names(tree, names, wanted)
    places = np.flatnonzero(np.isin(table.columns["def_name"], np.fromiter(fits, np.uint32, len(fits))))
    owners = np.searchsorted(table.offsets["definitions"], places, side="right") - 1
    used = _use_counts(tree)
    found: list[tuple[float, int, int]] = []
    for place, owner in zip(places.tolist(), owners.tolist(), strict=True):
        name = int(table.columns["def_name"][place])
        score = fits[name]
        if holders and not _held_by(tree, owner, place, holders[-1].lower()):
            score -= _OTHER_HOLDER
        score -= 3.0 if int(table.columns["def_kind"][place]) & TEST_BIT else 0.0
        score += min(2.0, 0.3 * float(np.log1p(used[name])))
        found.append((round(score, 2), owner, place))
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [(score, symbol_at(tree, owner, place)) for score, owner, place in found]


def _fitting_names(tree: IndexedTree, names: Parts, wanted: str) -> dict[int, float]:
    """Numbers of defined names with how well they fit."""
    defined = np.bincount(tree.table.columns["def_name"], minlength=len(tree.names.items)) > 0
    lowered, parts = wanted.lower(), set(terms_of(wanted.encode()))
    found: dict[int, float] = {}
    for number in names.holding(lowered.encode()):
        if defined[number]:
            found[number] = _likeness(tree.names.items[number].decode("utf-8", "replace"), wanted, lowered)
    if len(parts) > 1:
        for number in names.holding(max(parts, key=len)):
            if defined[number] and parts <= set(terms_of(tree.names.items[number])):
                found.setdefault(number, 80.0)
    if len(found) < MOST_NAMES and len(lowered) > 1:
        numbers = np.flatnonzero(defined).tolist()
        others = [tree.names.items[number].decode("utf-8", "replace") for number in numbers]
        if len(lowered) <= _MOST_INITIALS:
            for number, name in zip(numbers, others, strict=True):
                if name[:1].lower() == lowered[0] and _initials(name) == lowered:
                    found.setdefault(number, 78.0)
        if len(lowered) > 3:
            like = process.extract(wanted, others, scorer=fuzz.ratio, limit=40, score_cutoff=_LEAST_LIKENESS)
            for _, score, place in like:
                found.setdefault(numbers[place], score * 0.75)
    best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST_NAMES]
    return dict(best)


def _likeness(name: str, wanted: str, lowered: str) -> float:
    """Of a name that holds what is wanted."""
    low = name.lower()
    if name == wanted:
        return 100.0
    if low == lowered:
        return 97.0
    return (90.0 if low.startswith(lowered) else 82.0) - min(10.0, (len(low) - len(lowered)) / 4)


def _initials(name: str) -> str:
    return "".join(part[0] for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)).lower()


def _held_by(tree: IndexedTree, owner: int, place: int, holder: str) -> bool:
    """Whether a definition stands in something of that name, or in a file whose path has it."""
    around = qualified(tree, owner, place).lower().split(".")[:-1]
    return holder in around or holder in tree.table.paths[owner].decode("utf-8", "replace").lower()


def _use_counts(tree: IndexedTree) -> np.ndarray:
    columns = tree.table.columns
    return np.bincount(columns["ref_name"] >> 1, weights=columns["ref_count"], minlength=len(tree.names.items))


def symbol_at(tree: IndexedTree, owner: int, place: int) -> Symbol:
    """What is known of one definition; `owner` is its file's place."""
    table = tree.table
    kind = int(table.columns["def_kind"][place])
    name = tree.names.items[int(table.columns["def_name"][place])].decode("utf-8", "replace")
    whole = qualified(tree, owner, place)
    return Symbol(
        path=table.paths[owner].decode("utf-8", "backslashreplace"),
        line=int(table.columns["def_line"][place]),
        end_line=int(table.columns["def_end"][place]),
        name=name,
        kind=KINDS[kind & 0xFF],
        signature=signature(table, owner, place).strip(),
        container=whole.removesuffix(name).removesuffix("."),
        doc=documentation(table, owner, place),
        test=bool(kind & TEST_BIT),
    )


def qualified(tree: IndexedTree, owner: int, place: int) -> str:
    """A definition's name after those around it, with points between."""
    table = tree.table
    first = int(table.offsets["definitions"][owner])
    names: list[str] = []
    current = place
    while True:
        names.append(tree.names.items[int(table.columns["def_name"][current])].decode("utf-8", "replace"))
        parent = int(table.columns["def_parent"][current])
        if parent == NO_PARENT:
            return ".".join(reversed(names))
        current = first + parent


def innermost(table: Table, owner: int, line: int) -> int | None:
    """The place of the innermost definition around a line of a file."""
    first, last = int(table.offsets["definitions"][owner]), int(table.offsets["definitions"][owner + 1])
    starts, ends = table.columns["def_start"][first:last], table.columns["def_end"][first:last]
    around = np.flatnonzero((starts <= line) & (ends >= line))
    return None if not around.size else first + int(around[-1])
