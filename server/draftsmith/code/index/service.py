"""Questions about folders, answered: each folder is brought in step with its files, then asked.

Blocking, and safe to call from several threads: one question at a time for each folder. Knows no sockets.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import structlog

from draftsmith.code.index import saved
from draftsmith.code.index.finding import find_symbols
from draftsmith.code.index.focusing import focus_places, place_of
from draftsmith.code.index.likeness import find_similar
from draftsmith.code.index.mapping import draw_map, tokens_of
from draftsmith.code.index.matching import find_matches
from draftsmith.code.index.outline import outline_of
from draftsmith.code.index.ranking import Ranker, Seeds
from draftsmith.code.index.reading import SKIPS
from draftsmith.code.index.tree import Cache, IndexedTree
from draftsmith.code.index.using import Place, describe_uses, find_imports, find_references
from draftsmith.code.words import words_of
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.ports.code_index import (
    MAX_LIMIT,
    CodeFolder,
    CodeMap,
    Focus,
    Outline,
    Symbol,
    SymbolPage,
    Use,
    UseKind,
    UsePage,
)

log = structlog.get_logger()

MOST_TREES = 6
"""Folders held in memory; others are read from disk again."""
LEAST_SHARE = 0.1
"""Of a map's budget for the smallest of several folders."""

Item = TypeVar("Item")


@dataclass(slots=True)
class _Held:
    tree: IndexedTree
    lock: threading.Lock = field(default_factory=threading.Lock)
    ranker: Ranker | None = None
    ranked_version: int = -1


