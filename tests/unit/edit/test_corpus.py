"""A sample of the benchmark's corpus: edits of this project's own files with a known right answer, in each format."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from bench.edit_corpus import cases
from bench.edits import FORMATS, ours

ROOT = Path(__file__).resolve().parents[3]
FILES = (
    "server/draftsmith/workspace/edit.py",
    "server/draftsmith/hub/dispatch.py",
    "server/draftsmith/sandbox/mounts.py",
    "tests/unit/domain/event_strategies.py",
    "examples/stockroom/stockroom/stock.py",
    "protocol/golden/method.session.start.json",
    "tests/scenario/cases/two_roots.yaml",
    "pyproject.toml",
    "ARCHITECTURE.md",
    "Makefile",
)
SEEDS = range(4)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_no_edit_is_applied_wrong_and_nearly_all_clear_ones_right(format_name: str) -> None:
    ended: Counter[str] = Counter()
    wrong: list[str] = []
    for name in FILES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for seed in SEEDS:
            for case in cases(Path(name).suffix, Path(name).name, text, Random(f"{name} {seed}")):  # noqa: S311 (has to repeat)
                if format_name == "patch" and (case.patch_places != 1 or (case.answer is None and case.patch_stands)):
                    continue
                verdict = ours(case, FORMATS[format_name])
                if verdict == "wrong":
                    wrong.append(f"{name}: {case.change}: {case.old!r}")
                if case.answer is not None and not case.ambiguous:
                    ended[verdict] += 1
    assert not wrong
    assert ended.total() > 150
    assert ended["right"] >= 0.97 * ended.total(), ended
