"""Which file system a path lies on, and whether other machines share it.

Databases in WAL mode and locks need memory and locks that all openers share; network file systems break both.
It reads the mount table and decides nothing about what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOUNT_TABLE = Path("/proc/self/mountinfo")

NETWORK_TYPES = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "coda", "ncpfs", "9p", "virtiofs", "davfs"),
        *("ceph", "lustre", "beegfs", "gpfs", "glusterfs", "gfs2", "ocfs2", "orangefs", "pvfs2", "wekafs"),
        *("drvfs", "vboxsf", "vmhgfs", "prl_fs", "fakeowner", "osxfs", "grpcfuse"),
        *("sshfs", "s3fs", "rclone", "gvfsd-fuse", "goofys", "gcsfuse", "blobfuse", "blobfuse2", "juicefs"),
        *("vmhgfs-fuse", "curlftpfs", "mount-s3", "mountpoint-s3", "cephfs", "ceph-fuse", "moosefs", "mfs"),
    }
)
"""Types whose files another kernel may hold open too: networks, and folders that a virtual machine's host shares."""

_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One line of the mount table. `kind` is the type as the kernel names it, for example `fuse.sshfs`."""

    point: str
    kind: str
    source: str

    @property
    def is_network(self) -> bool:
        return self.kind in NETWORK_TYPES or self.kind.removeprefix("fuse.") in NETWORK_TYPES


def parse_mounts(table: str) -> Iterator[Mount]:
    """Mounts of a mount table as proc_pid_mountinfo(5) describes it; lines that do not fit are passed over."""
    for line in table.split("\n"):
        before, separator, after = line.partition(" - ")
        places, origin = before.split(" "), after.split(" ")
        if separator and len(places) >= 5 and len(origin) >= 2:
            yield Mount(point=_unescape(places[4]), kind=_unescape(origin[0]), source=_unescape(origin[1]))


def mount_of(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that an absolute path without links lies on; of several at one place the last counts."""
    found: Mount | None = None
    for mount in mounts:
        if _lies_in(path, mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def network_mount(path: Path, *, table: str | None = None) -> Mount | None:
    """The network file system that `path` (or where it would be made) lies on; None when it is local.

    Also None where the system has no such table (macOS, Windows except for UNC paths): that is not known there.
    """
    absolute = os.path.realpath(path)
    if absolute.startswith("\\\\"):
        return Mount(point=absolute, kind="unc", source=absolute)
    if table is None:
        try:
            table = MOUNT_TABLE.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return None
    mount = mount_of(absolute, parse_mounts(table))
    return mount if mount is not None and mount.is_network else None


def _lies_in(path: str, point: str) -> bool:
    return path == point or path.startswith(point if point.endswith("/") else point + "/")


def _unescape(field: str) -> str:
    # Only blank, tab, line feed, backslash and '#' are escaped, all ASCII.
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), field)
