"""What git cannot hold of a snapshot: full permissions, empty folders, the roots' names, outside ignore rules.

Stored as `manifest.json` beside the roots' trees. Equal content gives equal bytes, whatever the order of listing.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from draftsmith.workspace.objects import bad_object, check_path

MANIFEST_NAME = b"manifest.json"
ROOTS_NAME = b"roots"
MAX_ROOTS = 64
MAX_MANIFEST = 64 * 1024 * 1024
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RootManifest:
    """One root. Modes are permission bits; `file_mode` and its like hold where `modes` names no other."""

    name: str
    file_mode: int = 0o644
    program_mode: int = 0o755
    folder_mode: int = 0o755
    modes: Mapping[bytes, int] = field(default_factory=dict[bytes, int])
    folder_modes: Mapping[bytes, int] = field(default_factory=dict[bytes, int])
    empty_folders: tuple[bytes, ...] = ()
    rules: bytes = b""

    def mode_of(self, path: bytes, *, program: bool) -> int:
        return self.modes.get(path, self.program_mode if program else self.file_mode)


def describe_root(
    name: str,
    file_modes: Collection[tuple[bytes, int]],
    folder_modes: Mapping[bytes, int],
    empty_folders: Iterable[bytes],
    rules: bytes,
) -> RootManifest:
    """The manifest of a root from the permissions of its regular files and of all its folders."""
    counts = Counter(mode & 0o777 for _, mode in file_modes)
    plain = _usual({mode: count for mode, count in counts.items() if not mode & 0o100}, 0o644)
    program = _usual({mode: count for mode, count in counts.items() if mode & 0o100}, 0o755)
    unusual = counts.keys() - {plain, program}
    folders = {path: mode & 0o777 for path, mode in folder_modes.items()}
    folder = _usual(Counter(folders.values()), 0o755)
    return RootManifest(
        name=name,
        file_mode=plain,
        program_mode=program,
        folder_mode=folder,
        modes={path: mode & 0o777 for path, mode in file_modes if mode & 0o777 in unusual} if unusual else {},
        folder_modes={path: mode for path, mode in folders.items() if mode != folder},
        empty_folders=tuple(sorted(empty_folders)),
        rules=rules,
    )


def _usual(counts: Mapping[int, int], default: int) -> int:
    return min(counts, key=lambda mode: (-counts[mode], mode)) if counts else default


def encode_manifest(roots: Iterable[RootManifest]) -> bytes:
    document = {
        "version": _VERSION,
        "roots": [
            {
                "name": root.name,
                "file_mode": root.file_mode,
                "program_mode": root.program_mode,
                "folder_mode": root.folder_mode,
                "modes": _to_text(root.modes),
                "folder_modes": _to_text(root.folder_modes),
                "empty_folders": [os.fsdecode(path) for path in root.empty_folders],
                "rules": os.fsdecode(root.rules),
            }
            for root in roots
        ],
    }
    return json.dumps(document, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _to_text(modes: Mapping[bytes, int]) -> dict[str, int]:
    return {os.fsdecode(path): mode for path, mode in modes.items()}


def decode_manifest(content: bytes) -> tuple[RootManifest, ...]:
    """Read a manifest that may come from elsewhere; raises `AdapterError` (`bad_object`)."""
    if len(content) > MAX_MANIFEST:
        raise bad_object("a manifest over its bound")
    try:
        document = _Reader(json.loads(content))
        if document.number("version") != _VERSION:
            raise bad_object("a manifest of another version; update Draftsmith")
        roots = [_root(_Reader(item)) for item in document.items("roots")]
    except (ValueError, TypeError, KeyError, RecursionError) as failure:
        raise bad_object(f"a damaged manifest ({failure})") from failure
    if not 0 < len(roots) <= MAX_ROOTS:
        raise bad_object(f"a manifest of {len(roots)} roots")
    return tuple(roots)


def _root(part: _Reader) -> RootManifest:
    return RootManifest(
        name=part.text("name"),
        file_mode=part.mode("file_mode"),
        program_mode=part.mode("program_mode"),
        folder_mode=part.mode("folder_mode"),
        modes=part.modes("modes"),
        folder_modes=part.modes("folder_modes"),
        empty_folders=tuple(_path(item) for item in part.items("empty_folders")),
        rules=os.fsencode(part.text("rules")),
    )


def _path(item: object) -> bytes:
    if not isinstance(item, str):
        raise TypeError("a path is no text")
    path = os.fsencode(item)
    check_path(path)
    return path


class _Reader:
    """A JSON object whose members are checked as they are taken out."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise TypeError("not an object")
        self._value = cast("dict[str, object]", value)

    def number(self, name: str) -> int:
        value = self._value[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} is no number")
        return value

    def mode(self, name: str) -> int:
        return self.number(name) & 0o777

    def text(self, name: str) -> str:
        value = self._value[name]
        if not isinstance(value, str):
            raise TypeError(f"{name} is no text")
        return value

    def items(self, name: str) -> list[object]:
        value = self._value[name]
        if not isinstance(value, list):
            raise TypeError(f"{name} is no list")
        return cast("list[object]", value)

    def modes(self, name: str) -> dict[bytes, int]:
        part = _Reader(self._value[name])
        return {_path(path): part.mode(path) for path in part._value}
