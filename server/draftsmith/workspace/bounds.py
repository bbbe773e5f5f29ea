"""How much of a disk a snapshot may take, and which folders are never taken unasked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits in bytes and files. A file over `file_bytes` is left out and listed; the others refuse the snapshot."""

    file_bytes: int = 32 * 1024 * 1024
    files: int = 250_000
    total_bytes: int = 4 * 1024 * 1024 * 1024
    depth: int = 200
    allow_home: bool = False


def too_many(root: bytes, files: int) -> UserError:
    return UserError(
        f"The folder {root.decode('utf-8', 'replace')} has more than {files:,} files that are not ignored.",
        code="workspace_too_large",
        remedy="Ignore what is built or downloaded (.gitignore), open a smaller folder, or raise the bound.",
    )


def too_big(root: bytes, total: int) -> UserError:
    return UserError(
        f"The folder {root.decode('utf-8', 'replace')} holds more than {total >> 20:,} MB that are not ignored.",
        code="workspace_too_large",
        remedy="Ignore what is built or downloaded (.gitignore), open a smaller folder, or raise the bound.",
    )


def check_root(root: Path, bounds: Bounds) -> Path:
    """The root with links resolved; raises `UserError` for what is missing, no folder, or somebody's whole home."""
    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as failure:
        raise UserError(
            f"The workspace folder {root} cannot be opened: {failure}.",
            code="workspace_missing",
            remedy="Give an existing folder that you can read.",
        ) from failure
    if not real.is_dir():
        raise UserError(f"{root} is not a folder.", code="workspace_missing", remedy="Give the folder that holds it.")
    if not bounds.allow_home and is_home(real):
        raise UserError(
            f"{root} is a home folder or holds one; a snapshot would copy everything you have.",
            code="workspace_is_home",
            remedy="Open the project's own folder, or allow it for this folder.",
        )
    return real


def is_home(folder: Path) -> bool:
    """Whether `folder` is a home, or a folder above this user's home."""
    homes: list[Path] = []
    try:
        homes.append(Path.home().resolve())
    except (OSError, RuntimeError):
        homes = []
    return folder == Path(folder.anchor) or any(folder == home or folder in home.parents for home in homes)
