"""One folder's table, kept in step with the folder: what changed is found by stat data, read, and put in its place.

Blocking: the index process calls it in a thread, one folder at a time.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from draftsmith.code.index import saved
from draftsmith.code.index.reading import PARSER_FAILED, blob_id, language_numbers, make_record, read_file
from draftsmith.code.index.record import pack_skipped
from draftsmith.code.index.records import Records
from draftsmith.code.index.scan import Scan, scan
from draftsmith.code.index.table import Added, Interner, Kept, Table, empty_table, splice
from draftsmith.code.index.workers import NO_ID, Job, run_jobs

FEW_FILES = 24
"""So many are read here: starting processes would take longer."""
_FINE_NS = 100_000_000
_COARSE_NS = 2_100_000_000
"""A file changed so shortly before it was read may change again without its time showing it."""


@dataclass(slots=True)
class Cache:
    """What all folders share, and what happened that users are told once."""

    folder: Path
    records: Records
    notices: list[str] = field(default_factory=list[str])
    parsing: threading.Lock = field(default_factory=threading.Lock)
    """Parsing in this process, one folder at a time."""
    crashed: frozenset[bytes] = frozenset()
    """Contents that ended an earlier process of ours: they are left out."""

    @property
    def marker(self) -> Path:
        """Names what is being parsed in this process; still there at the next start when it ended us."""
        return self.folder / "parsing"

    @classmethod
    def open(cls, folder: Path) -> Cache:
        """Raises AdapterError when the folder cannot be used."""
        cache = cls(folder, Records(folder))
        if cache.records.damaged:
            cache.notices.append(_DAMAGED)
        try:
            held = cache.marker.read_bytes()
            cache.crashed = frozenset(held[at : at + 20] for at in range(0, len(held), 20))
            cache.marker.unlink()
        except OSError:
            pass
        return cache


_DAMAGED = "The index of code on disk was damaged; what was damaged is built anew from the files."


@dataclass(slots=True)
class Changes:
    """What a synchronisation found."""

    read: int = 0
    removed: int = 0
    total: int = 0

    @property
    def any(self) -> bool:
        return bool(self.read or self.removed)


class IndexedTree:
    """`root` is a folder that this process may read. `base` names a state of it that others share, or is empty."""

    def __init__(self, root: str, cache: Cache, *, base: str = "") -> None:
        self.root = root
        self.version = 0
        """Counts the tables, for whoever keeps something that was made from one."""
        self.others = 0
        self.truncated = False
        self._cache = cache
        self._base = base
        self.table, self.names, self.terms = self._load()
        self._unsaved = False

    def _load(self) -> tuple[Table, Interner, Interner]:
        for key in (f"folder:{self.root}", f"base:{self._base}"):
            if key == "base:":
                continue
            try:
                found = saved.load(self._cache.folder, key)
            except saved.Damaged:
                self._cache.notices.append(_DAMAGED)
                continue
            if found is not None:
                if key.startswith("base:"):
                    # Of another folder: times and inodes say nothing here.
                    found[0].stats = np.zeros_like(found[0].stats)
                return found
        return empty_table(), Interner([]), Interner([])

    def sync(self, *, workers: int = 0) -> Changes:
        """Brings the table in step with the folder."""
        now = scan(self.root)
        self.others, self.truncated = now.others, now.truncated
        stats = np.array(list(zip(now.sizes, now.mtimes, now.inodes, strict=True)), np.int64).reshape(-1, 3)
        old = self.table
        if now.paths == old.paths and np.array_equal(stats, old.stats):
            return Changes(total=len(now.paths))
        if now.paths == old.paths:
            places = list(range(len(now.paths)))
            same = (stats == old.stats).all(axis=1).tolist()
        else:
            known = {path: place for place, path in enumerate(old.paths)}
            places = [known.get(path, -1) for path in now.paths]
            same = self._same(places, stats)
        wanted = [place for place, keep in enumerate(same) if not keep]
        fresh = self._read(now, stats, wanted, places, workers)
        changes = Changes(
            read=sum(isinstance(one, Added) for one in fresh.values()),
            removed=len(old.paths) - sum(place >= 0 for place in places),
            total=len(now.paths),
        )
        if changes.any or fresh:
            parts = _parts(places, same, fresh)
            self.table = splice(old, parts, self.names, self.terms)
            self.table.stats = self._settled(stats)
            self.version += changes.any
            self._unsaved = True
        return changes

    def _same(self, places: list[int], stats: np.ndarray) -> list[bool]:
        if not self.table.paths:
            return [False] * len(places)
        numbers = np.array(places, np.int64)
        return ((self.table.stats[numbers] == stats).all(axis=1) & (numbers >= 0)).tolist()

    @staticmethod
    def _settled(stats: np.ndarray) -> np.ndarray:
        """Times without those of files that may still be changing unseen."""
        now = time.time_ns()
        coarse = (stats[:, 1] % 1_000_000_000) == 0
        young = stats[:, 1] > now - np.where(coarse, _COARSE_NS, _FINE_NS)
        settled = stats.copy()
        settled[young, 1] = 0
        return settled

    def _read(
        self, now: Scan, stats: np.ndarray, wanted: list[int], places: list[int], workers: int
    ) -> dict[int, Added | Kept]:
        """What to put in the place of each wanted file. Content that is known is not parsed again."""
        records, found = self._cache.records, dict[int, Added | Kept]()
        root = self.root.encode("utf-8", "surrogateescape").rstrip(b"/") + b"/"
        missing: list[int] = []
        if len(records) or len(wanted) <= FEW_FILES:
            contents = dict[int, bytes]()
            for place in wanted:
                content = read_file(root + now.paths[place])
                if content is None:
                    missing.append(place)
                    continue
                content_id = blob_id(content)
                old = places[place]
                if old >= 0 and self.table.ids[old].tobytes() == content_id:
                    found[place] = Kept(old, old + 1)
                elif (data := records.get(content_id)) is not None:
                    found[place] = self._added(now, stats, place, content_id, data)
                elif len(wanted) <= FEW_FILES:
                    contents[place] = content
                else:
                    missing.append(place)
            self._parse_here(now, stats, contents, found)
        else:
            missing = wanted
        jobs = [Job(place, root + now.paths[place], now.languages[place], now.sizes[place]) for place in missing]
        done: list[tuple[int, bytes, bytes]] = []
        if jobs:
            run_jobs(jobs, lambda *one: done.append(one), workers=workers)
        for place, content_id, data in done:
            if content_id != NO_ID:
                records.add(content_id, data)
            found[place] = self._added(now, stats, place, content_id, data)
        records.flush()
        if records.damaged:
            records.damaged = False
            self._cache.notices.append(_DAMAGED)
        return found

    def _parse_here(
        self, now: Scan, stats: np.ndarray, contents: dict[int, bytes], found: dict[int, Added | Kept]
    ) -> None:
        if contents:
            with self._cache.parsing:
                self._parse_all(now, stats, contents, found)

    def _parse_all(
        self, now: Scan, stats: np.ndarray, contents: dict[int, bytes], found: dict[int, Added | Kept]
    ) -> None:
        cache = self._cache
        ids = {place: blob_id(content) for place, content in contents.items()}
        cache.marker.write_bytes(b"".join(ids.values()))
        for place, content in contents.items():
            if ids[place] in cache.crashed:
                data = pack_skipped(language_numbers()[now.languages[place]], PARSER_FAILED)
            else:
                data = make_record(content, now.languages[place])
                cache.records.add(ids[place], data)
            found[place] = self._added(now, stats, place, ids[place], data)
        cache.marker.unlink(missing_ok=True)

    @staticmethod
    def _added(now: Scan, stats: np.ndarray, place: int, content_id: bytes, data: bytes) -> Added:
        size, mtime, inode = (int(one) for one in stats[place])
        return Added(now.paths[place], content_id, (size, mtime, inode), data)

    def save(self) -> None:
        """Writes the table for the next start. Raises AdapterError."""
        if self._unsaved:
            saved.save(self._cache.folder, f"folder:{self.root}", self.table, self.names, self.terms)
            self._unsaved = False

    def save_base(self, base: str) -> None:
        """Lets other folders of the same state begin from this table."""
        saved.save(self._cache.folder, f"base:{base}", self.table, self.names, self.terms)


def _parts(places: list[int], same: list[bool], fresh: dict[int, Added | Kept]) -> list[Kept | Added]:
    """Neighbours that stay are joined to one run."""
    parts: list[Kept | Added] = []
    first = last = -1
    for number, keep in enumerate(same):
        if keep:
            place = places[number]
        else:
            one = fresh[number]
            if isinstance(one, Added):
                if last > first:
                    parts.append(Kept(first, last))
                parts.append(one)
                first = last = -1
                continue
            place = one.first
        if place == last:
            last += 1
        else:
            if last > first:
                parts.append(Kept(first, last))
            first, last = place, place + 1
    if last > first:
        parts.append(Kept(first, last))
    return parts
