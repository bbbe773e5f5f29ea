"""The memory of a scan: which content a file had when its stat data was last seen.

A file whose times are as new as the look at it is remembered but not trusted: it may change again within the
same tick of the clock (git's "racy" entries). Damaged or foreign files are forgotten, never half used.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from draftsmith.platform.files import read_file, replace_file
from draftsmith.workspace.listing import Stat

_MAGIC = b"draftsmith map 1\n"
_HEADER = struct.Struct(">20sQQ")
_TICK_NS = 50_000_000
_COARSE_NS = 2_500_000_000


class Known(NamedTuple):
    """A file as last captured; `trusted` says whether equal stat data proves equal content."""

    stat: Stat
    oid: bytes
    trusted: bool

    @property
    def mode(self) -> int:
        return self.stat[4]


@dataclass(slots=True)
class StatMap:
    """What is known of one folder; `tree` is the tree that exactly these entries make."""

    tree: bytes | None = None
    known: dict[bytes, Known] = field(default_factory=dict[bytes, Known])

    def is_same(self, path: bytes, stat: Stat) -> bool:
        """Whether the file certainly has the content that is known."""
        found = self.known.get(path)
        return found is not None and found.trusted and found.stat == stat


def is_settled(stat: Stat, looked_at_ns: int) -> bool:
    """Whether a change after `looked_at_ns` would have to show in the times.

    File systems stamp in ticks (ext4: a few ms; whole or two seconds elsewhere, seen by the round number).
    """
    _, mtime_ns, ctime_ns, _, _ = stat
    tick = _COARSE_NS if ctime_ns % 1_000_000 == 0 else _TICK_NS
    return max(mtime_ns, ctime_ns) + tick < looked_at_ns


def save_map(path: Path, found: StatMap) -> None:
    """Replace the file at `path`. It is a cache: losing it costs one full read of the folder."""
    names = b"\0".join(found.known)
    numbers = array("q")
    for known in found.known.values():
        numbers.extend(known.stat)
    oids = b"".join(known.oid for known in found.known.values())
    trusted = bytes(known.trusted for known in found.known.values())
    header = _HEADER.pack(found.tree or bytes(20), len(found.known), len(names))
    body = b"".join((header, names, numbers.tobytes(), oids, trusted))
    replace_file(path, _MAGIC + struct.pack(">I", zlib.crc32(body)) + body, durable=False)


def load_map(path: Path) -> StatMap:
    """The map at `path`, or an empty one when there is none that can be used."""
    try:
        content = read_file(path)
    except OSError:
        return StatMap()
    body = content[len(_MAGIC) + 4 :]
    if not content.startswith(_MAGIC) or content[len(_MAGIC) : len(_MAGIC) + 4] != struct.pack(">I", zlib.crc32(body)):
        return StatMap()
    tree, count, length = _HEADER.unpack_from(body)
    if not count:
        return StatMap()
    at = _HEADER.size
    names = body[at : at + length].split(b"\0")
    at += length
    numbers = array("q", body[at : at + count * 40])
    at += count * 40
    oids = [body[place : place + 20] for place in range(at, at + count * 20, 20)]
    trusted = map(bool, body[at + count * 20 :])
    stats: Iterator[Stat] = zip(*repeat(iter(numbers), 5), strict=True)  # pyright: ignore[reportAssignmentType]  # five at a time
    known = dict(zip(names, map(Known, stats, oids, trusted), strict=True))
    return StatMap(tree=tree, known=known)
