"""Whether the file that a question is about is in the map, against Aider's `RepoMap` at the same budget.

Questions are docstrings (taken out of the tree before) and names of tests. A file counts as found when the map names
it. Both sides count tokens alike; Aider's map may exceed its budget by 15 %, as it does by itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from bench.maps import commit_all, using_index
from bench.maps_cases import Case, make_cases
from bench.method import Line
from bench.peers import CACHE, peers_python, unpacked
from bench.peers.asking_aider import AIDER, aider_answers, forget_tags
from draftsmith.ports.code_index import CodeFolder

TREE = "Django==5.2.19"
BUDGETS = (1_000, 2_000, 4_000)
FIXED_TIME = 1_700_000_000
BETTER = 1.01
"""Times as many as the peer finds, at least: more, at each budget."""


async def measure() -> list[Line]:
    peers_python(AIDER)
    root = CACHE / "questions"
    await asyncio.to_thread(shutil.rmtree, root, True)
    await asyncio.to_thread(shutil.copytree, unpacked(TREE), root)
    cases = await asyncio.to_thread(make_cases, root)
    await asyncio.to_thread(_same_times, root)
    await asyncio.to_thread(commit_all, root)
    ours = await _ours(CodeFolder(name=root.name, path=str(root)), cases)
    requests = [{"words": case.words, "budgets": list(BUDGETS)} for case in cases]
    answers = await asyncio.to_thread(aider_answers, root, requests)
    forget_tags(root)
    theirs = [[_names(drawn, case.answer) for drawn in one["maps"]] for one, case in zip(answers, cases, strict=True)]
    lines: list[Line] = []
    for place, budget in enumerate(BUDGETS):
        for kind in ("all", "docstring", "test name"):
            chosen = [number for number, case in enumerate(cases) if kind in ("all", case.kind)]
            lines.append(_line(budget, kind, _share(ours, chosen, place), _share(theirs, chosen, place), len(chosen)))
    return lines


def _same_times(root: Path) -> None:
    """So that no file gives itself away by having been changed just now."""
    for path in root.rglob("*"):
        os.utime(path, (FIXED_TIME, FIXED_TIME))


def _share(found: Sequence[Sequence[bool]], chosen: Sequence[int], place: int) -> float:
    return sum(found[number][place] for number in chosen) / len(chosen)


def _line(budget: int, kind: str, ours: float, theirs: float, cases: int) -> Line:
    return Line(
        what=f"answer in a map of {budget} tokens, {cases} cases" + ("" if kind == "all" else f" ({kind}s)"),
        unit="of 1",
        ours=ours,
        peer="Aider",
        theirs=theirs,
        # A peer that finds nothing is given half a case, so that there is a ratio.
        ratio=ours / max(theirs, 0.5 / cases),
        bar=BETTER if kind == "all" else None,
        more_is_better=True,
    )


async def _ours(folder: CodeFolder, cases: Sequence[Case]) -> list[list[bool]]:
    found: list[list[bool]] = []
    state = CACHE / "index"
    await asyncio.to_thread(shutil.rmtree, state, True)
    async with using_index(state) as index:
        for case in cases:
            maps = [await index.map([folder], words=case.words, budget=budget) for budget in BUDGETS]
            found.append([_names(one.text, case.answer) for one in maps])
    return found


def _names(drawn: str, answer: str) -> bool:
    return any(line.rstrip(":") == answer for line in drawn.split("\n"))
