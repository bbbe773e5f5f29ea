"""One root of a draft: made, taken up again, brought to another tree."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from draftsmith.workspace.materialise import (
    check_out,
    chmod_beneath,
    make_folders,
    remove_empty_folders,
    remove_file,
    set_folder_modes,
    set_modes,
    stats_of,
    write_file,
)
from draftsmith.workspace.objects import PROGRAM, parents
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.rootscan import RootState
from draftsmith.workspace.snapshot import RootContent
from draftsmith.workspace.statmap import Known, StatMap, is_settled, load_map
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import Difference, every_file


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCounts:
    written: int
    deleted: int
    blocked: tuple[bytes, ...]


def new_root(store: ObjectStore, folder: Path, number: int, content: RootContent, stop: Stop) -> RootState:
    """Fill `folder/roots/<number>` from a stored root."""
    target = folder / "roots" / str(number)
    target.mkdir(parents=True)
    index = folder / "state" / f"{number}.index"
    with ThreadPoolExecutor(1, thread_name_prefix="draft") as pool:
        listing = pool.submit(every_file, store, content.tree)  # meanwhile git writes
        check_out(store, content, target, index, stop)
        files = listing.result()
    index.unlink(missing_ok=True)
    set_modes(target, content.manifest, files)
    stats = stats_of(target, files)
    looked = time.time_ns()
    known = {path: Known(stats[path], entry.oid, is_settled(stats[path], looked)) for path, entry in files.items()}
    return _state(target, content, StatMap(tree=content.tree, known=known))


def load_root(folder: Path, number: int, content: RootContent) -> RootState | None:
    """Take up a root that an earlier process left, if what it knew belongs to this content."""
    target = folder / "roots" / str(number)
    found = load_map(folder / "state" / f"{number}.map")
    if found.tree != content.tree or not target.is_dir():
        return None
    return _state(target, content, found)


def _state(target: Path, content: RootContent, found: StatMap) -> RootState:
    manifest = content.manifest
    folders = parents([*found.known, *(path + b"/" for path in manifest.empty_folders)])
    modes = {path: manifest.folder_modes.get(path, manifest.folder_mode) for path in folders}
    return RootState(
        path=target,
        name=manifest.name,
        rules=manifest.rules,
        map=found,
        manifest=manifest,
        empty_folders=set(manifest.empty_folders),
        folder_modes=modes,
        asked_modes=modes,
        keeps=True,
    )


def restore_root(
    store: ObjectStore, root: int, state: RootState, target: RootContent, differences: Sequence[Difference], stop: Stop
) -> RestoreCounts:
    """Change the files that differ, and no other. Deletes first: a folder may have to take a file's place."""
    written = deleted = 0
    blocked: list[bytes] = []
    for item in differences:
        stop.check()
        if item.before is not None and item.after is None:
            if remove_file(root, item.path):
                deleted += 1
            else:
                blocked.append(item.path)
    manifest = target.manifest
    keep = parents(path + b"/" for path in manifest.empty_folders)
    gone = parents(item.path for item in differences if item.after is None) | set(state.empty_folders)
    remove_empty_folders(root, gone - keep)
    for item in differences:
        stop.check()
        if item.after is not None:
            mode = manifest.mode_of(item.path, program=item.after.mode == PROGRAM)
            if write_file(root, item.path, item.after, store.read_blob(item.after.oid), mode):
                written += 1
            else:
                blocked.append(item.path)
    make_folders(root, manifest.empty_folders)
    _restore_modes(root, state, target)
    return RestoreCounts(written=written, deleted=deleted, blocked=tuple(blocked))


def _restore_modes(root: int, state: RootState, target: RootContent) -> None:
    """Permissions that differ though content does not, and those of folders."""
    before, after = state.manifest, target.manifest
    folders = parents([*state.map.known, *(path + b"/" for path in after.empty_folders)])
    state.asked_modes = {path: after.folder_modes.get(path, after.folder_mode) for path in folders}
    if before is None or before == after:
        return
    set_folder_modes(root, after, folders)
    for path, known in state.map.known.items():
        program = bool(known.mode & 0o100)
        wanted = after.mode_of(path, program=program)
        if before.mode_of(path, program=program) != wanted and (known.mode & 0o170000) == 0o100000:
            with contextlib.suppress(OSError):  # removed or replaced by what was restored
                chmod_beneath(root, path, wanted)
