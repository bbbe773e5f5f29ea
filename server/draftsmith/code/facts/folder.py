"""A folder on disk as project files: read through descriptors, so that no link leads out of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from draftsmith.code.facts.model import MANIFEST_CHARACTERS
from draftsmith.code.textsearch import ripgrep
from draftsmith.domain.errors import ToolFailure
from draftsmith.platform.files import open_beneath, open_folder, open_plain, read_all

ENVIRONMENTS = (".venv", "venv", "env", "node_modules")
_LISTING_SECONDS = 30.0
_LISTING_BYTES = 64 << 20
_CHUNK = 1 << 20


class FolderFiles:
    """`names` and `ignored` are what a listing of the folder gave."""

    def __init__(self, folder: Path, names: Iterable[str], ignored: Iterable[str]) -> None:
        self._folder = folder
        self.names: Collection[str] = frozenset(names)
        self.ignored: Collection[str] = frozenset(ignored)

    def text(self, name: str, limit: int = MANIFEST_CHARACTERS) -> str:
        if name not in self.names:
            return ""
        try:
            return self._read(os.fsencode(name), limit).decode("utf-8", "replace")
        except OSError:
            return ""

    def _read(self, name: bytes, limit: int) -> bytes:
        *folders, last = name.split(b"/")
        base = open_folder(self._folder)
        try:
            parent = open_beneath(base, folders)
        finally:
            os.close(base)
        try:
            handle = open_plain(last, folder=parent)
        finally:
            os.close(parent)
        try:
            return read_all(handle, 0, limit)[:limit]
        finally:
            os.close(handle)


async def list_folder(folder: Path) -> FolderFiles:
    """The folder's files, less what .gitignore leaves out; listed by ripgrep, which runs nothing of the folder's.

    Raises `ToolFailure` (`ripgrep_missing`, `listing_failed`).
    """
    process = await asyncio.create_subprocess_exec(
        ripgrep(),
        *("--files", "--null", "--no-config", "--hidden", "--no-require-git", "--glob=!.git", "./"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )
    assert process.stdout is not None  # noqa: S101  narrows a type: the pipe was asked for above
    try:
        async with asyncio.timeout(_LISTING_SECONDS):
            pieces: list[bytes] = []
            while sum(map(len, pieces)) < _LISTING_BYTES and (piece := await process.stdout.read(_CHUNK)):
                pieces.append(piece)
    except TimeoutError as late:
        raise ToolFailure(
            f"{folder} took longer than {_LISTING_SECONDS:.0f} s to list.", code="listing_failed"
        ) from late
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    names = (os.fsdecode(name).removeprefix("./") for name in b"".join(pieces).split(b"\0")[:-1])
    environments = [name for name in ENVIRONMENTS if await asyncio.to_thread((folder / name).is_dir)]
    return await asyncio.to_thread(FolderFiles, folder, names, environments)