class IndexService:
    """`folder` is the index's own, held by this process."""

    def __init__(self, folder: Path, *, workers: int = 0) -> None:
        self._cache = Cache.open(folder)
        self._workers = workers
        self._trees: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Writes what is not on disk yet."""
        with self._lock:
            held = list(self._trees.values())
        for one in held:
            self._save(one)
        self._cache.records.close()

    def save(self) -> None:
        """Writes the tables of folders that changed. For a quiet moment."""
        with self._lock:
            held = list(self._trees.values())
        for one in held:
            with one.lock:
                self._save(one)

    @staticmethod
    def _save(held: _Held) -> None:
        try:
            held.tree.save()
        except AdapterError as failure:
            # The table in memory is whole; only the next start has to read more.
            log.warning("index_not_saved", root=held.tree.root, code=failure.code, error=str(failure))

    def map(self, folders: Sequence[CodeFolder], *, words: str, focus: Sequence[Focus], budget: int) -> CodeMap:
        drawn: list[tuple[CodeFolder, CodeMap]] = []
        shares = self._shares(folders)
        for folder, share in zip(folders, shares, strict=True):
            own = int(budget * share) if len(folders) > 1 else budget
            drawn.append((folder, self._map(folder, words, _of_folder(focus, folder, folders), own)))
        several = len(folders) > 1
        text = "\n\n".join(f"{folder.name}/\n{one.text}" if several else one.text for folder, one in drawn if one.text)
        skipped: Counter[str] = Counter()
        for _, one in drawn:
            skipped.update(dict(one.skipped))
        with self._lock:
            notices = tuple(dict.fromkeys(self._cache.notices))
            self._cache.notices.clear()
        return CodeMap(
            text=text,
            tokens=tokens_of(text) if text else 0,
            files=sum(one.files for _, one in drawn),
            indexed_files=sum(one.indexed_files for _, one in drawn),
            skipped=tuple(sorted(skipped.items())),
            truncated=any(one.truncated for _, one in drawn),
            notices=notices,
        )

    def _shares(self, folders: Sequence[CodeFolder]) -> list[float]:
        """By the number of files; names of folders take room, so the sum stays a little below one."""
        if len(folders) == 1:
            return [1.0]
        sizes = [self._with(folder, lambda held: held.tree.table.file_count) for folder in folders]
        raw = [max(LEAST_SHARE, size / max(1, sum(sizes))) for size in sizes]
        return [0.97 * share / sum(raw) for share in raw]

    def _map(self, folder: CodeFolder, words: str, focus: Sequence[Focus], budget: int) -> CodeMap:
        def ask(held: _Held) -> CodeMap:
            tree = held.tree
            places = focus_places(tree.table, focus, words)
            ranking = self._ranker(held).rank(Seeds(tuple(words_of(words)), tuple(places)))
            drawn = draw_map(tree.table, ranking, budget)
            skipped = Counter(SKIPS[reason] for reason in tree.table.skipped.tolist() if reason)
            return CodeMap(
                text=drawn.text,
                tokens=drawn.tokens,
                files=drawn.files,
                indexed_files=tree.table.file_count,
                skipped=tuple(sorted(skipped.items())),
                truncated=tree.truncated,
            )

        return self._with(folder, ask)

    @staticmethod
    def _ranker(held: _Held) -> Ranker:
        if held.ranker is None or held.ranked_version != held.tree.version:
            held.ranker, held.ranked_version = Ranker(held.tree, held.ranker), held.tree.version
        return held.ranker

    def symbols(self, folders: Sequence[CodeFolder], query: str, *, limit: int, cursor: str | None) -> SymbolPage:
        found: list[tuple[float, Symbol]] = []
        for folder in folders:
            for score, symbol in self._with(
                folder, lambda held: find_symbols(held.tree, self._ranker(held).lexical.names, query)
            ):
                found.append((score, _symbol_of(symbol, folder, folders)))
        found.sort(key=lambda one: -one[0])
        return _symbol_page([symbol for _, symbol in found], limit, cursor)

    def uses(
        self, folders: Sequence[CodeFolder], kind: UseKind, name: str, *, limit: int, cursor: str | None
    ) -> UsePage:
        def find(tree: IndexedTree) -> tuple[list[Place], str]:
            if kind == "imports":
                return find_imports(tree, name), ""
            return find_references(tree, name, calls_only=kind == "calls"), ""

        return self._places_page(folders, find, limit, cursor)

    def structure(
        self,
        folders: Sequence[CodeFolder],
        *,
        language: str,
        query: str,
        glob: str,
        limit: int,
        cursor: str | None,
    ) -> UsePage:
        return self._places_page(
            folders, lambda tree: find_matches(tree, language=language, query=query, glob=glob), limit, cursor
        )

    def _places_page(
        self,
        folders: Sequence[CodeFolder],
        find: Callable[[IndexedTree], tuple[list[Place], str]],
        limit: int,
        cursor: str | None,
    ) -> UsePage:
        """Places of all folders in a row; only those of the page are read from the files."""
        start, end = _bounds(limit, cursor)
        uses: list[Use] = []
        total, cuts = 0, list[str]()
        for folder in folders:

            def ask(held: _Held, total: int = total, folder: CodeFolder = folder) -> tuple[int, list[Use], str]:
                places, cut = find(held.tree)
                inner = places[max(0, start - total) : max(0, end - total)]
                described = describe_uses(held.tree, inner)
                return len(places), [_use_of(one, folder, folders) for one in described], cut

            count, some, cut = self._with(folder, ask)
            total += count
            uses += some
            cuts += [cut] if cut else []
        return UsePage(uses=tuple(uses), total=total, cursor=_next(end, total), cut="; ".join(dict.fromkeys(cuts)))

    def similar(
        self,
        folders: Sequence[CodeFolder],
        *,
        path: str,
        line: int,
        text: str,
        limit: int,
        cursor: str | None,
    ) -> SymbolPage:
        owner_folder, inner = _folder_of(path, folders) if path else (None, "")
        found: list[tuple[float, Symbol]] = []
        for folder in folders:

            def ask(held: _Held, folder: CodeFolder = folder) -> list[tuple[float, Symbol]]:
                owner = None
                if folder is owner_folder:
                    owner = place_of(held.tree.table, inner)
                    if owner is None:
                        raise UserError(f"{path} is not in the index.", code="bad_query", remedy="Give a file of code.")
                return find_similar(held.tree, owner=owner, line=line, text=text)

            if folder is owner_folder or text:
                found += ((score, _symbol_of(one, folder, folders)) for score, one in self._with(folder, ask))
        found.sort(key=lambda one: -one[0])
        return _symbol_page([symbol for _, symbol in found], limit, cursor)

    def outline(self, *, path: str, text: str) -> Outline:
        return outline_of(self._cache.folder, path, text)

    def _with(self, folder: CodeFolder, ask: Callable[[_Held], Item]) -> Item:
        """Asks the folder's tree, in step with the files. Raises UserError (`unknown_folder`)."""
        if not Path(folder.path).is_dir():
            raise UserError(f"{folder.path} is not a folder.", code="unknown_folder", remedy="Give an existing folder.")
        held = self._held(folder)
        with held.lock:
            begun = time.monotonic()
            changes = held.tree.sync(workers=self._workers)
            if changes.any:
                seconds = round(time.monotonic() - begun, 3)
                log.info("indexed", root=folder.path, read=changes.read, files=changes.total, seconds=seconds)
                if folder.base and folder.pristine and not saved.exists(self._cache.folder, f"base:{folder.base}"):
                    held.tree.save_base(folder.base)
            return ask(held)

    def _held(self, folder: CodeFolder) -> _Held:
        with self._lock:
            held = self._trees.get(folder.path)
            if held is None:
                held = _Held(IndexedTree(folder.path, self._cache, base=folder.base))
                self._trees[folder.path] = held
            self._trees.move_to_end(folder.path)
            spare = [path for path, one in self._trees.items() if one is not held and not one.lock.locked()]
            for path in spare[: max(0, len(self._trees) - MOST_TREES)]:
                self._save(self._trees.pop(path))
            return held


