"""A file whose newest text is in an editor's buffer: that text as the bytes that saving it would write, and back.

Encoding, byte order mark and line ends are those of the file. What cannot be written back as it was is not taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from draftsmith.domain.errors import ToolFailure
from draftsmith.workspace.text import LineEnd, TextFile, decode, prevailing_line_end, split_lines, with_line_end

_COMPARED_LINES = 2_000
"""Lines beyond which a change is one replacement: comparing them would take too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the text: the editor's name for people, and the process that is asked to change it."""

    client: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldText:
    """`content` is the text in the file's form; `line_end` the buffer's own, where it differs from the file's."""

    holder: Holder
    content: bytes
    line_end: LineEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """`text` in place of what stands from `start` to before `end`, in UTF-16 code units of the text before."""

    start: int
    end: int
    text: str


Held = Mapping[tuple[int, str], HeldText]
"""By root and path. Of files that are not in it the disk has the newest text."""


def held_text(holder: Holder, reference: bytes | None, text: str) -> HeldText | None:
    """The text as the file would hold it; `reference` is the file as it is known. None where that cannot be."""
    line_end: LineEnd | None = None
    try:
        if not reference:
            content = text.encode("utf-8")
        else:
            known = decode(reference)
            own, other = prevailing_line_end(text), prevailing_line_end(known.text)
            if own is not None and other is not None and own != other and not (known.mixed_line_ends or _mixed(text)):
                line_end = own
                text = with_line_end(text, other)
            content = known.encode_whole(text)
    except (ToolFailure, UnicodeEncodeError):
        return None
    made = HeldText(holder=holder, content=content, line_end=line_end)
    shown = shown_text(content, None)
    return made if shown == text else None


def _mixed(text: str) -> bool:
    return 0 < text.count("\r\n") < text.count("\n")


def shown_text(content: bytes, line_end: LineEnd | None) -> str | None:
    """A file's bytes as an editor shows them; None for what is no text."""
    found = decoded(content)
    if found is None:
        return None
    return found.text if line_end is None else with_line_end(found.text, line_end)


def decoded(content: bytes) -> TextFile | None:
    try:
        return decode(content)
    except ToolFailure:
        return None


def hash_of(text: str) -> str:
    """By which a buffer's text is told apart: half surrogates, which editors can hold, are hashed as they are."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hashes_of_file(content: bytes) -> dict[str, LineEnd | None]:
    """The hashes that a buffer may have which holds the file unchanged: editors may make all line ends alike."""
    found = decoded(content)
    if found is None:
        return {}
    hashes: dict[str, LineEnd | None] = {
        hash_of(with_line_end(found.text, "\n")): "\n",
        hash_of(with_line_end(found.text, "\r\n")): "\r\n",
    }
    hashes[hash_of(found.text)] = None
    return hashes


def replacements(before: str, after: str) -> list[Replacement]:
    """What to change so that marks and cursors elsewhere stay where they are."""
    if before == after:
        return []
    old, new = split_lines(before), split_lines(after)
    most, first = min(len(old), len(new)), 0
    while first < most and old[first] == new[first]:
        first += 1
    last = 0
    while last < most - first and old[-1 - last] == new[-1 - last]:
        last += 1
    old_end, new_end = len(old) - last, len(new) - last
    blocks = [(first, old_end, first, new_end)]
    if max(old_end, new_end) - first <= _COMPARED_LINES:
        matcher = SequenceMatcher(None, old[first:old_end], new[first:new_end], autojunk=False)
        blocks = [
            (first + a, first + b, first + c, first + d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"
        ]
    offsets = [0]
    for line in old:
        offsets.append(offsets[-1] + _units(line))
    return [Replacement(start=offsets[a], end=offsets[b], text="".join(new[c:d])) for a, b, c, d in blocks]


def _units(line: str) -> int:
    return len(line) if line.isascii() else len(line) + sum(1 for character in line if ord(character) > 0xFFFF)
