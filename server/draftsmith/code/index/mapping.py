"""The map of a tree: the definitions that matter most, as their own lines, within a budget of tokens.

Files stand in the order of paths and lines in the order of the file, so that a small change leaves the rest as it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from draftsmith.code.index.ranking import Ranking
from draftsmith.code.index.table import NO_PARENT, Table

ELIDED = "⋮"
"""Stands where definitions of the file are left out."""

BYTES_PER_TOKEN = 3.6
"""Of code, for the tokenizers in use; an estimate that errs on the side of too many tokens."""

_NEXT_FACTOR = 0.72
"""Each further definition of a file counts less: many files tell more than one file whole."""
_MOST_FILES = 400
_MOST_PER_FILE = 40
LINE_CHARACTERS = 120


def tokens_of(text: str) -> int:
    """About how many tokens a model sees."""
    return int(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN) + 1


@dataclass(frozen=True, slots=True)
class Map:
    """`files` counts those in the map."""

    text: str
    tokens: int
    files: int
    definitions: int


def draw_map(table: Table, ranking: Ranking, budget: int) -> Map:
    """The best of a ranking within `budget` tokens; empty when there is no room for a single file."""
    starts, definitions = table.offsets["definitions"], ranking.definitions
    order_of_files = np.argsort(-ranking.files, kind="stable")[:_MOST_FILES].tolist()
    best = [place for place in order_of_files if ranking.files[place] > 0]
    waiting: list[tuple[float, int, int]] = []
    orders: dict[int, list[int]] = {}
    for place in best:
        first, last = int(starts[place]), int(starts[place + 1])
        inner = np.argsort(-definitions[first:last], kind="stable")[:_MOST_PER_FILE]
        orders[place] = (inner + first).tolist()
        waiting.append((-float(ranking.files[place]), place, 0))
    heapify(waiting)
    chosen: dict[int, list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    # Tokens are a line's bytes: the sum of the blocks, each drawn anew as it grows.
    room, used = int(budget * BYTES_PER_TOKEN), 0
    while waiting:
        score, place, number = heappop(waiting)
        order = orders[place]
        wanted = [*chosen[place], order[number]] if number < len(order) else chosen[place]
        size = len(_block(table, place, wanted).encode()) + 1
        if used + size - sizes.get(place, 0) > room:
            if number == 0:
                chosen.pop(place, None)
                if room - used < 60:
                    break
            continue
        used += size - sizes.get(place, 0)
        sizes[place], chosen[place] = size, wanted
        if number + 1 < len(order):
            heappush(waiting, (score * _NEXT_FACTOR, place, number + 1))
    blocks = [_block(table, place, chosen[place]) for place in sorted(sizes)]
    text = "\n".join(blocks)
    return Map(text, tokens_of(text) if text else 0, len(blocks), sum(len(chosen[place]) for place in sizes))


def _block(table: Table, place: int, chosen: list[int]) -> str:
    """A file's name and the chosen lines with those that they stand in."""
    first, last = int(table.offsets["definitions"][place]), int(table.offsets["definitions"][place + 1])
    parents, lines = table.columns["def_parent"], table.columns["def_line"]
    shown: set[int] = set()
    for one in chosen:
        current = one
        while current not in shown:
            shown.add(current)
            parent = int(parents[current])
            if parent == NO_PARENT:
                break
            current = first + parent
    rows = [table.paths[place].decode("utf-8", "replace") + ":"]
    elided = False
    last_line = 0
    for one in range(first, last):
        if one not in shown:
            elided = True
            continue
        if int(lines[one]) == last_line:
            continue
        if elided:
            rows.append(ELIDED)
        rows.append(signature(table, place, one))
        elided, last_line = False, int(lines[one])
    if elided:
        rows.append(ELIDED)
    return "\n".join(rows)


def signature(table: Table, place: int, definition: int) -> str:
    """The first line of a definition as it stands in the file."""
    start, length, _ = text_place(table, place, definition)
    raw = table.columns["text"][start : start + length].tobytes()
    return raw.decode("utf-8", "replace").expandtabs(4)[:LINE_CHARACTERS].rstrip().removesuffix("{").rstrip()


def documentation(table: Table, place: int, definition: int) -> str:
    """The first line of what is said about a definition, or nothing."""
    start, length, size = text_place(table, place, definition)
    return table.columns["text"][start + length : start + length + size].tobytes().decode("utf-8", "replace")


def text_place(table: Table, place: int, definition: int) -> tuple[int, int, int]:
    """Where a definition's text begins, and the lengths of its signature and its documentation."""
    first = int(table.offsets["definitions"][place])
    lengths = table.columns["def_text"][first : definition + 1].astype(np.int64)
    both = (lengths & 0xFFFF) + (lengths >> 16)
    start = int(table.offsets["text"][place] + both[:-1].sum())
    return start, int(lengths[-1] & 0xFFFF), int(lengths[-1] >> 16)
