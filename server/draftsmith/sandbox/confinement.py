"""One bubblewrap process: started, followed to the first process inside it, and ended with all that is in it.

It knows no command, no limits and no output; those are `running`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Sequence

from draftsmith.platform.processes import ChildProcess, read_pipe, start
from draftsmith.sandbox.cgroups import TaskGroup
from draftsmith.sandbox.launch import Launch
from draftsmith.sandbox.limits import counts_processes
from draftsmith.sandbox.terminal import Terminal
from draftsmith.sandbox.usage import Meter

_KILL_GRACE_SECONDS = 2.0


class Confinement:
    """Made by `start`; whoever holds it calls `end`, whatever happened. What is added to `closing` is closed then."""

    def __init__(
        self,
        process: ChildProcess,
        status: asyncio.StreamReader,
        transport: asyncio.BaseTransport,
        scratch: Sequence[str],
    ) -> None:
        self.process = process
        self.terminal: Terminal | None = None
        self.closing = contextlib.AsyncExitStack()
        self.remarks: list[str] = []
        self._status = status
        self._transport = transport
        self._scratch = scratch
        self._init: int | None = None
        self._number: int | None = None
        self._group: TaskGroup | None = None

    @classmethod
    async def start(
        cls, launch: Launch, program: Sequence[str], *, stdin: bool, passed: Sequence[int] = ()
    ) -> Confinement:
        """`passed` are further descriptors for the program. Raises OSError when it cannot be started."""
        status_read, status_write = os.pipe()
        try:
            # Before the start: bubblewrap that cannot write its status dies, and leaves its first process behind.
            status, transport = await read_pipe(os.fdopen(status_read, "rb", buffering=0))
        except BaseException:
            os.close(status_write)
            raise
        try:
            with launch.arguments(program, "--json-status-fd", str(status_write)) as (argv, descriptors):
                process = await start(
                    argv, env=launch.environment, stdin=stdin, pass_fds=(*descriptors, status_write, *passed)
                )
        except BaseException:
            transport.close()
            raise
        finally:
            os.close(status_write)
        return cls(process, status, transport, launch.scratch)

    async def follow(self) -> None:
        """Learns what bubblewrap tells of itself, until it has ended."""
        while await self.learn():
            pass

    async def learn(self) -> bool:
        """One line of that, False at its end: the first process of the sandbox, whose end is the end of all. A pidfd
        cannot name another process later."""
        line = await self._status.readline()
        with contextlib.suppress(ValueError, OSError):
            pid = json.loads(line).get("child-pid") if line else None
            if isinstance(pid, int) and self._init is None:
                self._init, self._number = os.pidfd_open(pid), pid
        return bool(line)

    def join_group(self, tasks: int | None) -> None:
        """Has the kernel refuse processes beyond so many, where it does not do so by the shell's own limits. To be
        called when the first process is known and before it runs anything; blocks for a moment."""
        if self._number is None or tasks is None or counts_processes():
            return
        if self._group is None:
            made = TaskGroup.make(tasks)
            if made is not None and made.add(self._number):
                self._group = made
            elif made is not None:
                made.close()
        else:
            self._group.bound(tasks)

    @property
    def init(self) -> int | None:
        """The number of the first process while it lives, so that it cannot mean another."""
        return self._number if self.alive else None

    def meter(self) -> Meter | None:
        """To look at what is in it; None when it is not there yet, or not any more."""
        number = self._number
        if number is None or not self.alive:
            return None
        try:
            found = Meter(number, self._scratch)
        except OSError:
            return None
        if self.alive:
            return found
        found.close()
        return None

    @property
    def alive(self) -> bool:
        """Whether the first process of the sandbox is there, once it was learnt which that is."""
        if self._init is None or not self.process.running:
            return False
        try:
            signal.pidfd_send_signal(self._init, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        """All that runs in it, at once."""
        if self._init is None:
            self.process.kill()
        else:
            # Through the first process, so that bubblewrap still reaps it and what it cost is known.
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)

    async def end(self) -> None:
        """Leave nothing behind, whatever brought us here."""
        try:
            if self.process.running:
                if self._init is None:
                    # Its first process may have left the group already: it is found through its parent only.
                    await self.process.kill_tree()
                self.kill()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_KILL_GRACE_SECONDS):
                        await self.process.wait()
                await self.process.kill_tree()
        finally:
            if self._init is not None:
                os.close(self._init)
                self._init = None
            self.process.close()
            self._transport.close()
            if self._group is not None:
                self._group.close()
            if self.terminal is not None:
                self.terminal.close()
            await self.closing.aclose()
