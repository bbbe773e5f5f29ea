"""The edit applier on thousands of edits with a known right answer: applied right, refused, applied wrong.

The same patches go through `git apply` and GNU `patch`. The files are those of published packages in 15 languages.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

from bench.edit_corpus import Case, cases, kind_of
from bench.edit_symbols import TEMPLATES, SymbolCase, symbol_cases
from bench.method import Line
from bench.peers import unpacked
from bench.peers.npm import unpacked_npm
from draftsmith.code.edits import find_symbol
from draftsmith.code.syntax import check_syntax
from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.workspace.edit import EditOutcome, apply_edit
from draftsmith.workspace.linewise import edit_lines, replace_range
from draftsmith.workspace.patch import apply_hunks
from draftsmith.workspace.patchtext import parse_patch
from draftsmith.workspace.text import decode

Verdict = Literal["right", "refused", "wrong"]

PYPI = {
    "python": "Django==5.2.19",
    "html": "Django==5.2.19",
    "json": "homeassistant==2024.3.3",
    "yaml": "homeassistant==2024.3.3",
}
NPM = {
    "typescript": "rxjs@7.8.1",
    "javascript": "rxjs@7.8.1",
    "lua": "bullmq@5.12.0",
    "csharp": "edge-js@23.1.5",
    "cpp": "edge-js@23.1.5",
    "java": "expo-modules-core@1.12.26",
    "kotlin": "expo-modules-core@1.12.26",
    "swift": "expo-modules-core@1.12.26",
    "c": "tree-sitter@0.21.1",
    "css": "@wordpress/block-library@8.35.0",
    "php": "@wordpress/block-library@8.35.0",
}
ENDINGS = {
    "python": ".py", "html": ".html", "json": ".json", "yaml": ".yaml", "typescript": ".ts", "javascript": ".js",
    "lua": ".lua", "csharp": ".cs", "cpp": ".cpp", "java": ".java", "kotlin": ".kt", "swift": ".swift", "c": ".c",
    "css": ".css", "php": ".php",
}  # fmt: skip
CASES_PER_LANGUAGE = 400
"""Each is applied in three formats: search and replace, unified diff, lines by number."""

SYMBOL_FILES = 12
SMALLEST, LARGEST = 600, 60_000
SEED = 20_260
RIGHT_BAR = 0.99
PEER = "git apply"
"""The one in the table; the others are told beside it."""


def source_files(language: str) -> list[Path]:
    """Files of the language in an order that is always the same."""
    folder = unpacked(PYPI[language]) if language in PYPI else unpacked_npm(NPM[language])
    found = [path for path in folder.rglob(f"*{ENDINGS[language]}") if SMALLEST <= path.stat().st_size <= LARGEST]
    found = [path for path in found if ".min." not in path.name and "/dist/bundles/" not in path.as_posix()]
    return sorted(found)


def corpus(language: str) -> Iterator[Case]:
    """The language's cases."""
    random = Random(f"{SEED} {language}")  # noqa: S311 - has to repeat, not to be secret
    files = source_files(language)
    random.shuffle(files)
    made = 0
    while made < CASES_PER_LANGUAGE:
        before = made
        for path in files:
            try:
                text = path.read_bytes().decode().removeprefix("\ufeff")
            except UnicodeDecodeError:
                continue
            for case in cases(language, path.name, text, random):
                made += 1
                yield case
            if made >= CASES_PER_LANGUAGE:
                break
        if made == before:
            raise RuntimeError(f"no cases could be made for {language}")


def by_search(case: Case) -> EditOutcome:
    return apply_edit(case.raw, old=case.old, new=case.new)


def by_lines(case: Case) -> EditOutcome:
    return edit_lines(case.raw, start=case.start, end=case.end, check=case.old, new=case.new)


def by_patch(case: Case) -> EditOutcome:
    return apply_hunks(case.raw, parse_patch(case.patch)[0].hunks)


FORMATS: dict[str, Callable[[Case], EditOutcome]] = {"search": by_search, "patch": by_patch, "lines": by_lines}


def _can_tell(case: Case) -> bool:
    """Whether the patch names what has changed; else its being applied is no mistake."""
    return case.answer is not None or not case.patch_stands


def symbol_corpus(language: str) -> Iterator[SymbolCase]:
    """Definitions put into files of the language."""
    if language not in TEMPLATES:
        return
    random = Random(f"{SEED} {language} symbols")  # noqa: S311 - has to repeat, not to be secret
    files = source_files(language)
    random.shuffle(files)
    for path in files[:SYMBOL_FILES]:
        with contextlib.suppress(UnicodeDecodeError):
            text = path.read_bytes().decode().removeprefix("\ufeff")
            for case in symbol_cases(language, path.name, text, random):
                # Where a definition may not stand at the file's end it is no definition.
                if check_syntax(path.name, decode(case.raw).text.encode()).parses:
                    yield case


def by_symbol(case: SymbolCase) -> Verdict:
    try:
        found = find_symbol(case.path, decode(case.raw).text.encode(), case.symbol)
        outcome = replace_range(case.raw, start=found.start, end=found.end, new=case.new)
    except (ModelMistake, ToolFailure):
        return "refused"
    if case.answer is None or outcome.reverse(outcome.after) != case.raw:
        return "wrong"
    return "right" if outcome.after == case.answer else "wrong"


