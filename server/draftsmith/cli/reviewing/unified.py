"""Hunks as one unified difference that `patch` and `git apply` read. No I/O.

Hunks that share context are written as one, for a difference must not name a line twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from draftsmith.client.messages import HunkText

Sign = Literal[" ", "-", "+"]


@dataclass(slots=True)
class Block:
    """One `@@` part. `start` is its first line in the base, counted from 1."""

    start: int
    lines: list[tuple[Sign, str]] = field(default_factory=list[tuple[Sign, str]])

    def add(self, sign: Sign, lines: Iterable[str]) -> None:
        self.lines.extend((sign, line) for line in lines)

    @property
    def old_length(self) -> int:
        return sum(sign != "+" for sign, _ in self.lines)

    @property
    def new_length(self) -> int:
        return sum(sign != "-" for sign, _ in self.lines)

    @property
    def end(self) -> int:
        """The base line after the block."""
        return self.start + self.old_length


def split_lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    lines = text.split("\n")
    last = lines.pop()
    return [*(line + "\n" for line in lines), *([last] if last else [])]


def blocks(hunks: Sequence[HunkText]) -> list[Block]:
    """The text hunks of one file as blocks, in the order of lines."""
    made: list[Block] = []
    for hunk in sorted(hunks, key=lambda hunk: (hunk["base_start"], len(hunk["before"]))):
        before = split_lines(hunk["context_before"])
        start = max(1, hunk["base_start"])
        block = made[-1] if made and made[-1].end >= start - len(before) else None
        if block is None:
            block = Block(start - len(before))
            made.append(block)
            block.add(" ", before)
        else:
            _meet(block, start, before)
        block.add("-", split_lines(hunk["before"]))
        block.add("+", split_lines(hunk["after"]))
        block.add(" ", split_lines(hunk["context_after"]))
    return made


def _meet(block: Block, start: int, before: list[str]) -> None:
    """Make the block end where the next change begins: cut its context, or add what is between."""
    while block.end > start and block.lines[-1][0] == " ":
        block.lines.pop()
    missing = start - block.end
    if missing > 0:
        block.add(" ", before[len(before) - missing :])


def unified(path: str, change: str, hunks: Sequence[HunkText]) -> str:
    """The difference of one file. `change` is the file's, as its entity says. Binary content is named, not shown."""
    name = quoted(path)
    head = [f"diff --git {quoted('a/' + path)} {quoted('b/' + path)}\n"]
    modes = [hunk for hunk in hunks if hunk["base_start"] == 0]
    texts = [hunk for hunk in hunks if hunk["base_start"] != 0 and not hunk["binary"]]
    for mode in modes:
        head += [f"old mode {mode['before'].strip()}\n", f"new mode {mode['after'].strip()}\n"]
    if change == "create":
        head.append("new file mode 100644\n")
    elif change == "delete":
        head.append("deleted file mode 100644\n")
    if any(hunk["binary"] for hunk in hunks):
        return "".join([*head, f"Binary files {name} differ\n"])
    body = [text for text in _body(blocks(texts)) if text]
    if body:
        head.append("--- /dev/null\n" if change == "create" else f"--- {quoted('a/' + path)}\n")
        head.append("+++ /dev/null\n" if change == "delete" else f"+++ {quoted('b/' + path)}\n")
    return "".join([*head, *body])


def _body(made: Iterable[Block]) -> Iterable[str]:
    shift = 0
    for block in made:
        old, new = block.old_length, block.new_length
        # A side without lines is named by the line before it (GNU diffutils manual, "Detailed Unified").
        old_start = block.start if old else block.start - 1
        new_start = block.start + shift - (0 if new else 1)
        yield f"@@ -{_range(old_start, old)} +{_range(new_start, new)} @@\n"
        for sign, line in block.lines:
            yield sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"
        shift += new - old


def _range(start: int, length: int) -> str:
    return str(start) if length == 1 else f"{start},{length}"


def quoted(path: str) -> str:
    """The name as git writes it: in quotes with escapes when it has control characters, quotes or backslashes."""
    if not any(character in '"\\' or ord(character) < 0x20 or ord(character) == 0x7F for character in path):
        return path
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    body = "".join(
        escapes.get(one) or (f"\\{ord(one):03o}" if ord(one) < 0x20 or ord(one) == 0x7F else one) for one in path
    )
    return f'"{body}"'
