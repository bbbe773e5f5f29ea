"""What lies in a draft and is in no snapshot of it (ignored, too large, no plain file), put aside for a while.

A gate must prove base and proposal; what the proposal lacks must not help it. Tagged caches, empty folders (mounts
of dependencies) and `.git` stay.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import make_private_folder, open_beneath, open_folder, open_plain
from draftsmith.workspace.draft import Draft, PathInRoot
from draftsmith.workspace.objects import parents
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.rootscan import RootState

CACHE_TAG = b"Signature: 8a477f597d28d172789f06886806bc55"
"""What `CACHEDIR.TAG` begins with (https://bford.info/cachedir/): caches that check what they were made from."""


async def put_aside(draft: Draft, folder: Path) -> tuple[PathInRoot, ...]:
    """Moves it into `folder`, which is emptied first; returns the topmost paths. The draft must be recorded.

    Raises `UserError` (`draft_not_clean`) when something cannot be moved.
    """
    return await in_thread(_put_aside, draft, folder)


async def bring_back(draft: Draft, folder: Path, moved: Sequence[PathInRoot]) -> None:
    """Undoes `put_aside`; what came into being meanwhile and is in no snapshot goes, for it was a gate's."""
    await in_thread(_bring_back, draft, folder, tuple(moved))


def _put_aside(stop: Stop, draft: Draft, folder: Path) -> tuple[PathInRoot, ...]:
    shutil.rmtree(folder, ignore_errors=True)  # left by a runner that died: the draft did without since
    make_private_folder(folder)
    with draft.recording:
        found = [
            PathInRoot(root=number, path=os.fsdecode(path))
            for number, state in enumerate(draft.states)
            for path in _unrecorded(state, stop)
        ]
        for number, item in enumerate(found):
            try:
                os.rename(_place(draft, item), folder / str(number))  # noqa: PTH104 (odd bytes in the name)
            except OSError as failure:
                _back(draft, folder, found[:number])
                raise UserError(
                    f"{item.path} is not part of the proposal and cannot be moved out of the way: {failure.strerror}.",
                    code="draft_not_clean",
                    remedy="Have the agent remove it.",
                ) from failure
    return tuple(found)


def _bring_back(stop: Stop, draft: Draft, folder: Path, moved: Sequence[PathInRoot]) -> None:
    with draft.recording:
        for state in draft.states:
            for path in list(_unrecorded(state, stop)):
                _remove(state.path / os.fsdecode(path))
        _back(draft, folder, moved)
    shutil.rmtree(folder, ignore_errors=True)


def _back(draft: Draft, folder: Path, moved: Sequence[PathInRoot]) -> None:
    for number, item in enumerate(moved):
        with contextlib.suppress(OSError):  # something recorded has its place now, or a link stands on the way
            *above, name = os.fsencode(item.path).split(b"/")
            root = open_folder(draft.roots[item.root])
            try:
                parent = open_beneath(root, above)
            finally:
                os.close(root)
            try:
                os.rename(folder / str(number), name, dst_dir_fd=parent)
            finally:
                os.close(parent)


def _place(draft: Draft, item: PathInRoot) -> Path:
    return draft.roots[item.root] / item.path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _unrecorded(state: RootState, stop: Stop) -> Iterator[bytes]:
    """Topmost paths that the map does not know, folder by folder; no link is followed."""
    known = state.map.known
    recorded = parents(known)
    waiting = [b""]
    while waiting:
        stop.check()
        prefix = waiting.pop()
        for entry in _entries(os.fsencode(state.path) + b"/" + prefix):
            path = prefix + entry.name
            if entry.name == b".git" or path in known:
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield path
            elif path in recorded:
                waiting.append(path + b"/")
            elif not _stays(entry.path):
                yield path


def _entries(folder: bytes) -> list[os.DirEntry[bytes]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _stays(folder: bytes) -> bool:
    """Empty folders, and caches by their tag."""
    try:
        tag = open_plain(folder + b"/CACHEDIR.TAG")
    except OSError:
        pass
    else:
        try:
            return os.read(tag, len(CACHE_TAG)) == CACHE_TAG
        finally:
            os.close(tag)
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return False
