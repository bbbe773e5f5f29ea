"""One container that is kept for the commands of a session, one at a time, with a shell in it that waits for the next.

Between two commands everything that still runs in it is killed and its private places are emptied; one that cannot be
made as it was at first is not used again. It knows no limits of time or output.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from draftsmith.domain.errors import AdapterError, DraftsmithError
from draftsmith.sandbox.containers.engine import Engine, Stream
from draftsmith.sandbox.containers.exchange import Outputs
from draftsmith.sandbox.containers.plan import ContainerPlan, drop
from draftsmith.sandbox.standby import Places

_READY_SECONDS = 20.0
_END_SECONDS = 20.0
_POLL_SECONDS = 0.02
_WAITING = """kill -KILL -1 2>/dev/null
state=-
if command -v find >/dev/null 2>&1 && command -v cksum >/dev/null 2>&1; then
  find "$@" -xdev -mindepth 1 -delete >/dev/null 2>&1
  state=$(find "$@" -xdev -mindepth 1 2>/dev/null | cksum)
fi
echo $state
IFS= read -r script || exit 0
eval "$(printf %b "$script")"
"""
"""What waits for a command: ends what is left of the one before, empties the private places, and tells in one line
what is still in them (`-`: it cannot know). Then it reads its script, one line, and runs it."""


class Running:
    """A command that was begun in a container: its streams, and how it ends."""

    def __init__(self, exec_id: str, stream: Stream, outputs: Outputs, parting: asyncio.Task[None]) -> None:
        self.exec_id = exec_id
        self.stream = stream
        self.outputs = outputs
        self.parting = parting

    async def close(self) -> None:
        self.parting.cancel()
        await asyncio.wait((self.parting,))
        self.stream.close()


class KeptContainer:
    """Made by `make`; whoever holds it calls `end`, whatever happened."""

    def __init__(
        self,
        engine: Engine,
        plan: ContainerPlan,
        folder: Path,
        shows: object,
        places: Places,
        container_id: str,
        holder: Stream,
    ) -> None:
        self.engine = engine
        self.plan = plan
        self.container_id = container_id
        self.shows = shows
        self.places = places
        self.pid = 0
        self.usable = True
        self._folder = folder
        self._holder = holder
        self._process: int | None = None
        self._limits = (plan.memory_bytes, plan.processes)
        self._private = (*(at for at, _ in plan.scratch), "/dev/shm")  # noqa: S108  the container's own
        self._loop = asyncio.get_running_loop()
        self._first_state = ""
        self._failure: DraftsmithError | None = None
        self._waiting: Running | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._removing: asyncio.Task[None] | None = None

    @classmethod
    async def make(
        cls, engine: Engine, plan: ContainerPlan, folder: Path, shows: object, places: Places
    ) -> KeptContainer:
        """Raises AdapterError (`sandbox_failed`). `folder` is its own and goes with it; `shows` says what it is."""
        made = None
        try:
            container_id = await engine.create(plan)
            try:
                made = cls(engine, plan, folder, shows, places, container_id, await engine.attach(container_id))
                await made._begin()
            except BaseException:
                with contextlib.suppress(DraftsmithError):
                    await asyncio.shield(engine.remove(container_id))
                raise
        except BaseException:
            if made is not None:
                await made.end()
            drop(folder)
            raise
        return made

    async def _begin(self) -> None:
        self.pid = await self.engine.start(self.container_id)
        if self.pid:
            with contextlib.suppress(OSError):
                # Names this process for ever, unlike its number; none where the engine is in a virtual machine.
                self._process = os.pidfd_open(self.pid)
        self.places.settle()
        self.prepare()

    def prepare(self) -> None:
        """Has the shell for the next command made, in the background."""
        self._preparing = asyncio.create_task(self._prepare(), name="prepare container")

    async def _prepare(self) -> None:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                waiting = await self._execute(("/bin/sh", "-c", _WAITING, "sh", *self._private))
                self._waiting = waiting
                state = (await waiting.outputs.stdout.readline()).decode("utf-8", "replace").strip()
        except (DraftsmithError, TimeoutError, OSError) as failure:
            self._failure = failure if isinstance(failure, DraftsmithError) else None
            self.usable = False
            return
        if not state or (self._first_state and (state == "-" or state != self._first_state)):
            self.usable = False
        self._first_state = self._first_state or state

    async def ready(self) -> bool:
        """Whether it takes a command now."""
        if self._preparing is not None:
            await asyncio.wait((self._preparing,))
        return self.usable and self._waiting is not None and self.alive

    def refusal(self) -> DraftsmithError:
        """Why it does not take a command."""
        return self._failure or AdapterError(
            "A container was made but takes no commands.",
            code="sandbox_failed",
            remedy="`draftsmith doctor` shows more; an image needs /bin/sh.",
        )

    async def limit(self, *, memory_bytes: int, processes: int) -> None:
        """What all in it may use together; 0 is no limit."""
        if (memory_bytes, processes) != self._limits:
            await self.engine.limit(self.container_id, memory_bytes=memory_bytes, processes=processes)
            self._limits = (memory_bytes, processes)

    async def begin(self, script: bytes) -> Running:
        """Gives the waiting shell its script, which begins at once."""
        waiting, self._waiting = self._waiting, None
        assert waiting is not None  # noqa: S101  narrows a type: `ready` said so
        waiting.stream.writer.write(_one_line(script))
        return waiting

    async def begin_in_terminal(self, script: bytes, rows: int, columns: int) -> Running:
        """Runs it in a pseudo-terminal of its own; the waiting shell makes room for it."""
        await self._leave_waiting()
        program = ("/bin/sh", "-c", os.fsdecode(script))
        running = await self._execute(program, terminal=True)
        with contextlib.suppress(AdapterError):
            await self.engine.resize(running.exec_id, rows, columns)
        return running

    async def exit_code(self, running: Running) -> int | None:
        """After its streams have ended. None when it was killed with its container.
        Raises AdapterError when the engine is gone."""
        async with asyncio.timeout(_END_SECONDS):
            while self.usable:
                try:
                    code = await self.engine.exit_code(running.exec_id)
                except AdapterError:
                    if not self.usable or not await self.engine.there(self.container_id):
                        break
                    raise
                if code is not None:
                    return code
                await asyncio.sleep(_POLL_SECONDS)
        return None

    @property
    def alive(self) -> bool:
        if self._process is None:
            return self.usable
        try:
            signal.pidfd_send_signal(self._process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def kill(self) -> None:
        """All that runs in it, at once; it is not used again. May be called from any thread."""
        self.usable = False
        if self._process is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
        self._loop.call_soon_threadsafe(self._begin_removal)

    def _begin_removal(self) -> None:
        if self._removing is None:
            self._removing = asyncio.create_task(self._remove(), name="remove container")

    async def end(self) -> None:
        """Leaves nothing behind: returns when the engine does not know it any more."""
        self.kill()
        self._begin_removal()
        assert self._removing is not None  # noqa: S101  narrows a type: made above
        await asyncio.wait((self._removing, *((self._preparing,) if self._preparing else ())))
        await self._leave_waiting()
        self._holder.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None
        await asyncio.to_thread(drop, self._folder)

    async def _remove(self) -> None:
        with contextlib.suppress(DraftsmithError, TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self.engine.remove(self.container_id)
                while await self.engine.there(self.container_id):  # noqa: ASYNC110  the engine sets no event of ours
                    await asyncio.sleep(_POLL_SECONDS)

    async def _leave_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await waiting.close()

    async def _execute(self, program: tuple[str, ...], *, terminal: bool = False) -> Running:
        exec_id, stream = await self.engine.execute(
            self.container_id, program, self.plan.environment, terminal=terminal
        )
        outputs = Outputs()
        part = outputs.whole if terminal else outputs.part
        return Running(exec_id, stream, outputs, asyncio.create_task(part(stream.reader), name="container output"))


def _one_line(script: bytes) -> bytes:
    """As `printf %b` reads it."""
    return script.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b"\n"
