"""Commands that go on between calls: servers, and what is typed to. Each is run as any other, and followed.

They end with their stop, their limits, or the roots they belong to; nothing outlives this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import time
from pathlib import Path

from draftsmith.domain.errors import ToolFailure
from draftsmith.ports.sandbox import Awaited, Command, CommandResult, MountedRoot
from draftsmith.sandbox.confined import Confined
from draftsmith.sandbox.network import SandboxNetwork, listens
from draftsmith.sandbox.running import ConfinedRun
from draftsmith.sandbox.terminal import END_OF_FILE
from draftsmith.sandbox.waiting import Blocked, blocked_on_input

_LOOK_SECONDS = 0.1
_QUIET_SECONDS: dict[Blocked, float] = {"reading": 1.0, "polling": 3.0, "unknown": 5.0, "no": math.inf}
"""How long it has to be quiet to be waiting."""
_TYPING_SECONDS = 10.0
_SEARCHED_AT_ONCE = 1 << 20

Roots = tuple[MountedRoot, ...]


class StartedCommand:
    """See `ports.sandbox.RunningCommand`."""

    def __init__(
        self, command: Command, run: ConfinedRun, confinement: Confined, notes: tuple[str, ...], *, input_open: bool
    ) -> None:
        self._command = command
        self._run = run
        self._confinement = confinement
        self._input_open = input_open
        self._pipe = _inode_of(confinement) if command.terminal is None and input_open else None
        self._init = confinement.init
        self._task = asyncio.create_task(run.execute(confinement, None, notes), name=f"started {command.output_id}")
        self._files = tuple(command.output_dir / f"{command.output_id}.{name}" for name in ("stdout", "stderr"))

    @property
    def command(self) -> Command:
        return self._command

    @property
    def result(self) -> CommandResult | None:
        return self._task.result() if self._task.done() and not self._task.cancelled() else None

    async def until(self, *, seconds: float, port: int | None = None, line: str | None = None) -> Awaited:
        deadline = time.monotonic() + seconds
        search = _LineSearch(self._files, line) if line is not None else None
        while True:
            ended = self._task.done()
            if port is not None and self._init is not None and listens(self._init, port):
                return "port"
            if search is not None and await asyncio.to_thread(search.found):
                return "line"
            if ended:
                self._task.result()
                return "ended"
            left = deadline - time.monotonic()
            if ((port is None and line is None) or left <= 0) and await asyncio.to_thread(self._waits_for_input):
                return "input"
            if left <= 0:
                return "time"
            await asyncio.wait((self._task,), timeout=min(left, _LOOK_SECONDS))

    def _waits_for_input(self) -> bool:
        if not self._input_open and self._command.terminal is None:
            return False
        quiet = time.monotonic() - self._run.last_output
        meter = self._run.meter
        if meter is None or quiet < min(_QUIET_SECONDS.values()):
            return False
        blocked = blocked_on_input(meter, self._pipe)
        return quiet >= _QUIET_SECONDS[blocked] and (blocked != "unknown" or self._run.unfinished_line)

    async def write(self, data: bytes) -> None:
        if self._task.done():
            raise ToolFailure("It has ended and reads no more.", code="not_typed")
        try:
            async with asyncio.timeout(_TYPING_SECONDS):
                await self._type(data)
        except (OSError, TimeoutError) as failure:
            raise ToolFailure("It does not read what is typed.", code="not_typed") from failure

    async def _type(self, data: bytes) -> None:
        # What it wrote before is no answer to this: from here on it has to be quiet anew to be waiting.
        self._run.last_output = time.monotonic()
        if self._confinement.terminal is not None:
            await self._confinement.terminal.write(data)
            return
        stdin = self._confinement.process.stdin
        if stdin is None or not self._input_open or stdin.is_closing():
            raise ToolFailure(
                "It was started without an open standard input.",
                code="not_typed",
                remedy="Stop it, and start it with a terminal.",
            )
        stdin.write(data)
        await stdin.drain()

    async def close_input(self) -> None:
        if self._confinement.terminal is not None:
            await self.write(END_OF_FILE)
        elif (stdin := self._confinement.process.stdin) is not None:
            stdin.close()

    async def stop(self) -> CommandResult:
        self._run.stop("cancelled", self._confinement)
        return await asyncio.shield(self._task)

    async def end(self) -> None:
        """Leaves nothing of it, whatever it ended with."""
        if not self._task.done():
            self._run.stop("cancelled", self._confinement)
        await asyncio.wait((self._task,))
        if not self._task.cancelled():
            self._task.exception()  # told to whoever waits for it; here it only has to be over


def _inode_of(confinement: Confined) -> int | None:
    """Of the pipe that is the standard input; both of its ends have the same."""
    stdin = confinement.process.stdin
    pipe = stdin.get_extra_info("pipe") if stdin is not None else None
    return os.fstat(pipe.fileno()).st_ino if pipe is not None else None


class _LineSearch:
    """Looks for a plain text in growing files, reading each byte about once."""

    def __init__(self, files: tuple[Path, ...], text: str) -> None:
        self._wanted = text.encode("utf-8", "replace")
        self._at = dict.fromkeys(files, 0)

    def found(self) -> bool:
        """Blocks while it reads."""
        return any(self._found_in(path) for path in self._at)

    def _found_in(self, path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(self._at[path])
            while chunk := file.read(_SEARCHED_AT_ONCE):
                if self._wanted in chunk:
                    return True
                # What is only half there is looked at again.
                kept = min(len(self._wanted) - 1, len(chunk))
                self._at[path] = file.tell() - max(kept, 0)
                if len(chunk) < _SEARCHED_AT_ONCE:
                    break
                file.seek(self._at[path])
        return False


class Started:
    """What was started, by its roots. Belongs to one event loop."""

    def __init__(self) -> None:
        self._commands: dict[Roots, list[StartedCommand]] = {}
        self._networks: dict[Roots, SandboxNetwork] = {}

    def of(self, roots: Roots) -> tuple[StartedCommand, ...]:
        return tuple(self._commands.get(roots, ()))

    def network(self, roots: Roots) -> SandboxNetwork | None:
        """The network that all further commands of these roots share, while anything started there runs."""
        if any(each.result is None for each in self._commands.get(roots, ())):
            return self._networks.get(roots)
        if (unused := self._networks.pop(roots, None)) is not None:
            unused.close()
        return None

    def add(self, started: StartedCommand, confinement: Confined) -> None:
        """Keeps it until `end`. Its network becomes that of its roots, unless they have one."""
        roots = started.command.roots
        held = self._commands.setdefault(roots, [])
        if roots not in self._networks and confinement.init is not None:
            self._networks[roots] = SandboxNetwork(confinement.init)
        held.append(started)

    async def end(self, roots: Roots | None = None) -> None:
        for each in list(self._commands) if roots is None else [roots]:
            if (network := self._networks.pop(each, None)) is not None:
                network.close()
            for started in self._commands.pop(each, ()):
                await started.end()
