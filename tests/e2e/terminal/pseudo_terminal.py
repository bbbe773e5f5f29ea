"""`draftsmith` in a real pseudo-terminal: what a person would see and type."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from draftsmith.cli.untrusted import clean

WAIT_S = 40.0
CTRL_C = "\x03"
CTRL_D = "\x04"


class PseudoTerminal:
    """`expect` waits for text that comes after what was expected before; escape sequences are left out of it."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.raw = b""
        self._master = master
        self._seen = 0
        self._came = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    @property
    def text(self) -> str:
        """Everything shown so far, as it came: a live screen repeats itself in it."""
        return clean(self.raw.decode("utf-8", "replace"))

    async def expect(self, text: str, *, within: float = WAIT_S) -> str:
        """Everything from what was expected before up to this text."""
        try:
            async with asyncio.timeout(within):
                while (at := self.text.find(text, self._seen)) < 0:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"{text!r} did not come; the terminal shows:\n{self._latest()}") from None
        begin, self._seen = self._seen, at + len(text)
        return self.text[begin : self._seen]

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    async def ended(self, *, within: float = WAIT_S) -> int:
        """The exit code."""
        try:
            async with asyncio.timeout(within):
                while self.process.poll() is None:  # noqa: ASYNC110  another process: nothing here sets an event
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"it did not end; the terminal shows:\n{self._latest()}") from None
        self._read()
        return self.process.returncode

    def _latest(self) -> str:
        """What came since it was last expected, without most of what a live screen repeats."""
        lines = dict.fromkeys(line.rstrip() for line in self.text[self._seen :].splitlines())
        return "\n".join([*list(lines)[:40], "…", *list(lines)[-3:]])

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # EIO: nobody holds the other end any more
            while piece := os.read(self._master, 65_536):
                self.raw += piece
        self._came.set()
        if self.process.poll() is not None:
            asyncio.get_running_loop().remove_reader(self._master)


@contextlib.asynccontextmanager
async def terminal(
    *arguments: str, folder: Path, environ: Mapping[str, str], rows: int = 40, columns: int = 120
) -> AsyncIterator[PseudoTerminal]:
    """`draftsmith` with these arguments, its terminal of this size. What still runs at the end is ended."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_blocking(master, False)
    process = subprocess.Popen(
        [sys.executable, "-m", "draftsmith.cli.main", *arguments],
        cwd=folder,
        env={"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONUTF8": "1", **environ},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(slave)
    shown = PseudoTerminal(master, process)
    try:
        yield shown
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(10)
        shown.close()


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that Ctrl-C is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored where the tests themselves run in the background
