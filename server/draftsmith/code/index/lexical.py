"""How well files and definitions fit the words of a request: BM25 over the words of a file, its path and its names.

Okapi BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the path and the names of
definitions as further fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from draftsmith.code.index.table import Table
from draftsmith.code.index.tree import IndexedTree
from draftsmith.code.words import terms_of, with_term

Floats = NDArray[np.float64]

_SATURATION = 1.2
_LENGTH_SHARE = 0.6
_PATH_WEIGHT = 1.6
_STEM_WEIGHT = 1.0
"""Added when the term stands in the file's own name, not only in a folder's."""
_NAME_WEIGHT = 1.5
_EXACT_WEIGHT = 6.0
_COMMON_SHARE = 0.3
_FEW_FILES = 50
_REMEMBERED = 256
"""Pieces whose places are remembered."""
MOST_TERMS = 64
"""Terms of a request that count, the rarest first."""


@dataclass(frozen=True, slots=True)
class Fit:
    """By file, and by name (of the interner) for definitions. `mentioned` are names written out in the request."""

    files: Floats
    names: Floats
    mentioned: frozenset[int]

    @property
    def any(self) -> bool:
        return bool(self.files.any())


class Parts:
    """Finds strings by a piece of them: in one text of all, for an index would have to be built. What was found is
    remembered, also for a text with more behind it."""

    def __init__(
        self,
        items: Sequence[bytes],
        text: bytes | None = None,
        found: dict[tuple[bytes, bool], tuple[int, list[int]]] | None = None,
    ) -> None:
        self.items = items
        self.count = len(items)
        self.text = b"\n" + b"\n".join(items) + b"\n" if text is None else text
        self._lowered = self.text.lower()
        self._found = {} if found is None else found
        ends = np.flatnonzero(np.frombuffer(self.text, np.uint8) == ord("\n"))
        self.starts = ends[:-1] + 1
        """Where each item begins in the text."""
        self.lengths = np.diff(ends) - 1

    def extended(self, items: Sequence[bytes]) -> Parts:
        """Of the same items with others behind them."""
        if len(items) == self.count:
            return self
        more = b"\n".join(items[self.count :]) + b"\n"
        return Parts(items, (self.text if self.count else b"\n") + more, self._found)

    def holding(self, piece: bytes) -> list[int]:
        """Places of items that hold the lower-case piece anywhere, whatever the case."""
        return self._search(piece, as_term=False)

    def with_term(self, term: bytes) -> list[int]:
        """Places of items of which the term is a part."""
        return self._search(term, as_term=True)

    def _search(self, piece: bytes, *, as_term: bool) -> list[int]:
        if not piece or not self.count:
            return []
        begin, places = self._found.get((piece, as_term), (0, []))
        if begin >= len(self.text) - 1:
            return places
        hits: list[int] = []
        at = self._lowered.find(piece, begin)
        while at >= 0:
            hits.append(at)
            at = self._lowered.find(piece, at + 1)
        new = np.unique(np.searchsorted(self.starts, hits, side="right") - 1).tolist() if hits else []
        if as_term:
            new = [new[number] for number in with_term(piece, [self.items[place] for place in new])]
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[(piece, as_term)] = (len(self.text) - 1, [*places, *new])
        return [*places, *new]


class Lexical:
    """Keeps what is the same for all requests on one version of a tree."""

    def __init__(self, tree: IndexedTree, before: Lexical | None = None) -> None:
        self._tree = tree
        table = tree.table
        self._term_file = table.file_of("terms").astype(np.int32)
        self._term = table.columns["term"]
        self._tf = table.columns["term_count"]
        count = max(1, table.file_count)
        lengths = np.bincount(self._term_file, weights=self._tf, minlength=table.file_count)
        self._length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / max(1.0, float(lengths.sum()) / count)
        # Names are only ever added; paths mostly stay. What was made of them for the version before still holds.
        self.names = Parts(tree.names.items) if before is None else before.names.extended(tree.names.items)
        same_paths = before is not None and before.paths.items == table.paths
        self.paths = before.paths if before is not None and same_paths else Parts(table.paths)

    def fit(self, words: Sequence[bytes]) -> Fit:
        """Scores of all files for the words of a request."""
        table = self._tree.table
        files = np.zeros(table.file_count)
        names = np.zeros(len(self._tree.names.items))
        weighed = self._weighed(words)
        for term, weight, entries in weighed:
            owners = self._term_file[entries]
            tf = self._tf[entries].astype(np.float64)
            files[owners] += weight * tf * (_SATURATION + 1) / (tf + _SATURATION * self._length[owners])
            for place in self._in_paths(term):
                in_name = term in terms_of(table.paths[place].rpartition(b"/")[2])
                files[place] += weight * (_PATH_WEIGHT + _STEM_WEIGHT * in_name)
            names[self.names.with_term(term)] += weight
        mentioned = self._mentioned(words)
        for name in mentioned:
            names[name] += _EXACT_WEIGHT * max((weight for _, weight, _ in weighed), default=1.0)
        if names.any():
            self._add_names(table, files, names)
        return Fit(files, names, mentioned)

    def _add_names(self, table: Table, files: Floats, names: Floats) -> None:
        """A file has of its definitions' fit what the best one has: many weak ones are no strong one."""
        fits = names[table.columns["def_name"]]
        if fits.size:
            hit = np.flatnonzero(fits)
            best = np.zeros(table.file_count)
            np.maximum.at(best, table.file_of("definitions")[hit], fits[hit])
            files += _NAME_WEIGHT * best

    def _weighed(self, words: Sequence[bytes]) -> list[tuple[bytes, float, NDArray[np.int64]]]:
        """The request's terms with their weight and where they occur, the rarest first."""
        count = self._tree.table.file_count
        found: list[tuple[bytes, float, NDArray[np.int64]]] = []
        for term in dict.fromkeys(term for word in words for term in terms_of(word)):
            number = self._tree.terms.get(term)
            entries = np.empty(0, np.int64) if number is None else np.flatnonzero(self._term == number)
            often = len(entries) or len(self._in_paths(term))
            if often:
                found.append((term, float(np.log(1 + (count - often + 0.5) / (often + 0.5))), entries))
        found.sort(key=lambda one: (-one[1], one[0]))
        return found[:MOST_TERMS]

    def _in_paths(self, term: bytes) -> list[int]:
        """Files with the term in their path; what stands in most paths says nothing and is not looked at."""
        found = self.paths.holding(term)
        if len(found) > max(_FEW_FILES, _COMMON_SHARE * self._tree.table.file_count):
            return []
        return [place for place in found if term in terms_of(self._tree.table.paths[place])]

    def _mentioned(self, words: Sequence[bytes]) -> frozenset[int]:
        """Names that the request writes out; plain lower-case words of prose are none unless they look like code."""
        found = (self._tree.names.get(word) for word in words if _looks_like_code(word))
        return frozenset(number for number in found if number is not None)


def _looks_like_code(word: bytes) -> bool:
    return b"_" in word.strip(b"_") or word.startswith(b"_") or (not word.islower() and not word.istitle())
