"""SQLite's files as files: where they may lie, copies before migrations, putting a damaged one aside.

Beside `state.db` belong `state.db-wal` and `state.db-shm`: they are moved together or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.files import PRIVATE_FILE, disk_errors, fsync_folder, make_private_folder
from draftsmith.platform.filesystems import Mount

BACKUPS_KEPT = 5
_SIDE_FILES = ("", "-wal", "-shm", "-journal")
_HEADER = b"SQLite format 3\0"

FindNetworkMount = Callable[[Path], Mount | None]


def prepare_place(path: Path, network_mount: FindNetworkMount) -> None:
    """Make the folder and the private file. Raises UserError when the store cannot be there."""
    if (mount := network_mount(path)) is not None:
        raise UserError(
            f"The store {path} would lie on a network file system ({mount.kind} at {mount.point}),"
            " where databases get damaged.",
            code="network_file_system",
            remedy="Set DRAFTSMITH_STATE_DIR to a folder on a local disk.",
        )
    try:
        make_private_folder(path.parent)
        new = not path.exists()
        # Made here and not by SQLite, so that it is private from the first moment; -wal and -shm follow its mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), PRIVATE_FILE))
        if new:
            fsync_folder(path.parent)
    except (OSError, AdapterError) as error:
        if isinstance(error, AdapterError) and error.code == "disk_full":
            raise
        raise not_writable(path, error) from error


def not_writable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"The store {path} cannot be written: {error}.",
        code="state_not_writable",
        remedy="Make the file and its folder writable, or set DRAFTSMITH_STATE_DIR to a folder that is.",
    )


def is_database(path: Path) -> bool:
    """Whether it is empty or begins as a database does. SQLite would clear away the log of one that does not."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) in (b"", _HEADER)


def quarantine(path: Path) -> Path:
    """Move a damaged database with its side files to `quarantine/`; returns its new path."""
    with disk_errors(f"putting the damaged store {path} aside"):
        folder = path.parent / "quarantine"
        make_private_folder(folder)
        place = _free_name(folder, path.name)
        # The database last: a kill in between leaves it where it is, to be found damaged again.
        for suffix in reversed(_SIDE_FILES):
            side = path.with_name(path.name + suffix)
            if side.exists():
                side.rename(place.with_name(place.name + suffix))
        fsync_folder(folder)
        fsync_folder(path.parent)
    return place


def back_up(connection: sqlite3.Connection, path: Path, revision: str) -> Path:
    """A whole, durable copy in `backups/`; the oldest beyond `BACKUPS_KEPT` are removed."""
    with disk_errors(f"backing up the store {path}"):
        folder = path.parent / "backups"
        make_private_folder(folder)
        place = _free_name(folder, f"schema-{revision}-{path.name}")
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            target = sqlite3.connect(place)
            try:
                connection.backup(target)
            finally:
                target.close()
            os.fsync(handle)
        except BaseException:
            place.unlink()
            raise
        finally:
            os.close(handle)
        fsync_folder(folder)
        for old in sorted(folder.glob(f"*-{path.name}"))[:-BACKUPS_KEPT]:
            old.unlink()
    return place


def _free_name(folder: Path, name: str) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return folder / f"{moment}-{name}"
