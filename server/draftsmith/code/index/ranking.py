"""What matters in a tree for a request: personalised PageRank over who uses what, started from what fits the words.

The graph is files and names: a file gives to the names that it uses, a name to the files that define it. Two sparse
products per round stand for the many edges between files that a common name would make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from draftsmith.code.extraction import KINDS
from draftsmith.code.index.lexical import Fit, Floats, Lexical, Parts
from draftsmith.code.index.reading import test_file_patterns
from draftsmith.code.index.tree import IndexedTree

_DAMPING = 0.7
_ROUNDS = 8
_TELLING_LENGTH = 8
_LEXICAL_SHARE = 0.8
_SHARPNESS = 3.0
_DIGITS = 3
"""Ranks are rounded, so that a small change elsewhere does not change an order."""
_TEST_FACTOR = 0.35
_KIND_FACTOR = {"variable": 0.25, "constant": 0.35, "property": 0.4, "key": 0.1, "element": 0.2, "rule": 0.2}


@dataclass(frozen=True, slots=True)
class Seeds:
    """What a ranking starts from. `focus` holds places of files with their weight, from 0 to 1."""

    words: tuple[bytes, ...] = ()
    focus: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores from 0 to 1 by file and by definition (place in the table)."""

    files: Floats
    definitions: Floats


class Ranker:
    """Of one version of a tree; takes a tenth of a second for 7,000 files to make and as much to use."""

    def __init__(self, tree: IndexedTree, before: Ranker | None = None) -> None:
        self._tree = tree
        self.lexical = Lexical(tree, None if before is None else before.lexical)
        table = tree.table
        self._def_name = table.columns["def_name"]
        self._def_file = table.file_of("definitions")
        names = len(tree.names.items)
        self._defined = np.bincount(self._def_name, minlength=names)
        used = table.columns["ref_name"] >> 1
        owner = table.file_of("references")
        # A name that is defined in one file says nothing about others when that file uses it.
        only = np.full(names, -1, np.int64)
        only[self._def_name] = self._def_file
        keep = (self._defined[used] > 0) & ~((self._defined[used] == 1) & (only[used] == owner))
        self._ref_name, self._ref_file = used[keep], owner[keep]
        self._telling = _telling(self.lexical.names, None if before is None else before._telling)
        self._worth = self._telling / np.maximum(1.0, np.sqrt(self._defined))
        self._strength = np.sqrt(table.columns["ref_count"][keep])
        self._kind_factor = np.array([_KIND_FACTOR.get(kind, 1.0) for kind in KINDS])
        same_paths = before is not None and before.lexical.paths is self.lexical.paths
        self._is_test = before._is_test if before is not None and same_paths else _tests(tree, self.lexical.paths)

    def rank(self, seeds: Seeds) -> Ranking:
        """Raises nothing; without seeds it is plain PageRank."""
        count = self._tree.table.file_count
        if not count:
            return Ranking(np.zeros(0), np.zeros(0))
        fit = self.lexical.fit(seeds.words)
        lexical = _scaled(fit.files)
        start = lexical**_SHARPNESS
        for place, weight in seeds.focus:
            start[place] += weight
        personal = start / start.sum() if start.any() else np.full(count, 1 / count)
        rank, given = self._pagerank(personal, fit)
        files = _scaled(rank) ** 0.5
        if fit.any:
            files = _LEXICAL_SHARE * lexical + (1 - _LEXICAL_SHARE) * files
        for place, weight in seeds.focus:
            files[place] += 0.5 * weight
        files = np.where(self._is_test, files * _TEST_FACTOR, files)
        return Ranking(np.round(_scaled(files), _DIGITS), self._definitions(fit, given))

    def _pagerank(self, personal: Floats, fit: Fit) -> tuple[Floats, Floats]:
        """Rank by file, and what each name was given in the last round."""
        count, names = len(personal), len(self._defined)
        worth = self._worth
        if fit.mentioned:
            worth = worth.copy()
            worth[list(fit.mentioned)] *= 10
        weight = self._strength * worth[self._ref_name]
        total = np.bincount(self._ref_file, weights=weight, minlength=count)
        share = weight / np.maximum(total, 1e-12)[self._ref_file]
        per_definition = 1 / np.maximum(self._defined, 1)
        rank: Floats = personal.copy()
        given: Floats = np.zeros(names)
        for _ in range(_ROUNDS):
            given = np.bincount(self._ref_name, weights=rank[self._ref_file] * share, minlength=names).astype(float)
            passed = (given * per_definition)[self._def_name]
            moved = np.bincount(self._def_file, weights=passed, minlength=count)
            new = _DAMPING * moved
            rank = new + (1 - new.sum()) * personal
        return rank, given

    def _definitions(self, fit: Fit, given: Floats) -> Floats:
        """A definition by what its name was given and how well it fits, less for what is rarely asked for."""
        table = self._tree.table
        kinds = table.columns["def_kind"] & 0xFF
        passed = (given / np.maximum(self._defined, 1))[self._def_name]
        scores = _scaled(passed) ** 0.5
        if fit.names.any():
            # Within one file the best fit comes first, however weak it is beside the best of all.
            scores = 0.3 * scores + 0.7 * _scaled(fit.names[self._def_name])
        return np.round((scores + 0.02) * self._kind_factor[kinds], _DIGITS + 1)


def _scaled(values: Floats) -> Floats:
    top = float(values.max()) if values.size else 0.0
    return values / top if top > 0 else values


def _telling(names: Parts, before: Floats | None) -> Floats:
    """How much the use of a name tells: long and compound ones more, private ones less. `before` is what was found for
    the first of the same names."""
    known = 0 if before is None else len(before)
    if known == names.count:
        return np.zeros(0) if before is None else before
    starts, lengths = names.starts[known:], names.lengths[known:]
    letters = np.frombuffer(names.text, np.uint8)[starts[0] :]
    starts = starts - starts[0]
    # From each name's second letter on: one at the front makes no compound.
    ends = starts + lengths
    begins = np.minimum(starts + 1, ends)

    def any_inside(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        so_far = np.concatenate(([0], np.cumsum(flags, dtype=np.int32)))
        return so_far[ends] > so_far[begins]

    compound = any_inside(letters == ord("_")) | (
        any_inside((letters >= ord("A")) & (letters <= ord("Z")))
        & any_inside((letters >= ord("a")) & (letters <= ord("z")))
    )
    private = letters[starts] == ord("_")
    found = np.where(compound & (lengths >= _TELLING_LENGTH), 4.0, 1.0) * np.where(private, 0.2, 1.0)
    return found if before is None else np.concatenate((before, found))


def _tests(tree: IndexedTree, paths: Parts) -> NDArray[np.bool_]:
    """Files of tests, by each language's own pattern."""
    found = np.zeros(tree.table.file_count, bool)
    for language in np.unique(tree.table.languages).tolist():
        pattern = test_file_patterns()[language]
        starts = [match.start(0) + 1 for match in pattern.finditer(paths.text)] if pattern is not None else []
        places = np.searchsorted(paths.starts, np.array(starts, np.int64), side="right") - 1
        places = places[(places >= 0) & (places < len(found))]
        found[places[tree.table.languages[places] == language]] = True
    return found
