"""The image of commands that run with this machine's own programs: folders and links only, the rest is mounted.

Made without a registry; its name holds what it was made from.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping

REPOSITORY = "draftsmith/host"
_FOLDERS = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "var", "var/tmp")


def host_image(links: Mapping[str, str]) -> tuple[str, bytes]:
    """Its tag and its content, the same for the same links (`/bin` → `usr/bin`)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in _FOLDERS:
            folder = tarfile.TarInfo(name)
            folder.type = tarfile.DIRTYPE
            folder.mode = 0o755
            archive.addfile(folder)
        for name, text in sorted(links.items()):
            link = tarfile.TarInfo(name.lstrip("/"))
            link.type = tarfile.SYMTYPE
            link.linkname = text
            archive.addfile(link)
    content = buffer.getvalue()
    return hashlib.sha256(content).hexdigest()[:16], content
