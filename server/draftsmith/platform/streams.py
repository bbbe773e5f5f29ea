"""Standard input and output taken over by a protocol, on every operating system. Reads and writes nothing."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt


def take_standard_streams() -> tuple[int, int]:
    """Descriptors of input and output for the protocol alone: whatever else prints goes to standard error, and
    whatever else reads finds the end."""
    sys.stdout.flush()
    source, target = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if sys.platform == "win32":
        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(target, os.O_BINARY)
    return source, target


def process_lives(pid: int) -> bool:
    """Whether there is a process of this number; a zombie counts as one."""
    if sys.platform == "win32":
        # Late: only here is it needed, and it is slow to import.
        import psutil

        return psutil.pid_exists(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
