"""Images for tests, made without a registry."""

from __future__ import annotations

import io
import os
import re
import subprocess
import tarfile
from pathlib import Path

import docker

NAME = "draftsmith-tests/shell"


def shell_image(client: docker.APIClient, folder: Path) -> str:
    """A file system with a shell, a few programs and their libraries, and a file that says where one is."""
    programs = ("sh", "cat", "ls", "find", "cksum", "rm")
    places = {f"usr/bin/{name}": Path("/bin", name) for name in programs}
    for program in list(places.values()):
        listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", listed):
            places[os.path.normpath(library).lstrip("/")] = Path(library)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, source in places.items():
            archive.add(os.path.realpath(source), arcname=name)
        link = tarfile.TarInfo("bin")
        link.type, link.linkname = tarfile.SYMTYPE, "usr/bin"
        archive.addfile(link)
        said = b"I am the image\n"
        told = tarfile.TarInfo("image-says")
        told.size, told.mode = len(said), 0o644
        archive.addfile(told, io.BytesIO(said))
    client.import_image_from_data(content.getvalue(), repository=NAME, tag="1")
    return f"{NAME}:1"
