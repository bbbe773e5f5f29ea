"""The file of who is signed in by a browser, written in the background, one state after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from draftsmith.domain.errors import AdapterError
from draftsmith.hub.web_access import WebAccess
from draftsmith.platform.files import PRIVATE_FILE, replace_file

log = structlog.get_logger()


class SignIns:
    """One for the hub. `spawn` runs what is handed to it beside everything else."""

    def __init__(self, path: Path, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        self._path = path
        self._spawn = spawn
        self._writing = asyncio.Lock()

    def access(self, address: str) -> WebAccess:
        try:
            kept = self._path.read_bytes()
        except OSError:
            kept = b""
        return WebAccess(address, kept=kept, keep=lambda content: self._keep(content))

    def _keep(self, content: bytes) -> None:
        self._spawn(self._write(content))

    async def _write(self, content: bytes) -> None:
        """What cannot be kept is forgotten with the hub: browsers then sign in anew."""
        async with self._writing:
            try:
                await asyncio.to_thread(replace_file, self._path, content, mode=PRIVATE_FILE)
            except (OSError, AdapterError) as error:
                log.warning("sign_ins_not_kept", error=str(error))
