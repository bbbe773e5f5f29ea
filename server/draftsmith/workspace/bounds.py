"""How much of a disk a snapshot may take, and which folders are never taken unasked."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.errors import UserError

FILES_VARIABLE = "DRAFTSMITH_MAX_FILES"
MEGABYTES_VARIABLE = "DRAFTSMITH_MAX_MEGABYTES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Limits in bytes and files. A file over `file_bytes` is left out and listed; the others refuse the snapshot.

    `own` is Draftsmith's state folder: never a workspace, nor in one.
    """

    file_bytes: int = 32 * 1024 * 1024
    files: int = field(default_factory=lambda: _setting(FILES_VARIABLE, 250_000))
    total_bytes: int = field(default_factory=lambda: _setting(MEGABYTES_VARIABLE, 4_096) << 20)
    depth: int = 200
    allow_home: bool = False
    own: Path | None = None


def _setting(variable: str, default: int) -> int:
    said = os.environ.get(variable, "")
    if not said:
        return default
    if not said.isdecimal() or not 0 < int(said) <= 1_000_000_000:
        raise UserError(f"{variable} is {said!r}.", code="bad_bound", remedy="Give a whole number above 0.")
    return int(said)


def too_many(root: bytes, files: int) -> UserError:
    return UserError(
        f"The folder {root.decode('utf-8', 'replace')} has more than {files:,} files that are not ignored.",
        code="workspace_too_large",
        remedy=f"Ignore what is built or downloaded (.gitignore), open a smaller folder, or raise {FILES_VARIABLE} and"
        " start the hub anew (`draftsmith hub stop`).",
    )


def too_big(root: bytes, total: int) -> UserError:
    return UserError(
        f"The folder {root.decode('utf-8', 'replace')} holds more than {total >> 20:,} MB that are not ignored.",
        code="workspace_too_large",
        remedy=f"Ignore what is built or downloaded (.gitignore), open a smaller folder, or raise {MEGABYTES_VARIABLE}"
        " and start the hub anew (`draftsmith hub stop`).",
    )


def check_root(root: Path, bounds: Bounds) -> Path:
    """The root with links resolved; raises `UserError` for what is missing, no folder, somebody's whole home, part of
    a repository's own folder, or Draftsmith's."""
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
    _refuse_git(root, real)
    if bounds.own is not None:
        _refuse_own(root, real, bounds.own.resolve(), allow_around=bounds.allow_home)
    if not bounds.allow_home and is_home(real):
        raise UserError(
            f"{root} is a home folder or holds one; a snapshot would copy everything you have.",
            code="workspace_is_home",
            remedy="Open the project's own folder, or allow it for this folder.",
        )
    return real


def _refuse_git(root: Path, real: Path) -> None:
    """What is written there may be run by git (hooks, configuration) and is no text of the user's."""
    for folder in (real, *real.parents):
        if folder.name.lower() == ".git" or _is_git_folder(folder):
            raise UserError(
                f"{root} is or lies in {folder}, where git keeps a repository; nothing there is worked on.",
                code="workspace_is_git",
                remedy="Give the folder that holds the files themselves.",
            )


def _is_git_folder(folder: Path) -> bool:
    """A bare repository, or a worktree's or submodule's part of one."""
    try:
        if not (folder / "HEAD").is_file():
            return False
        return (folder / "commondir").is_file() or ((folder / "objects").is_dir() and (folder / "refs").is_dir())
    except OSError:
        return False


def _refuse_own(root: Path, real: Path, own: Path, *, allow_around: bool) -> None:
    inside = real == own or own in real.parents
    if inside or (real in own.parents and not allow_around and not is_home(real)):
        raise UserError(
            f"{root} {'is or lies in' if inside else 'holds'} {own}, where Draftsmith keeps its own state.",
            code="workspace_is_state",
            remedy="Give a project's folder, or move the state by DRAFTSMITH_STATE_DIR."
            if inside
            else "Give a smaller folder, or move the state by DRAFTSMITH_STATE_DIR.",
        )


def is_home(folder: Path) -> bool:
    """Whether `folder` is a home, or a folder above this user's home."""
    homes: list[Path] = []
    try:
        homes.append(Path.home().resolve())
    except (OSError, RuntimeError):
        homes = []
    return folder == Path(folder.anchor) or any(folder == home or folder in home.parents for home in homes)
