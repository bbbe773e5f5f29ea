"""Edits with a known right answer, made from real files: what a model would send, and the file as it is by then.

A case is made from an original that the model saw; then the file changes under it (drift, indentation, line ends,
look-alikes, twins, stale text). Deterministic for a seed.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from bench.edit_targets import TOKEN, Target, bare, count_of, pick_target

_ALIKE = {'"': "”", "'": "’", "-": "–", " ": "\u00a0"}
_CONTEXT = 3
_MARGIN = 8
"""Lines around the target that a drift leaves alone, so that a patch's context is what it was."""
_MAX_LINES = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`answer` None: applying it anywhere is wrong. `ambiguous`: refusing is right as well.

    `old`, `new` are the block; `start` its first line in the original; `patch` the difference that `diff` would give.
    """

    language: str
    path: str
    change: str
    raw: bytes
    answer: bytes | None
    ambiguous: bool
    old: str
    new: str
    start: int
    patch: str
    patch_places: int
    """How often the unchanged and removed lines of the patch stand in the file, blanks ignored."""
    patch_stands: bool
    """All that the patch names stands in the file as it was: it cannot show what else has changed."""

    @property
    def end(self) -> int:
        return self.start + self.old.count("\n") - 1


def unified(old: Sequence[str], new: Sequence[str], path: str) -> tuple[str, list[str]]:
    """As `diff -u` writes it, and the unchanged and removed lines of its hunk: with as many lines around that they
    name one place of the original."""
    text, hunk = "", list[str]()
    for context in (_CONTEXT, 6, 12, 24, 48):
        rows = list(
            difflib.unified_diff(
                [f"{line}\n" for line in old], [f"{line}\n" for line in new], f"a/{path}", f"b/{path}", n=context
            )
        )
        text, hunk = "".join(rows), [row[1:-1] for row in rows[3:] if row[:1] in (" ", "-")]
        if count_of(old, hunk) == 1:
            break
    return text, hunk


Change = Callable[[Target, Random], tuple[list[str], list[str] | None, bool] | None]
"""Gives the file as it is by now, as it should be after the edit (None: not to be applied), and whether the place is
ambiguous. None when the change cannot be made of this target."""


def _none(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    return target.lines, target.after(), False


def _drifted(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    lines = target.lines
    head, tail = lines[: max(target.first - _MARGIN, 0)], lines[target.past + _MARGIN :]
    if not head and not tail:
        return None
    near = lines[len(head) : target.first], lines[target.past : target.past + _MARGIN]
    for part in (head, tail):
        for _ in range(random.randrange(4)):
            if part:
                at = random.randrange(len(part))
                part[at : at + random.randrange(3)] = [f"drifted {random.random()}"] * random.randrange(9)
    block = target.block
    before = [*head, *near[0], *block, *near[1], *tail]
    after = [*head, *near[0], *target.edited(block), *near[1], *tail]
    return before, after, False


def _trailing(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    block = [line + random.choice(("", " ", "   ", "\t")) for line in target.block]
    if block == target.block:
        block[0] += "  "
    edited = target.edited(block)
    lines = [*target.lines[: target.first], *block, *target.lines[target.past :]]
    return lines, [*target.lines[: target.first], *edited, *target.lines[target.past :]], False


def _shifted(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    lead = random.choice(("    ", "  ", "\t"))

    def shift(lines: Sequence[str]) -> list[str]:
        return [lead + line if line.strip() else line for line in lines]

    if lead == "\t" and any(line.startswith(" ") for line in target.lines):
        return None
    return shift(target.lines), shift(target.after()), False


def _unit(lines: Sequence[str]) -> str | None:
    leads = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    if any("\t" in lead for lead in leads):
        return "\t" if all(not lead.strip("\t") for lead in leads) else None
    widths = {len(lead) for lead in leads if lead}
    if not widths:
        return None
    return next((" " * unit for unit in (4, 2) if all(width % unit == 0 for width in widths)), None)


def _reindented(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    unit = _unit(target.lines)
    if unit is None or _unit([line.text for line in target.new if line.source is None] or ["x"]) not in (
        None,
        unit,
        "    ",
    ):
        return None
    other = random.choice([one for one in ("    ", "  ", "\t") if one != unit])

    def convert(lines: Sequence[str]) -> list[str]:
        result: list[str] = []
        for line in lines:
            body = line.lstrip()
            result.append(other * ((len(line) - len(body)) // len(unit)) + body if body else line)
        return result

    return convert(target.lines), convert(target.after()), False


def _alike(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    wanted = random.choice("\"'- ")

    def change(line: str) -> str:
        lead = len(line) - len(line.lstrip())
        return line[:lead] + line[lead:].replace(wanted, _ALIKE[wanted])

    block = [change(line) for line in target.block]
    if block == target.block:
        return None
    lines = [*target.lines[: target.first], *block, *target.lines[target.past :]]
    return lines, target.after(lines, block), False


def _around(target: Target) -> list[str]:
    """The block with what a patch has around it."""
    return target.lines[max(target.first - _CONTEXT, 0) : target.past + _CONTEXT]


def _with_copy(target: Target, copy: Sequence[str], random: Random) -> tuple[list[str], list[str]] | None:
    """The file with other lines somewhere away from the target, before and after the edit."""
    places = [*range(max(target.first - _MARGIN, 0)), *range(target.past + _MARGIN, len(target.lines) + 1)]
    if not places:
        return None
    at = random.choice(places)
    lines = [*target.lines[:at], *copy, *target.lines[at:]]
    first = target.first + (len(copy) if at <= target.first else 0)
    past = first + len(target.block)
    return lines, [*lines[:first], *target.edited(target.block), *lines[past:]]


def _duplicate(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    made = _with_copy(target, _around(target), random)
    return None if made is None else (*made, True)


def _altered(lines: Sequence[str], random: Random) -> list[str] | None:
    """The lines with a word in every one changed that has one."""
    result = [TOKEN.sub(f"other{random.randrange(1_000)}", line, count=1) for line in lines]
    return result if bare(result) != bare(lines) else None


def _near_twin(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    around = _around(target)
    block = _altered(target.block, random)
    if block is None:
        return None
    start = target.first - max(target.first - _CONTEXT, 0)
    copy = [*around[:start], *block, *around[start + len(block) :]]
    made = _with_copy(target, copy, random)
    return None if made is None else (*made, False)


def _indented_twin(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    copy = [f"    {line}" if line.strip() else line for line in _around(target)]
    made = _with_copy(target, copy, random)
    if made is None or len(target.block) == 1:
        # One line stands within the same line further in: it does not name one place.
        return None if made is None else (*made, True)
    first_is_within = any(line != target.block[0] and line.endswith(target.block[0]) for line in copy)
    return (*made, first_is_within)


def _stale_block(target: Target, random: Random) -> list[str] | None:
    """The block as somebody else changed it: one word in the line that is edited."""
    at = target.touched
    token = list(TOKEN.finditer(target.block[at]))
    if not token:
        return None
    place = random.choice(token)
    line = target.block[at]
    changed = f"{line[: place.start()]}stale{random.randrange(100)}{line[place.end() :]}"
    return [*target.block[:at], changed, *target.block[at + 1 :]]


def _stale(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    block = _stale_block(target, random)
    if block is None:
        return None
    return [*target.lines[: target.first], *block, *target.lines[target.past :]], None, False


def _stale_with_twin(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    """What was meant has changed, and something that only looks like it stands elsewhere."""
    block = _stale_block(target, random)
    if block is None:
        return None
    twist: Callable[[str], str] = random.choice(
        (
            lambda line: f"    {line}" if line.strip() else line,
            lambda line: line.replace('"', "”").replace("'", "’").replace("-", "–"),
        )
    )
    copy = [twist(line) for line in _around(target)]
    # Lines that stand there as they were, or within a line, are exactly what was asked for.
    within = (
        not target.block[0].startswith((" ", "\t")) and f"{chr(10).join(target.block)}\n" in f"{chr(10).join(copy)}\n"
    )
    if within or any(copy[at : at + len(block)] == target.block for at in range(len(copy))):
        return None
    made = _with_copy(target, copy, random)
    if made is None:
        return None
    lines = made[0]
    first = next(at for at in range(len(lines)) if lines[at : at + len(block)] == target.block)
    return [*lines[:first], *block, *lines[first + len(block) :]], None, False


def _done(target: Target, random: Random) -> tuple[list[str], list[str] | None, bool] | None:
    after = target.after()
    if "\n".join(target.block) in "\n".join(after):
        return None
    return after, None, False


CHANGES: dict[str, Change] = {
    "nothing": _none,
    "drift": _drifted,
    "trailing blanks": _trailing,
    "shifted": _shifted,
    "reindented": _reindented,
    "look-alike characters": _alike,
    "duplicate": _duplicate,
    "near twin": _near_twin,
    "indented twin": _indented_twin,
    "stale": _stale,
    "stale with a twin": _stale_with_twin,
    "made already": _done,
}

ENCODINGS: tuple[tuple[str, bytes, str], ...] = (
    ("utf-8", b"", "utf-8"),
    ("utf-8", codecs.BOM_UTF8, "utf-8 with a mark"),
    ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
    ("latin-1", b"", "latin-1"),
)


def _bytes(lines: Sequence[str], ends: str, final: bool, codec: str, mark: bytes) -> bytes:
    text = ends.join(lines) + (ends if final else "")
    return mark + text.encode(codec)


def cases(language: str, path: str, text: str, random: Random) -> Iterator[Case]:
    """One case of each kind of change, as far as the file yields them."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if len(lines) > _MAX_LINES or any("\r" in line for line in lines):
        return
    for name, change in CHANGES.items():
        target = pick_target(lines, random)
        made = None if target is None else change(target, random)
        if target is None or made is None:
            continue
        before, after, ambiguous = made
        if after is not None and not ambiguous and count_of(before, target.block) != 1 + (name == "indented twin"):
            continue
        ends, final = random.choice(("\n", "\n", "\n", "\r\n")), random.random() > 0.15
        codec, mark, encoding = random.choice(ENCODINGS) if random.random() < 0.3 else ENCODINGS[0]
        try:
            raw = _bytes(before, ends, final, codec, mark)
            answer = None if after is None else _bytes(after, ends, final, codec, mark)
        except UnicodeEncodeError:
            continue
        if encoding == "latin-1" and (raw.isascii() or any("\x80" <= each <= "\x9f" for each in "".join(before))):
            encoding = "utf-8"
        patch, hunk = unified(target.lines, target.after(), path)
        notes = [name, *(["CRLF"] if ends == "\r\n" else []), *([encoding] if encoding != "utf-8" else [])]
        yield Case(
            language=language,
            path=path,
            change=", ".join(notes),
            raw=raw,
            answer=answer,
            ambiguous=ambiguous,
            old="".join(f"{line}\n" for line in target.block),
            new="".join(f"{line}\n" for line in target.edited(target.block)),
            start=target.first + 1,
            patch=patch,
            patch_places=count_of(before, hunk),
            patch_stands=any(before[at : at + len(hunk)] == hunk for at in range(len(before))),
        )


def kind_of(case: Case) -> str:
    """The change without line ends and encoding."""
    return case.change.split(",", 1)[0]
