"""A process at somebody's terminal that makes one attempt, and then says what was typed there meanwhile.

Started by `test_terminal.py` with a pseudo-terminal of its own: what it is to do comes from there.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import termios
import tty
from dataclasses import dataclass
from pathlib import Path

from draftsmith.ports.sandbox import Command
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.containers.docker import DockerSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`engine` "" is the bare process. `environ` is of the one who runs commands."""

    engine: str
    command: Command
    environ: dict[str, str]
    folder: Path
    said: Path


def main(order: Order) -> None:
    # Every letter at once, and none of them shown.
    tty.setraw(0)
    text = _unconfined(order) if not order.engine else asyncio.run(_confined(order))
    waiting = int.from_bytes(fcntl.ioctl(0, termios.FIONREAD, bytes(4)), sys.byteorder)
    typed = os.read(0, waiting) if waiting else b""
    order.said.write_text(f"{text}\ntyped: {typed.decode('utf-8', 'replace')!r}\n")


async def _confined(order: Order) -> str:
    if order.engine == "bubblewrap":
        result = await BubblewrapSandbox(environ=order.environ, folder=order.folder).run(order.command)
    else:
        sandbox = DockerSandbox(environ=order.environ, folder=order.folder)
        try:
            result = await sandbox.run(order.command)
        finally:
            await sandbox.close()
    return result.stdout.head + result.stderr.head


def _unconfined(order: Order) -> str:
    environ = {**order.environ, **dict(order.command.env)}
    done = subprocess.run(
        list(order.command.run), cwd=order.command.cwd, env=environ, stdout=subprocess.PIPE, timeout=30, check=False
    )
    return done.stdout.decode("utf-8", "replace")
