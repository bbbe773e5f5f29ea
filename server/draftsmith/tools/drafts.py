"""Reading and changing files of the draft: by descriptors below the draft, never through a link.

A file is replaced whole or not at all. It is not synced: a draft is rebuilt from its recorded tree.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.platform.files import open_beneath, open_folder, open_plain, read_all, write_all
from draftsmith.tools.paths import Place

MAX_FILE_BYTES = 20_000_000
NEW_FILE_MODE = 0o644


def sha256(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def read_bytes(place: Place) -> bytes:
    """The file's content. Raises `ModelMistake` (`no_such_file`, `is_folder`) or `ToolFailure` (`too_large`,
    `unreadable`)."""
    try:
        with _parent(place) as folder:
            handle = open_plain(os.fsencode(place.parts[-1]), folder=folder)
    except OSError as failure:
        raise _cannot_read(place, failure) from failure
    try:
        size = os.fstat(handle).st_size
        if size > MAX_FILE_BYTES:
            raise ToolFailure(
                f"{place.shown} has {size:,} bytes; files over {MAX_FILE_BYTES:,} are not read.",
                code="too_large",
                remedy="Use search or run_command to see a part of it.",
            )
        return read_all(handle, size)
    finally:
        os.close(handle)


def read_if_exists(place: Place) -> bytes | None:
    """None when there is nothing at the place."""
    if not os.path.lexists(place.path):
        return None
    return read_bytes(place)


def replace(place: Place, content: bytes) -> None:
    """Write the file whole, with the mode it had; parent folders are made. Raises `ToolFailure`
    (`cannot_write`)."""
    # The name is one that snapshots know as ours, should we die before the file is renamed.
    temporary = b".draftsmith-" + secrets.token_hex(8).encode()
    name = os.fsencode(place.parts[-1])
    try:
        with _parent(place, create=True) as folder:
            mode = NEW_FILE_MODE
            with contextlib.suppress(FileNotFoundError):
                mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
            try:
                try:
                    write_all(handle, content)
                    os.fchmod(handle, mode)
                finally:
                    os.close(handle)
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
    except OSError as failure:
        raise cannot_write(place, failure) from failure


@contextlib.contextmanager
def _parent(place: Place, *, create: bool = False) -> Iterator[int]:
    """A descriptor of the folder that holds the place, reached without following any link."""
    if not place.parts:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    base = open_folder(place.base)
    try:
        folder = open_beneath(base, [os.fsencode(part) for part in place.parts[:-1]], create=create)
    finally:
        os.close(base)
    try:
        yield folder
    finally:
        os.close(folder)


def _cannot_read(place: Place, failure: OSError) -> ModelMistake | ToolFailure:
    if failure.errno in (errno.ENOENT, errno.ENOTDIR):
        return ModelMistake(
            f"There is no file {place.shown}.", code="no_such_file", remedy="Look with list or search for its name."
        )
    if place.path.is_dir():
        return ModelMistake(f"{place.shown} is a folder.", code="is_folder", remedy="Use list.")
    if failure.errno == errno.EINVAL:
        return ToolFailure(f"{place.shown} is not a regular file.", code="unreadable")
    return ToolFailure(f"{place.shown} cannot be read: {failure.strerror}.", code="unreadable")


def cannot_write(place: Place, failure: OSError) -> ToolFailure:
    """For errors while changing the draft."""
    return ToolFailure(
        f"{place.shown} cannot be changed: {failure.strerror}.", code="cannot_write", remedy="Nothing was half written."
    )