def _of_folder(focus: Sequence[Focus], folder: CodeFolder, folders: Sequence[CodeFolder]) -> list[Focus]:
    found: list[Focus] = []
    for one in focus:
        owner, inner = _folder_of(one.path, folders)
        if owner is folder:
            found.append(Focus(path=inner, weight=one.weight))
    return found


def _folder_of(path: str, folders: Sequence[CodeFolder]) -> tuple[CodeFolder | None, str]:
    """The folder that a path names, absolutely or by its name when there are several, and the path in it."""
    for folder in sorted(folders, key=lambda one: -len(one.path)):
        if path.startswith(folder.path.rstrip("/") + "/"):
            return folder, path[len(folder.path.rstrip("/")) + 1 :]
    if len(folders) == 1:
        return folders[0], path
    for folder in folders:
        if path.startswith(folder.name + "/"):
            return folder, path[len(folder.name) + 1 :]
    return None, path


def _shown(path: str, folder: CodeFolder, folders: Sequence[CodeFolder]) -> str:
    return f"{folder.name}/{path}" if len(folders) > 1 else path


def _symbol_of(symbol: Symbol, folder: CodeFolder, folders: Sequence[CodeFolder]) -> Symbol:
    return replace(symbol, path=_shown(symbol.path, folder, folders))


def _use_of(use: Use, folder: CodeFolder, folders: Sequence[CodeFolder]) -> Use:
    return replace(use, path=_shown(use.path, folder, folders))


def _bounds(limit: int, cursor: str | None) -> tuple[int, int]:
    """First and last (excluded) of a page. Raises UserError (`bad_cursor`)."""
    start = 0
    if cursor is not None:
        if not cursor.isdecimal() or len(cursor) > 9:
            raise UserError(
                "The cursor is not one that this list gave.", code="bad_cursor", remedy="Begin without a cursor."
            )
        start = int(cursor)
    return start, start + max(1, min(limit, MAX_LIMIT))


def _next(end: int, total: int) -> str | None:
    return str(end) if end < total else None


def _symbol_page(found: list[Symbol], limit: int, cursor: str | None) -> SymbolPage:
    start, end = _bounds(limit, cursor)
    return SymbolPage(symbols=tuple(found[start:end]), total=len(found), cursor=_next(end, len(found)))
