"""Child processes with what they cost, and the end of whole process trees.

Spawning happens in the event loop's thread on purpose: Linux ends a child "with its parent" when the *thread* that
made it ends. Nothing here decides what may run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_SWEEPS = 5
_READ_LIMIT = 1 << 17
_BLOCK = 512
"""What Linux counts a process's I/O in, whatever the disk's own blocks are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStatus:
    """`returncode` is negative for a signal. CPU time and memory include descendants that were waited for.
    `peak_memory_bytes` is of the largest process; None when not above our own peak, which Linux counts in. Bytes read
    and written are the disk's, None where the system does not count them in bytes."""

    returncode: int
    cpu_seconds: float
    peak_memory_bytes: int | None
    read_bytes: int | None = None
    written_bytes: int | None = None


class ChildProcess:
    """A started process with piped output. Call `wait` exactly once per owner; `kill_tree` is safe at any time."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        *,
        stdin: asyncio.StreamWriter | None,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
        transports: Sequence[asyncio.BaseTransport],
    ) -> None:
        self.pid = process.pid
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self._process = process
        self._transports = transports
        self._exit: asyncio.Future[ExitStatus] = asyncio.get_running_loop().create_future()
        self._watch()

    async def wait(self) -> ExitStatus:
        """Returns when the process itself has ended and was reaped. Cancelling the wait kills nothing."""
        return await asyncio.shield(self._exit)

    @property
    def running(self) -> bool:
        return not self._exit.done()

    def kill(self) -> None:
        """SIGKILL to the process and its group, without looking for descendants that left the group."""
        if self.running:
            _signal_group(self.pid, signal.SIGKILL)

    async def kill_tree(self) -> None:
        """SIGKILL to the process and everything it started."""
        if self.running:
            await asyncio.to_thread(kill_tree, self.pid)

    def close(self) -> None:
        """Close our ends of its pipes."""
        for transport in self._transports:
            transport.close()

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        if not hasattr(os, "pidfd_open"):  # macOS: a waiting thread per child
            waiting = loop.run_in_executor(None, os.wait4, self.pid, 0)
            waiting.add_done_callback(lambda done: self._reaped(*done.result()[1:]))
            return
        descriptor = os.pidfd_open(self.pid)

        def ended() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            _, status, usage = os.wait4(self.pid, 0)
            self._reaped(status, usage)

        loop.add_reader(descriptor, ended)

    def _reaped(self, status: int, usage: resource.struct_rusage) -> None:
        unit = 1 if sys.platform == "darwin" else 1024
        own_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if not self._exit.done():
            self._exit.set_result(
                ExitStatus(
                    returncode=self._process.returncode,
                    cpu_seconds=usage.ru_utime + usage.ru_stime,
                    peak_memory_bytes=usage.ru_maxrss * unit if usage.ru_maxrss > own_peak else None,
                    read_bytes=usage.ru_inblock * _BLOCK if sys.platform == "linux" else None,
                    written_bytes=usage.ru_oublock * _BLOCK if sys.platform == "linux" else None,
                )
            )


async def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: bool = False,
    pass_fds: Sequence[int] = (),
) -> ChildProcess:
    """Start a program in a session of its own, with exactly this environment. Without `stdin` it reads nothing.
    Raises OSError when it cannot be started."""
    # Popen costs about a millisecond (vfork) and has to happen in this thread: see the module's docstring.
    process = subprocess.Popen(  # noqa: ASYNC220 (see above)
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )
    assert process.stdout is not None  # noqa: S101  narrows a type: the pipe was asked for above
    assert process.stderr is not None  # noqa: S101  the same
    try:
        stdout, out_transport = await read_pipe(process.stdout)
        stderr, err_transport = await read_pipe(process.stderr)
        transports: list[asyncio.BaseTransport] = [out_transport, err_transport]
        writer: asyncio.StreamWriter | None = None
        if process.stdin is not None:
            writer = await _write_pipe(process.stdin)
            transports.append(writer.transport)
    except BaseException:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return ChildProcess(process, stdin=writer, stdout=stdout, stderr=stderr, transports=transports)


async def read_pipe(pipe: object) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    """A bounded reader over our end of a pipe (a file object, which it owns from now on)."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_READ_LIMIT, loop=loop)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader, loop=loop), pipe)
    return reader, transport


async def _write_pipe(pipe: object) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader(loop=loop), loop=loop)
    transport, _ = await loop.connect_write_pipe(lambda: protocol, pipe)
    return asyncio.StreamWriter(transport, protocol, None, loop)


def kill_tree(pid: int) -> None:
    """SIGKILL to a process, its group and all its descendants, also those that are made meanwhile.

    A descendant whose own parents have ended and that left the group cannot be found; a sandbox finds it.
    """
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for _ in range(_SWEEPS):
            # Stopped, it cannot make more while its descendants are listed.
            root.suspend()
            victims = root.children(recursive=True)
            for victim in victims:
                with contextlib.suppress(psutil.Error):
                    victim.kill()
            if not psutil.wait_procs(victims, timeout=0.2)[1]:
                break
    _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
