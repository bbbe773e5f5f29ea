"""What is kept of one file's content: packed by the workers, unpacked where views are put together.

The bytes depend on the content and on the languages' data files only, never on the path or the machine.
"""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass
from itertools import chain

from draftsmith.code.extraction import Extraction
from draftsmith.code.words import MOST_COUNT

FORMAT = 1
"""Raised whenever these bytes or what stands in them change."""

_MAGIC = b"DSR1"
_HEADER = struct.Struct("<4sHBxIIIIIIIIII")
TEST_BIT = 1 << 8

if sys.byteorder != "little":  # the arrays are read as they lie on disk
    raise ImportError("Draftsmith's index needs a little-endian machine.")


@dataclass(frozen=True, slots=True)
class Record:
    """Arrays of unsigned 32-bit numbers as bytes, to be read by numpy. Names stand in `names` by place.

    `definitions` are seven arrays in a row: name, kind and test bit, line, first line, last line, parent (all ones
    for none), lengths of signature (low half) and documentation. `references` are name and call bit, then counts.
    """

    language: int
    skipped: int
    lines: int
    counts: tuple[int, int, int, int]
    """Definitions, references, lines of references, imports."""
    definitions: memoryview
    references: memoryview
    reference_lines: memoryview
    imports: memoryview
    names: list[bytes]
    terms: list[bytes]
    term_counts: memoryview
    text: memoryview


def pack(found: Extraction, language: int) -> bytes:
    """The record of a file that was read."""
    names: dict[bytes, int] = {}

    def place(name: bytes) -> int:
        return names.setdefault(name.replace(b"\n", b" "), len(names))

    definitions = found.definitions
    columns = (
        [place(one.name) for one in definitions],
        [one.kind | (TEST_BIT if one.test else 0) for one in definitions],
        [one.line for one in definitions],
        [one.start_line for one in definitions],
        [one.end_line for one in definitions],
        [one.parent & 0xFFFFFFFF for one in definitions],
        [len(one.signature) | len(one.doc) << 16 for one in definitions],
    )
    references = [(place(name) << 1 | call, lines) for (name, call), lines in found.references.items()]
    numbers = array("I", chain.from_iterable(columns))
    numbers.extend(name for name, _ in references)
    numbers.extend(len(lines) for _, lines in references)
    numbers.extend(chain.from_iterable(lines for _, lines in references))
    numbers.extend(place(module) for module, _ in found.imports)
    numbers.extend(line for _, line in found.imports)
    blob, terms = b"\n".join(names), b"\n".join(found.words)
    text = b"".join(one.signature + one.doc for one in definitions)
    header = _HEADER.pack(
        _MAGIC,
        language,
        0,
        found.lines,
        len(definitions),
        len(references),
        sum(len(lines) for _, lines in references),
        len(found.imports),
        len(found.words),
        len(blob),
        len(terms),
        len(text),
        len(names),
    )
    counts = bytes(min(MOST_COUNT, times) for times in found.words.values())
    return b"".join((header, numbers.tobytes(), counts, blob, terms, text))


def pack_skipped(language: int, reason: int, lines: int = 0) -> bytes:
    """The record of a file whose content is left out."""
    return _HEADER.pack(_MAGIC, language, reason, lines, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def unpack(data: bytes) -> Record:
    """Raises ValueError when the bytes are not a whole record."""
    if len(data) < _HEADER.size:
        raise ValueError("too short")
    magic, language, skipped, lines, defs, refs, ref_lines, imports, terms, blob, term_blob, text, names = (
        _HEADER.unpack_from(data)
    )
    sizes = (28 * defs, 8 * refs, 4 * ref_lines, 8 * imports, terms, blob, term_blob, text)
    if magic != _MAGIC or len(data) != _HEADER.size + sum(sizes):
        raise ValueError("not a record")
    view, at, parts = memoryview(data), _HEADER.size, list[memoryview]()
    for size in sizes:
        parts.append(view[at : at + size])
        at += size
    return Record(
        language=language,
        skipped=skipped,
        lines=lines,
        counts=(defs, refs, ref_lines, imports),
        definitions=parts[0],
        references=parts[1],
        reference_lines=parts[2],
        imports=parts[3],
        names=bytes(parts[5]).split(b"\n") if names else [],
        terms=bytes(parts[6]).split(b"\n") if terms else [],
        term_counts=parts[4],
        text=parts[7],
    )
