"""The definitions of one text in their order, for people who look at one file.

The text is parsed by a worker of its own, as every content is: a grammar that crashes takes that process with it.
It is no part of any folder's table.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from draftsmith.code.extraction import KINDS
from draftsmith.code.index.reading import MAX_BYTES, SKIPS, language_numbers
from draftsmith.code.index.record import TEST_BIT, Record, unpack
from draftsmith.code.index.workers import Job, run_jobs
from draftsmith.code.languages import language_of
from draftsmith.ports.code_index import Outline, Symbol

MOST_SYMBOLS = 5_000
_COLUMNS = 7
_NO_PARENT = 0xFFFFFFFF


def outline_of(folder: Path, path: str, text: str) -> Outline:
    """`folder` is the index's own; what is put there for the worker is gone when this returns."""
    content = text.encode("utf-8", "replace")
    language = language_of(path, content[:_HEAD])
    if language not in language_numbers():
        return Outline(symbols=(), skipped="language")
    if len(content) > MAX_BYTES:
        return Outline(symbols=(), skipped="too_large")
    if not content.strip():
        return Outline(symbols=())
    found: list[bytes] = []
    handle, name = tempfile.mkstemp(prefix="outline-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        job = Job(number=0, path=os.fsencode(name), language=language, size=len(content))
        run_jobs([job], lambda _number, _oid, record: found.append(record), workers=1)
    finally:
        Path(name).unlink()
    record = unpack(found[0])
    if record.skipped:
        return Outline(symbols=(), skipped=SKIPS[record.skipped])
    symbols = _symbols(record, path)
    return Outline(symbols=tuple(symbols[:MOST_SYMBOLS]), skipped="")


_HEAD = 200
"""Bytes of the content by which a program without an ending is known."""


def _symbols(record: Record, path: str) -> list[Symbol]:
    count = record.counts[0]
    columns = np.frombuffer(record.definitions, np.uint32).reshape(_COLUMNS, count).tolist()
    names, kinds, lines, _, ends, parents, lengths = columns
    texts: list[tuple[str, str]] = []
    at = 0
    for length in lengths:
        signature, doc = length & 0xFFFF, length >> 16
        texts.append((_text(record.text[at : at + signature]), _text(record.text[at + signature :][:doc])))
        at += signature + doc
    called = [record.names[name].decode("utf-8", "replace") for name in names]
    holders: list[str] = []
    for parent in parents:
        within = parent != _NO_PARENT and parent < len(holders)
        holders.append(".".join(filter(None, (holders[parent], called[parent]))) if within else "")
    made = [
        Symbol(
            path=path,
            line=lines[place],
            end_line=ends[place],
            name=called[place],
            kind=KINDS[kinds[place] & 0xFF],
            signature=texts[place][0].strip().removesuffix("{").rstrip(),
            container=holders[place],
            doc=texts[place][1],
            test=bool(kinds[place] & TEST_BIT),
        )
        for place in range(count)
    ]
    return sorted(made, key=lambda one: one.line)


def _text(piece: memoryview) -> str:
    return bytes(piece).decode("utf-8", "replace")
