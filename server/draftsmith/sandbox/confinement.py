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
from draftsmith.sandbox.launch import Launch

_KILL_GRACE_SECONDS = 2.0


class Confinement:
    """Made by `start`; whoever holds it calls `end`, whatever happened."""

    def __init__(self, process: ChildProcess, status: asyncio.StreamReader, transport: asyncio.BaseTransport) -> None:
        self.process = process
        self._status = status
        self._transport = transport
        self._init: int | None = None

    @classmethod
    async def start(cls, launch: Launch, program: Sequence[str], *, stdin: bool) -> Confinement:
        """Raises OSError when it cannot be started."""
        status_read, status_write = os.pipe()
        try:
            # Before the start: bubblewrap that cannot write its status dies, and leaves its first process behind.
            status, transport = await read_pipe(os.fdopen(status_read, "rb", buffering=0))
        except BaseException:
            os.close(status_write)
            raise
        try:
            with launch.arguments(program, "--json-status-fd", str(status_write)) as (argv, descriptors):
                process = await start(argv, env=launch.environment, stdin=stdin, pass_fds=(*descriptors, status_write))
        except BaseException:
            transport.close()
            raise
        finally:
            os.close(status_write)
        return cls(process, status, transport)

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
                self._init = os.pidfd_open(pid)
        return bool(line)

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
