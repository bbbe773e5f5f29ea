"""The sandbox's file system as a list of mounts: system, private places, drafts, what lies on top of them.

It only looks at folders and decides what shows where; it mounts nothing itself.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from draftsmith.domain.errors import UserError
from draftsmith.ports.sandbox import MountedFolder, MountedRoot
from draftsmith.sandbox.etc import EtcFolder
from draftsmith.sandbox.gitview import git_view
from draftsmith.sandbox.toolchains import Toolchains

SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_RESERVED = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/proc", "/dev", "/sys", "/run")
_WHOLLY_RESERVED = ("/proc", "/dev", "/sys", "/bin", "/sbin", "/lib", "/lib64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One thing shown at `target`. `source` is a host path, a link's text, or a file's content, by `kind`: `copy` is
    for places that are the sandbox's own, `content` lies over a file of the draft."""

    kind: Literal["read_only", "writable", "scratch", "link", "copy", "content", "freeze"]
    target: str
    source: str | bytes = ""


@dataclass(slots=True, kw_only=True)
class View:
    """Mounts in their order, and sentences for the model and the user on what is not as in the workspace."""

    mounts: list[Mount] = field(default_factory=list[Mount])
    notes: list[str] = field(default_factory=list[str])


def sandbox_view(roots: Sequence[MountedRoot], toolchains: Toolchains, etc: EtcFolder) -> View:
    """Raises `UserError` when a root lies where the sandbox needs its own files."""
    view = View(mounts=list(_system()))
    folder, on_top = etc.made()
    view.mounts.append(Mount(kind="read_only", target="/etc", source=str(folder)))
    view.mounts += [Mount(kind="read_only", target=str(path), source=str(path)) for path in on_top]
    view.mounts += [Mount(kind="scratch", target=folder) for folder in ("/tmp", "/var/tmp", "/run")]  # noqa: S108  these are the sandbox's own
    view.mounts.append(Mount(kind="scratch", target=toolchains.home))
    workspace_paths = [root.workspace_path for root in roots]
    for folder in toolchains.folders:
        if not any(folder.is_relative_to(path) for path in workspace_paths):
            view.mounts.append(Mount(kind="read_only", target=str(folder), source=str(folder)))
    for root in sorted(roots, key=lambda each: len(each.workspace_path.parts)):
        _root(view, root)
    return view


@cache
def _system() -> tuple[Mount, ...]:
    """The same for every command of this process."""
    mounts: list[Mount] = []
    for path in map(Path, SYSTEM_FOLDERS):
        if path.is_symlink():
            mounts.append(Mount(kind="link", target=str(path), source=str(path.readlink())))
        elif path.is_dir():
            mounts.append(Mount(kind="read_only", target=str(path), source=str(path)))
    return tuple(mounts)


def _root(view: View, root: MountedRoot) -> None:
    path = root.workspace_path
    _refuse_reserved(path)
    view.mounts.append(Mount(kind="writable", target=str(path), source=str(root.draft_path)))
    git = git_view(path)
    if git.note:
        view.notes.append(git.note)
    if git.marker is not None and _can_lie_in_draft(root.draft_path, (".git",), folder=git.marker == b""):
        if git.marker:
            view.mounts.append(Mount(kind="content", target=str(path / ".git"), source=git.marker))
        for shown in git.folders:
            at = shown.path
            view.mounts.append(Mount(kind="scratch", target=at))
            view.mounts += [Mount(kind="read_only", target=f"{at}/{name}", source=host) for name, host in shown.entries]
            view.mounts += [Mount(kind="copy", target=f"{at}/{name}", source=data) for name, data in shown.contents]
        # Frozen last: a worktree's own folder is made inside that of its repository.
        view.mounts += [Mount(kind="freeze", target=shown.path) for shown in git.folders]
    for folder in sorted(root.dependency_folders, key=lambda each: len(each.parts)):
        _dependency(view, root, folder)
    for shown in root.folders:
        _folder(view, root, shown)


def _dependency(view: View, root: MountedRoot, folder: Path) -> None:
    path = root.workspace_path
    if not folder.is_relative_to(path) or folder == path or ".." in folder.parts:
        raise ValueError(f"{folder} is not below {path}")
    real = Path(os.path.realpath(folder))
    if not real.is_dir():
        return
    if not real.is_relative_to(os.path.realpath(path)):
        view.notes.append(f"{folder} is a link to a folder outside the workspace; it is not shown to commands.")
        return
    if not _can_lie_in_draft(root.draft_path, folder.relative_to(path).parts, folder=True):
        view.notes.append(f"{folder} is not shown: the draft has something else in its place.")
        return
    view.mounts.append(Mount(kind="read_only", target=str(folder), source=str(real)))
    view.notes.append(f"{folder} is read-only.")


def _folder(view: View, root: MountedRoot, shown: MountedFolder) -> None:
    """A folder of the runner's own: below the root, or in a place where nothing else is."""
    if shown.path.is_relative_to(root.workspace_path):
        parts = shown.path.relative_to(root.workspace_path).parts
        if not parts or not _can_lie_in_draft(root.draft_path, parts, folder=True):
            view.notes.append(f"{shown.path} is not shown: the draft has something else in its place.")
            return
    kind = "writable" if shown.writable else "read_only"
    view.mounts.append(Mount(kind=kind, target=str(shown.path), source=str(shown.source)))


def _can_lie_in_draft(draft: Path, parts: Sequence[str], *, folder: bool) -> bool:
    """Whether a mount's place in the draft is free of links (a link could lead the mount point out of the draft)
    and of another kind of file. Its parents must exist, for making them would change the draft."""
    place = draft
    for position, part in enumerate(parts):
        place /= part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return position == len(parts) - 1
        except NotADirectoryError:
            return False
        last = position == len(parts) - 1
        if last and not folder:
            return stat.S_ISREG(mode)
        if not stat.S_ISDIR(mode):
            return False
    return True


def _refuse_reserved(path: Path) -> None:
    text = str(path)
    inside = any(text == folder or text.startswith(f"{folder}/") for folder in _WHOLLY_RESERVED)
    above = any(folder == text or folder.startswith(text.rstrip("/") + "/") for folder in _RESERVED)
    if not path.is_absolute() or inside or above:
        raise UserError(
            f"{path} cannot be a workspace: the sandbox needs its own files there.",
            code="workspace_unsupported",
            remedy="Open a folder of the project itself.",
        )
