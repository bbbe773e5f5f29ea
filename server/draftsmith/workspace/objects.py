"""Git's objects as values: ids, tree entries, what a name in a tree may be.

Names are bytes. Everything that enters a tree passes `check_name`, for git itself would take `.git/config`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from draftsmith.domain.errors import AdapterError

FILE = 0o100644
PROGRAM = 0o100755
LINK = 0o120000
FOLDER = 0o040000
_MODES = {b"100644": FILE, b"100755": PROGRAM, b"120000": LINK, b"40000": FOLDER}
_MODE_TEXT = {mode: text for text, mode in _MODES.items()}
_HEX = re.compile(r"[0-9a-f]{40}\Z")

BLOB = 3
TREE = 2
KIND_NAMES = {BLOB: b"blob", TREE: b"tree"}
"""Object kinds by the numbers a pack uses; snapshots need no other."""

MAX_PATH = 4096
MAX_NAME = 255


class Entry(NamedTuple):
    """One name in a tree; `oid` is the 20-byte object id."""

    mode: int
    oid: bytes


def object_id(kind: int, content: bytes) -> bytes:
    digest = hashlib.sha1(KIND_NAMES[kind] + b" %d\x00" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.digest()


EMPTY_TREE = object_id(TREE, b"")


def is_reserved(name: bytes) -> bool:
    """Names that a snapshot never holds: git's own folder, in any spelling some file system would take for it."""
    return name[:1] in (b".", b"g", b"G") and name.lower() in (b".git", b"git~1")


def check_name(name: bytes) -> None:
    """Refuse (`AdapterError`, `bad_object`) a name that could reach outside its folder or into a `.git`."""
    if not name or len(name) > MAX_NAME or name in (b".", b"..") or b"/" in name or b"\0" in name:
        raise bad_object(f"a tree holds the impossible name {name[:80]!r}")
    if is_reserved(name):
        raise bad_object(f"a tree holds the reserved name {name!r}")


def check_path(path: bytes) -> None:
    if not path or len(path) > MAX_PATH:
        raise bad_object(f"a path of {len(path)} bytes")
    for name in path.split(b"/"):
        check_name(name)


def bad_object(what: str) -> AdapterError:
    return AdapterError(
        f"Refused snapshot data: {what}.",
        code="bad_object",
        remedy="The sender is broken or hostile; nothing was kept.",
    )


def parse_tree(content: bytes) -> dict[bytes, Entry]:
    """A tree's entries; raises `AdapterError` (`bad_object`) for anything git would not have written."""
    entries: dict[bytes, Entry] = {}
    at = 0
    previous = b""
    while at < len(content):
        space = content.find(b" ", at, at + 8)
        end = content.find(b"\0", space + 1)
        mode = _MODES.get(content[at:space]) if space > 0 else None
        if mode is None or end < 0 or end + 21 > len(content):
            raise bad_object("a damaged tree")
        name = content[space + 1 : end]
        check_name(name)
        order = name + b"/" if mode == FOLDER else name
        if order <= previous or name in entries:
            raise bad_object(f"a tree out of order at {name[:80]!r}")
        previous = order
        entries[name] = Entry(mode, content[end + 1 : end + 21])
        at = end + 21
    return entries


def encode_tree(entries: Mapping[bytes, Entry]) -> bytes:
    ordered = sorted(entries.items(), key=_tree_order)
    return b"".join(b"%s %s\0%s" % (_MODE_TEXT[entry.mode], name, entry.oid) for name, entry in ordered)


def _tree_order(item: tuple[bytes, Entry]) -> bytes:
    return item[0] + b"/" if item[1].mode == FOLDER else item[0]


def git_mode(mode: int) -> int:
    """What git keeps of a regular file's permissions: whether its owner may execute it."""
    return PROGRAM if mode & 0o100 else FILE


def parents(paths: Iterable[bytes]) -> set[bytes]:
    """Every folder above the paths, without the root."""
    found: set[bytes] = set()
    for path in paths:
        cut = path.rfind(b"/")
        while cut > 0 and path[:cut] not in found:
            found.add(path[:cut])
            cut = path.rfind(b"/", 0, cut)
    return found
