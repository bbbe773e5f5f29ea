"""Which ignored folders of a workspace hold dependencies that a project's commands need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

DEPENDENCY_NAMES = frozenset(
    {".venv", "venv", "env", ".env", "node_modules", "vendor", ".tox", ".nox", "bower_components", "Pods", "deps"}
)
"""Names by custom; build output (`target`, `build`, `dist`) is made anew in the draft."""


def dependency_folders(root: Path, ignored: Sequence[str]) -> tuple[Path, ...]:
    """Of the ignored folders (absolute paths) those of `root` that hold dependencies and exist on this machine."""
    found: list[Path] = []
    for name in ignored:
        folder = Path(name)
        if folder.is_relative_to(root) and _holds_dependencies(folder):
            found.append(folder)
    return tuple(found)


def _holds_dependencies(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    return folder.name in DEPENDENCY_NAMES or (folder / "pyvenv.cfg").is_file()
