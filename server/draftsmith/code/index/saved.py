"""Tables on disk, one file for each folder or base, so that a restart reads arrays and no code.

Written whole and renamed; a checksum tells whether all of it is there. A damaged one counts as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np

from draftsmith.code.index.record import FORMAT
from draftsmith.code.index.table import RUNS, SECTIONS, Interner, Table
from draftsmith.code.languages import data_version
from draftsmith.platform.files import replace_file

_MAGIC = b"draftsmith index\n"
KEPT_FILES = 32
KEPT_BYTES = 1024 * 1024 * 1024
"""The folders used longest ago go first."""
_META: dict[str, tuple[type, int]] = {
    "ids": (np.uint8, 20),
    "stats": (np.int64, 3),
    "languages": (np.uint8, 1),
    "skipped": (np.uint8, 1),
    "lines": (np.uint32, 1),
}


class Damaged(Exception):
    """The file is there and is not what was written."""


def _place(folder: Path, key: str) -> Path:
    return folder / (hashlib.sha256(os.fsencode(key)).hexdigest()[:32] + ".table")


def save(folder: Path, key: str, table: Table, names: Interner, terms: Interner) -> None:
    """Replaces what was saved under the key. Raises AdapterError (`disk_full`, `disk_failed`)."""
    blobs: dict[str, bytes] = {
        "paths": b"\0".join(table.paths),
        "names": b"\n".join(names.items),
        "terms": b"\n".join(terms.items),
    }
    blobs |= {name: getattr(table, name).tobytes() for name in _META}
    blobs |= {f"offset:{section}": table.offsets[section].tobytes() for section in RUNS}
    blobs |= {name: table.columns[name].tobytes() for name in SECTIONS}
    sizes = {name: len(blob) for name, blob in blobs.items()}
    counts = {"paths": len(table.paths), "names": len(names.items), "terms": len(terms.items)}
    head = json.dumps({"made": _made(), "sizes": sizes, "counts": counts}).encode()
    head += b" " * (-len(head) % 8)
    # Each part begins at a multiple of eight, so that numpy reads it as it lies.
    body = b"".join(blob + bytes(-len(blob) % 8) for blob in blobs.values())
    checksum = zlib.crc32(body, zlib.crc32(head))
    start = _MAGIC + f"{len(head):010d} {checksum:010d}\n".encode()
    replace_file(_place(folder, key), start + head + body, durable=False)
    _tidy(folder)


def exists(folder: Path, key: str) -> bool:
    """Whether something was saved under the key; it may be of another version."""
    return _place(folder, key).exists()


def _made() -> str:
    return f"{FORMAT}-{data_version()}"


def load(folder: Path, key: str) -> tuple[Table, Interner, Interner] | None:
    """What was saved under the key; None when there is nothing of this version. Raises Damaged."""
    path = _place(folder, key)
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    start = len(_MAGIC) + 22
    try:
        if not data.startswith(_MAGIC):
            raise Damaged(path.name)
        length, checksum = map(int, data[len(_MAGIC) : start].split())
        if zlib.crc32(memoryview(data)[start:]) != checksum:
            raise Damaged(path.name)
        head = cast("dict[str, Any]", json.loads(data[start : start + length]))
    except ValueError as wrong:
        raise Damaged(path.name) from wrong
    if head["made"] != _made():
        return None
    return _parse(memoryview(data)[start + length :], head)


def _parse(body: memoryview, head: dict[str, Any]) -> tuple[Table, Interner, Interner]:
    parts: dict[str, memoryview] = {}
    at = 0
    for name, size in head["sizes"].items():
        parts[name] = body[at : at + size]
        at += size + -size % 8
    counts = head["counts"]
    meta = {
        name: np.frombuffer(parts[name], kind) if width == 1 else np.frombuffer(parts[name], kind).reshape(-1, width)
        for name, (kind, width) in _META.items()
    }
    table = Table(
        paths=_items(parts["paths"], b"\0", counts["paths"]),
        ids=meta["ids"],
        stats=meta["stats"],
        languages=meta["languages"],
        skipped=meta["skipped"],
        lines=meta["lines"],
        offsets={section: np.frombuffer(parts[f"offset:{section}"], np.int64) for section in RUNS},
        columns={name: np.frombuffer(parts[name], kind) for name, (_, kind) in SECTIONS.items()},
    )
    names = Interner(_items(parts["names"], b"\n", counts["names"]))
    return table, names, Interner(_items(parts["terms"], b"\n", counts["terms"]))


def _items(blob: memoryview, separator: bytes, count: int) -> list[bytes]:
    return bytes(blob).split(separator) if count else []


def _tidy(folder: Path) -> None:
    found = sorted(folder.glob("*.table"), key=lambda one: -one.stat().st_mtime)
    total = 0
    for place, path in enumerate(found):
        total += path.stat().st_size
        if place and (place >= KEPT_FILES or total > KEPT_BYTES):
            path.unlink(missing_ok=True)
