"""Stored content put on disk as plain files, exactly: bytes, modes, links, empty folders.

For drafts only, which belong to us. Links are never followed, and nothing is deleted that is not named.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import disk_error, open_beneath, open_folder, write_all
from draftsmith.workspace.git import run_git
from draftsmith.workspace.listing import Stat, stat_of
from draftsmith.workspace.manifest import RootManifest
from draftsmith.workspace.objects import LINK, PROGRAM, Entry, parents
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.snapshot import RootContent
from draftsmith.workspace.store import ObjectStore

_CHECKOUT_SECONDS = 600.0
_FULL_BYTES = 1 << 20
_OWNER = 0o700
"""What a draft needs on its folders to be worked in, whatever the user's folders allow."""


def check_out(store: ObjectStore, content: RootContent, target: Path, index: Path, stop: Stop) -> None:
    """Fill the new, empty folder `target` with a root's tree; `index` is a file of ours that git may overwrite."""
    manifest = content.manifest
    umask = 0o777 & ~manifest.program_mode & 0o077
    if content.tree is not None:
        extra = {"GIT_INDEX_FILE": str(index), "GIT_WORK_TREE": str(target)}
        # One process where read-tree and checkout-index would be two, and it knows the parallel checkout as well.
        arguments = ["read-tree", "--reset", "-u", "--no-recurse-submodules", content.tree.hex()]
        try:
            run_git(store.path, arguments, stop=stop, extra=extra, cwd=target, umask=umask, timeout=_CHECKOUT_SECONDS)
        except AdapterError as failure:
            if failure.code == "git_failed" and shutil.disk_usage(target).free < _FULL_BYTES:
                # git's parallel checkout fails without saying why
                raise disk_error("making a draft", OSError(errno.ENOSPC, "no space left")) from failure
            raise


def set_modes(target: Path, manifest: RootManifest, files: Mapping[bytes, Entry]) -> None:
    """Give files, folders and empty folders of a fresh root the permissions that the manifest names."""
    umask = 0o777 & ~manifest.program_mode & 0o077
    unusual = dict(manifest.modes)
    if manifest.file_mode != 0o666 & ~umask or manifest.program_mode != 0o777 & ~umask:
        for path, entry in files.items():
            if entry.mode != LINK:
                unusual.setdefault(path, manifest.mode_of(path, program=entry.mode == PROGRAM))
    root = open_folder(target)
    try:
        for path, mode in unusual.items():
            if path in files and files[path].mode != LINK:
                chmod_beneath(root, path, mode)
        make_folders(root, manifest.empty_folders)
        set_folder_modes(root, manifest, parents([*files, *(path + b"/" for path in manifest.empty_folders)]))
    finally:
        os.close(root)


def set_folder_modes(root: int, manifest: RootManifest, folders: Iterable[bytes]) -> None:
    for path in folders:
        mode = manifest.folder_modes.get(path, manifest.folder_mode) | _OWNER
        with contextlib.suppress(OSError):
            handle = open_beneath(root, path.split(b"/"))
            try:
                if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
                    os.fchmod(handle, mode)
            finally:
                os.close(handle)


def make_folders(root: int, folders: Iterable[bytes]) -> None:
    """Make folders where nothing stands in the way."""
    for path in folders:
        with contextlib.suppress(OSError):
            os.close(open_beneath(root, path.split(b"/"), create=True))


def chmod_beneath(root: int, path: bytes, mode: int) -> None:
    *folders, name = path.split(b"/")
    folder = open_beneath(root, folders)
    try:
        if not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.chmod(name, mode, dir_fd=folder)
    finally:
        os.close(folder)


def stats_of(target: Path, paths: Iterable[bytes]) -> dict[bytes, Stat]:
    """Stat data of the named files below `target`, folder by folder."""
    wanted: dict[bytes, list[bytes]] = {}
    for path in paths:
        cut = path.rfind(b"/")
        wanted.setdefault(path[:cut] if cut > 0 else b"", []).append(path[cut + 1 :])
    found: dict[bytes, Stat] = {}
    root = open_folder(target)
    try:
        for folder, names in wanted.items():
            handle = open_beneath(root, folder.split(b"/") if folder else [])
            prefix = folder + b"/" if folder else b""
            try:
                for name in names:
                    found[prefix + name] = stat_of(os.stat(name, dir_fd=handle, follow_symlinks=False))
            finally:
                os.close(handle)
    finally:
        os.close(root)
    return found


def remove_file(root: int, path: bytes) -> bool:
    """Remove a file or link, never a folder; whether it is gone."""
    *folders, name = path.split(b"/")
    try:
        folder = open_beneath(root, folders)
    except OSError:
        return True  # a folder above is gone or has become a file: so is the path
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def remove_empty_folders(root: int, folders: Iterable[bytes]) -> None:
    """Remove those that hold nothing, the deepest first."""
    for path in sorted(folders, key=lambda folder: folder.count(b"/"), reverse=True):
        *above, name = path.split(b"/")
        with contextlib.suppress(OSError):
            folder = open_beneath(root, above)
            try:
                os.rmdir(name, dir_fd=folder)
            finally:
                os.close(folder)


def write_file(root: int, path: bytes, entry: Entry, content: bytes, mode: int) -> bool:
    """Put a file or link at `path` in place of another; `False` when a folder that is not empty stands there."""
    *folders, name = path.split(b"/")
    try:
        folder = open_beneath(root, folders, create=True)
    except OSError:
        return False  # a file that was not ours to remove stands where a folder is needed
    try:
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=folder)
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            pass
        except OSError:
            return False
        if entry.mode == LINK:
            os.symlink(content, name, dir_fd=folder)
            return True
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        handle = os.open(name, flags, 0o600, dir_fd=folder)
        try:
            write_all(handle, content)
            os.fchmod(handle, mode)
        finally:
            os.close(handle)
    finally:
        os.close(folder)
    return True
