"""The folders that the editor has open, as it names them and as they are on disk.

Editors name a folder by the path they were given, the hub by its real one; both lead to the same files here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """`path` is the editor's, `real` the one without links."""

    path: str
    real: str


@dataclass(slots=True)
class Folders:
    _held: list[Folder] = field(default_factory=list[Folder])

    def __iter__(self) -> Iterator[Folder]:
        return iter(tuple(self._held))

    @property
    def real(self) -> list[str]:
        return [folder.real for folder in self._held]

    def change(self, added: Iterable[Folder], removed: Iterable[str]) -> None:
        gone = set(removed)
        self._held = [folder for folder in self._held if folder.path not in gone]
        known = {folder.path for folder in self._held}
        self._held += [folder for folder in added if folder.path not in known]

    def real_path(self, path: str) -> str:
        """A path of the editor as the hub knows it."""
        return _moved(path, ((folder.path, folder.real) for folder in self._held))

    def editor_path(self, path: str) -> str:
        """A real path as the editor knows it."""
        return _moved(path, ((folder.real, folder.path) for folder in self._held))

    def holds(self, path: str) -> bool:
        """Whether a real path lies in one of the folders."""
        return any(is_within(path, folder.real) for folder in self._held)

    def concerns(self, roots: Iterable[str]) -> bool:
        """Whether one of the real paths is a folder here, lies in one, or has one in it."""
        return any(is_within(root, real) or is_within(real, root) for root in roots for real in self.real)


def resolved(path: str) -> Folder:
    """Asks the disk: call it in a thread."""
    return Folder(path=path, real=os.path.realpath(path))


def is_within(path: str, folder: str) -> bool:
    """Whether the folder is the path or holds it; both are absolute and normal."""
    return Path(path).is_relative_to(folder)


def _moved(path: str, pairs: Iterable[tuple[str, str]]) -> str:
    for source, target in pairs:
        if source != target and is_within(path, source):
            return str(Path(target) / Path(path).relative_to(source))
    return path
