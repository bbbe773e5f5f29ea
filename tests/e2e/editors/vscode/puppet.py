"""VS Code in a browser that does one thing after the other as a test says; see `together.mjs`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from .toolbox import EXTENSION, NODE

HERE = Path(__file__).resolve().parent
DO_S = 90.0
"""Longer than the browser waits for anything."""


class Puppet:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, what: str, **how: str) -> None:
        """Do or wait for one thing; raises AssertionError with the browser's own words when it does not come."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"what": what, **how}).encode() + b"\n")
        await self.answered(f"{what} {how}")

    async def answered(self, what: str) -> None:
        assert self._process.stdout is not None
        said: list[str] = []
        async with asyncio.timeout(DO_S):
            while line := await self._process.stdout.readline():
                if line.startswith(b'{"ok"'):
                    return
                said.append(line.decode("utf-8", "replace"))
        raise AssertionError(f"VS Code: {what} did not come:\n{''.join(said)[-3000:]}")


@contextlib.asynccontextmanager
async def puppet(environment: Mapping[str, str]) -> AsyncIterator[Puppet]:
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), str(HERE / "together.mjs")),
        cwd=EXTENSION,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=1 << 20,
    )
    try:
        found = Puppet(process)
        await found.answered("the workbench")
        yield found
    finally:
        # The browser that it started goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
