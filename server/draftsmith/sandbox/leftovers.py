"""What a killed runner left: sandboxes of its folder that nobody follows any more, found and ended.

Bubblewrap's first process waits for ever when bubblewrap dies before it has told it to go on, which a `kill -9` of
the runner at the right moment does. Never touched: what belongs to another folder, or is no sandbox.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_ENGINES = (b"bwrap", b"nsenter")
_ROUNDS = 100
_PAUSE_SECONDS = 0.02
"""Two seconds in all: a process that was killed may need a moment to be gone."""

Identity = tuple[int, int]


def end_leftovers(folder: Path, *, own: Path | None = None) -> int:
    """Ends every sandbox of `folder` but those that show `own` as `/etc`, and removes what they were shown; how many
    processes that were. The folder belongs to this process alone, so that whatever else uses it has lost its runner.
    """
    shown = [each for each in folder.glob("etc-*") if each != own]
    if not shown or sys.platform != "linux":
        return 0
    marks = [os.fsencode(each) for each in shown]
    identities = {(found.st_dev, found.st_ino) for found in (each.stat() for each in shown)}
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        # Again until there is none: what is ended may have just been about to begin another.
        found = [pid for pid in _processes() if _end(pid, marks, identities)]
        if not found:
            break
        ended.update(found)
        time.sleep(_PAUSE_SECONDS)
    for each in shown:
        shutil.rmtree(each, ignore_errors=True)
    return len(ended)


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208  numbers, not paths


def _end(pid: int, marks: list[bytes], identities: set[Identity]) -> bool:
    """Kills the process if it is one of those, whatever it may have been a moment ago."""
    if not _belongs(pid, marks, identities):
        return False
    with contextlib.suppress(OSError):
        descriptor = os.pidfd_open(pid)
        try:
            # Looked at again: the number cannot come to mean another process from here on.
            if _belongs(pid, marks, identities):
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                return True
        finally:
            os.close(descriptor)
    return False


def _belongs(pid: int, marks: list[bytes], identities: set[Identity]) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    if arguments == [b""]:
        return False  # ended already, or the kernel's own
    if arguments[0].rpartition(b"/")[2] in _ENGINES and any(one.startswith(tuple(marks)) for one in arguments):
        return True
    # What runs inside has other arguments, but no other way to have this folder as its /etc.
    with contextlib.suppress(OSError):
        etc = Path("/proc", str(pid), "root/etc").stat()
        return (etc.st_dev, etc.st_ino) in identities
    return False
