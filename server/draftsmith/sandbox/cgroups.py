"""A control group for each sandbox that bounds its processes, where this process may make one.

It is what stops a fork bomb of root, whom the kernel lets have any number of processes otherwise. Nothing depends on
it: without one, processes are counted instead, which is slower.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
from functools import cache
from itertools import count
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_NAME = re.compile(r"draftsmith-(\d+)-\d+")
_KEPT = 8
_numbers = count()
_unused: list[TaskGroup] = []
atexit.register(lambda: remove_unused())


class TaskGroup:
    """Bounds processes and threads of whoever is put into it, and of all that they start from then on."""

    def __init__(self, folder: Path, tasks: int) -> None:
        self._folder = folder
        self._tasks = tasks

    @classmethod
    def make(cls, tasks: int) -> TaskGroup | None:
        """None where it cannot be made. One that was used before is taken where there is one: making and removing
        costs ten times as much as joining."""
        parent = _parent()
        if parent is None:
            return None
        with contextlib.suppress(IndexError):
            used = _unused.pop()
            used.bound(tasks)
            return used
        folder = parent / f"draftsmith-{os.getpid()}-{next(_numbers)}"
        try:
            folder.mkdir()
            (folder / "pids.max").write_text(str(tasks))
        except OSError:
            with contextlib.suppress(OSError):
                folder.rmdir()
            return None
        return cls(folder, tasks)

    def add(self, pid: int) -> bool:
        """Takes some milliseconds of waiting now and then: the kernel moves processes when nothing else is on."""
        try:
            (self._folder / "cgroup.procs").write_text(str(pid))
        except OSError:
            return False
        return True

    def bound(self, tasks: int) -> None:
        """Another bound than it was made with."""
        if tasks != self._tasks:
            with contextlib.suppress(OSError):
                (self._folder / "pids.max").write_text(str(tasks))
                self._tasks = tasks

    def close(self) -> None:
        """To be called when all that was in it has ended."""
        if len(_unused) < _KEPT:
            _unused.append(self)
        else:
            self.remove()

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self._folder.rmdir()


def remove_unused() -> None:
    """Removes what is kept for the next commands."""
    while _unused:
        _unused.pop().remove()


def remove_leftovers() -> None:
    """Removes the empty groups of processes that have ended."""
    parent = _parent()
    for folder in parent.glob("draftsmith-*") if parent is not None else ():
        found = _NAME.fullmatch(folder.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


@cache
def _parent() -> Path | None:
    """Where groups can be made: in version 1 our own group; in version 2, where a group holds either processes or
    groups, the one around it, if its processes are ours to move."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if "pids" in controllers.split(","):
            found = _ROOT / "pids" / path.lstrip("/")
            return found if os.access(found, os.W_OK) else None
    path = next((line[3:] for line in lines if line.startswith("0::")), "")
    around = (_ROOT / path.lstrip("/")).parent if path.strip("/") else _ROOT
    with contextlib.suppress(OSError):
        shared = "pids" in (around / "cgroup.subtree_control").read_text().split()
        if shared and os.access(around, os.W_OK) and os.access(around / "cgroup.procs", os.W_OK):
            return around
    return None
