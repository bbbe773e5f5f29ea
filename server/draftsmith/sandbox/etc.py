"""The sandbox's `/etc`: one folder with copies of what programs need, made once and shown read-only.

One mount instead of two dozen: each costs the kernel and bubblewrap a tenth of a millisecond. Left out on purpose:
shadow, ssh, sudoers, private keys, environment, mounts, cron.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path

from draftsmith.sandbox.cgroups import remove_leftovers
from draftsmith.sandbox.leftovers import end_leftovers

_FILES = (
    "debian_version",
    "ld.so.cache",
    "localtime",
    "locale.alias",
    "locale.conf",
    "lsb-release",
    "mime.types",
    "os-release",
    "protocols",
    "services",
    "ssl/openssl.cnf",
    "timezone",
)
_FOLDERS = ("alternatives", "crypto-policies", "fonts", "pki/ca-trust", "pki/tls/certs", "ssl/certs")
_PREFIXES = ("java", "jvm", "python")
_FILE_BYTES = 4 << 20
_FOLDER_BYTES = 64 << 20
"""A folder above this is left where it is and shown by a mount of its own."""


class EtcFolder:
    """Made at the first `path`, below `parent` or else below the system's folder for temporary files."""

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._made: tuple[Path, tuple[Path, ...]] | None = None
        self._lock = threading.Lock()

    def made(self) -> tuple[Path, tuple[Path, ...]]:
        """The folder, and what of `/etc` is to be shown on top of it."""
        with self._lock:
            if self._made is None or not self._made[0].is_dir():
                self._made = self._make()
            return self._made

    def end_leftovers(self) -> int:
        """What a killed process left in the parent, which belongs to one process at a time."""
        with self._lock:
            own = self._made[0] if self._made else None
            ended = 0 if self._parent is None else end_leftovers(self._parent, own=own)
        remove_leftovers()
        return ended

    def _make(self) -> tuple[Path, tuple[Path, ...]]:
        if self._parent is not None:
            self._parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(prefix="etc-" if self._parent else "draftsmith-etc-", dir=self._parent))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        left = fill(folder, Path("/etc"))
        folder.chmod(0o755)
        return folder, left


def fill(folder: Path, etc: Path) -> tuple[Path, ...]:
    """Copies what there is; the folders that are too large to be copied are given back."""
    for name in _FILES:
        source = etc / name
        if source.is_file() and os.access(source, os.R_OK) and source.stat().st_size <= _FILE_BYTES:
            _write(folder / name, source.read_bytes())
    left: list[Path] = []
    names = [*_FOLDERS, *sorted(each.name for each in etc.iterdir() if each.name.startswith(_PREFIXES))]
    for name in names:
        source = etc / name
        if not source.is_dir() or not os.access(source, os.R_OK | os.X_OK):
            continue
        if _size(source) > _FOLDER_BYTES:
            (folder / name).mkdir(parents=True, exist_ok=True)
            left.append(source)
        else:
            _copy_folder(source, folder / name)
    for name, content in _synthetic().items():
        _write(folder / name, content.encode())
    return tuple(left)


def _copy_folder(source: Path, target: Path) -> None:
    """Links stay links; what cannot be read stays away."""
    for at, folders, files in os.walk(source):
        here = target / Path(at).relative_to(source)
        here.mkdir(parents=True, exist_ok=True)
        for name in (*folders, *files):
            place = Path(at, name)
            if place.is_symlink():
                (here / name).symlink_to(place.readlink())
            elif name in files and place.is_file() and os.access(place, os.R_OK):
                _write(here / name, place.read_bytes())


def _size(folder: Path) -> int:
    total = 0
    for at, _, files in os.walk(folder):
        total += sum(_bytes_of(Path(at, name)) for name in files)
        if total > _FOLDER_BYTES:
            break
    return total


def _bytes_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def _synthetic() -> dict[str, str]:
    """Files that name nobody but the one who runs the command."""
    uid, gid = os.getuid(), os.getgid()
    home = os.path.expanduser("~")  # noqa: PTH111  plain text for a file's line
    users = "" if uid == 0 else f"user:x:{uid}:{gid}:user:{home}:/bin/sh\n"
    groups = "" if gid == 0 else f"user:x:{gid}:\n"
    return {
        "passwd": f"root:x:0:0:root:/root:/bin/sh\n{users}nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": f"root:x:0:\n{groups}nogroup:x:65534:\n",
        "hosts": "127.0.0.1 localhost draftsmith\n::1 localhost\n",
        "hostname": "draftsmith\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "resolv.conf": "",
    }
