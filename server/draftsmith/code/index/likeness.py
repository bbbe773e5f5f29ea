"""Similar code: definitions that use the same rare names. Exact copies come first, mere neighbours in subject last."""

from __future__ import annotations

import re

import numpy as np

from draftsmith.code.index.finding import innermost, symbol_at
from draftsmith.code.index.table import Table
from draftsmith.code.index.tree import IndexedTree
from draftsmith.ports.code_index import Symbol

_WORD = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]+")
MOST_NAMES = 60
"""Of what is asked about the rarest names count."""
MOST_CANDIDATES = 400
MOST_FOUND = 200
_LEAST = 0.12
_COMMON_SHARE = 0.2
_FEW = 20
"""A name that more of the files use tells nothing."""


def find_similar(tree: IndexedTree, *, owner: int | None, line: int, text: str) -> list[tuple[float, Symbol]]:
    """Definitions like the one around a line, or like a text, with their likeness (0 to 1)."""
    table = tree.table
    if not table.file_count:
        return []
    itself = None if owner is None else innermost(table, owner, line)
    if owner is not None and itself is not None:
        wanted = _names_within(table, owner, itself)
    else:
        numbers = (tree.names.get(word) for word in set(_WORD.findall(text.encode("utf-8", "replace"))))
        wanted = {number for number in numbers if number is not None}
    used = np.bincount(table.columns["ref_name"] >> 1, minlength=len(tree.names.items))
    rarity = np.log(1 + table.file_count / np.maximum(1, used))
    telling = sorted(
        (name for name in wanted if 0 < used[name] <= max(_FEW, _COMMON_SHARE * table.file_count)),
        key=lambda name: (-rarity[name], name),
    )[:MOST_NAMES]
    scores = _candidates(table, telling, rarity)
    total = sum(float(rarity[name]) for name in telling)
    found: list[tuple[float, int, int]] = []
    for (place, file), _ in sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:MOST_CANDIDATES]:
        if place == itself:
            continue
        theirs = _names_within(table, file, place)
        common = sum(float(rarity[name]) for name in telling if name in theirs)
        either = total + sum(float(rarity[name]) for name in theirs if name not in wanted)
        if common >= _LEAST * either:
            found.append((round(common / either, 3), file, place))
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [(score, symbol_at(tree, file, place)) for score, file, place in found[:MOST_FOUND]]


def _names_within(table: Table, owner: int, definition: int) -> set[int]:
    """Names that a definition uses."""
    first, last = int(table.offsets["references"][owner]), int(table.offsets["references"][owner + 1])
    counts = table.columns["ref_count"][first:last].astype(np.int64)
    begin = int(table.offsets["reference_lines"][owner])
    lines = table.columns["ref_line"][begin : begin + int(counts.sum())]
    names = np.repeat(table.columns["ref_name"][first:last] >> 1, counts)
    start, end = int(table.columns["def_start"][definition]), int(table.columns["def_end"][definition])
    return set(names[(lines >= start) & (lines <= end)].tolist())


def _candidates(table: Table, names: list[int], rarity: np.ndarray) -> dict[tuple[int, int], float]:
    """Definitions (place and file) that use any of the names, with what these weigh together."""
    starts = np.concatenate(([0], np.cumsum(table.columns["ref_count"], dtype=np.int64)))
    all_names = table.columns["ref_name"] >> 1
    scores: dict[tuple[int, int], float] = {}
    for name in names:
        entries = np.flatnonzero(all_names == name)
        owners = np.searchsorted(table.offsets["references"], entries, side="right") - 1
        seen: set[tuple[int, int]] = set()
        for entry, owner in zip(entries.tolist(), owners.tolist(), strict=True):
            for line in table.columns["ref_line"][starts[entry] : starts[entry + 1]].tolist():
                place = innermost(table, owner, line)
                if place is not None:
                    seen.add((place, owner))
        for one in seen:
            scores[one] = scores.get(one, 0.0) + float(rarity[name])
    return scores
