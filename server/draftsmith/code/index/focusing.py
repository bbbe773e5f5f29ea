"""Which files a request is about, as far as can be told without reading: named, said by a client, just changed."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from draftsmith.code.index.table import Table
from draftsmith.ports.code_index import Focus

MOST_CHARACTERS = 50_000
"""Of a request that are looked through for paths."""
MOST_PATHS = 50
MOST_RECENT = 10
RECENT_WEIGHT = 0.3
_PATH = re.compile(r"[\w.@~+-]*(?:/[\w.@~+-]+)+\.\w+|\b[\w-]+\.\w{1,5}\b")
_APART_NS = 60_000_000_000
_RECENT_NS = 3_600_000_000_000


def focus_places(table: Table, focus: Sequence[Focus], words: str) -> list[tuple[int, float]]:
    """Places of files with their weights, each once."""
    named = (Focus(path=path) for path in _paths_in(words))
    found: dict[int, float] = dict.fromkeys(_just_changed(table), RECENT_WEIGHT)
    for one in (*focus, *named):
        place = place_of(table, one.path)
        if place is not None:
            found[place] = max(found.get(place, 0.0), min(1.0, max(0.0, one.weight)))
    return sorted(found.items())


def place_of(table: Table, path: str) -> int | None:
    """The place of a file by its path from the folder."""
    wanted = path.removeprefix("./").encode("utf-8", "surrogateescape")
    place = bisect_left(table.paths, wanted)
    return place if place < table.file_count and table.paths[place] == wanted else None


def _paths_in(words: str) -> list[str]:
    """What a request names like a path: in a traceback, a diagnostic, or by hand."""
    found = (match[0].lstrip("./") for match in _PATH.finditer(words[:MOST_CHARACTERS]))
    return list(dict.fromkeys(found))[:MOST_PATHS]


def _just_changed(table: Table) -> list[int]:
    """The few files that were changed within an hour before the newest, and well after most: told by the files' own
    times and no clock. Files that were all written at once, as in a new draft, tell nothing."""
    times = table.stats[:, 1].copy() if table.file_count else np.empty(0, np.int64)
    # A time of 0 stands for "just now", see `IndexedTree`.
    now = times == 0
    if not len(times) or now.mean() > 0.1:
        return []
    times[now] = times.max() + 1
    since = max(int(times.max()) - _RECENT_NS, int(np.median(times)) + _APART_NS)
    recent = np.flatnonzero(times > since)
    newest_first = recent[np.argsort(-times[recent], kind="stable")]
    return newest_first[:MOST_RECENT].tolist()