def judge(case: Case, result: bytes | None) -> Verdict:
    """`result` None is a refusal."""
    if result is None:
        return "refused"
    return "right" if result == case.answer else "wrong"


def ours(case: Case, apply: Callable[[Case], EditOutcome]) -> Verdict:
    """Also that the edit can be taken back to the byte."""
    try:
        outcome = apply(case)
    except (ModelMistake, ToolFailure):
        return "refused"
    if outcome.reverse(outcome.after) != case.raw:
        return "wrong"
    return judge(case, outcome.after)


def theirs(case: Case, command: list[str], folder: Path) -> Verdict:
    """A program that takes a patch on standard input."""
    place = folder / case.path
    place.write_bytes(case.raw)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    patch = case.patch.encode()
    done = subprocess.run(command, cwd=folder, input=patch, env=environment, capture_output=True, check=False)
    result = place.read_bytes() if done.returncode == 0 and place.exists() else None
    for left in folder.iterdir():
        left.unlink()
    return judge(case, result)


@dataclass(slots=True)
class Score:
    """How cases ended. `clear` are those with one right place."""

    ended: Counter[Verdict] = field(default_factory=Counter[Verdict])
    clear: Counter[Verdict] = field(default_factory=Counter[Verdict])
    missed: Counter[str] = field(default_factory=Counter[str])

    def add(self, kind: str, verdict: Verdict, *, clear: bool) -> None:
        self.ended[verdict] += 1
        if clear:
            self.clear[verdict] += 1
            if verdict != "right":
                self.missed[f"{kind}: {verdict}"] += 1
        elif verdict == "wrong":
            self.missed[f"{kind}: wrong"] += 1

    @property
    def right_share(self) -> float:
        return self.clear["right"] / max(self.clear.total(), 1)

    def describe(self) -> str:
        most = ", ".join(f"{what} {count}" for what, count in self.missed.most_common(6))
        return f"{self.ended['right']} right, {self.ended['refused']} refused, {self.ended['wrong']} wrong; {most}"


_PATCH = ["patch", "--batch", "--quiet", "-p1", "--no-backup-if-mismatch"]
PEERS = {
    "git apply": ["git", "apply", "-"],
    "git apply --ignore-whitespace": ["git", "apply", "--ignore-whitespace", "-"],
    "GNU patch": _PATCH,
    "GNU patch --ignore-whitespace": [*_PATCH, "--ignore-whitespace"],
}


def run() -> dict[str, Score]:
    """All formats of ours, and the peers on the patches."""
    scores = {name: Score() for name in (*FORMATS, "symbol", *PEERS)}
    available = {name: command for name, command in PEERS.items() if shutil.which(command[0])}
    with tempfile.TemporaryDirectory(prefix="draftsmith-bench-") as name:
        folder = Path(name) / "peer"
        folder.mkdir()
        for language in ENDINGS:
            for case in symbol_corpus(language):
                scores["symbol"].add(case.change, by_symbol(case), clear=case.answer is not None)
            for case in corpus(language):
                clear = case.answer is not None and not case.ambiguous
                clear_patch = clear and case.patch_places == 1
                formats = {name: one for name, one in FORMATS.items() if name != "patch" or _can_tell(case)}
                for format_name, apply in formats.items():
                    verdict = ours(case, apply)
                    scores[format_name].add(
                        kind_of(case), verdict, clear=clear_patch if format_name == "patch" else clear
                    )
                for peer, command in available.items() if "patch" in formats else ():
                    scores[peer].add(kind_of(case), theirs(case, command, folder), clear=clear_patch)
    for format_name, score in scores.items():
        print(f"  {format_name}: {score.describe()}", file=sys.stderr)
    return scores


async def measure() -> list[Line]:
    """Shares in per cent; a bar for `wrong` is an absolute number, and so is the one for `right`."""
    scores = await asyncio.to_thread(run)
    lines: list[Line] = []
    for name in (*FORMATS, "symbol"):
        score = scores[name]
        total = score.ended.total()
        peer = PEER if name == "patch" and scores[PEER].ended.total() else ""
        lines.append(
            Line(
                what=f"edits by {name}, {total} cases: right of the unambiguous",
                unit="%",
                ours=100 * score.right_share,
                peer=peer,
                theirs=100 * scores[peer].right_share if peer else None,
                ratio=score.right_share,
                bar=RIGHT_BAR,
                more_is_better=True,
            )
        )
        lines.append(
            Line(
                what=f"edits by {name}: applied wrong",
                unit="cases",
                ours=score.ended["wrong"],
                peer=peer,
                theirs=float(scores[peer].ended["wrong"]) if peer else None,
                ratio=float(score.ended["wrong"]),
                bar=0.0,
            )
        )
    for name in PEERS:
        if name != PEER and scores[name].ended.total():
            lines += _stated(name, scores[name])
    return lines


def _stated(name: str, score: Score) -> list[Line]:
    """A peer's own figures, on the cases of the patches."""
    share = Line(what=f"{name}: right of the unambiguous", unit="%", ours=100 * score.right_share)
    return [share, Line(what=f"{name}: applied wrong", unit="cases", ours=score.ended["wrong"])]
