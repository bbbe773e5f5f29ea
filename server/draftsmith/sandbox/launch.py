"""How bubblewrap is called for one command: its options, mounts, descriptors and the program itself.

It starts nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from draftsmith.ports.sandbox import Command
from draftsmith.sandbox.mounts import Mount, View

CONFINE = (
    "--unshare-user-try",
    "--unshare-pid",
    # Our shell is the first process: its end is the end of all others, and what they cost is counted in it.
    "--as-pid-1",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "draftsmith",
    "--new-session",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
)
_TEMPORARY_BYTES = 2 << 30


class Launch:
    """How one command's bubblewrap is called; mounts and environment are fixed, descriptors are made per call."""

    def __init__(self, *, engine: str, command: Command, view: View, environment: Mapping[str, str]) -> None:
        self.engine = engine
        self.environment = environment
        self.notes = tuple(view.notes)
        self._cwd = str(command.cwd)
        self._mounts = view.mounts

    @contextlib.contextmanager
    def arguments(self, run: str | tuple[str, ...], *options: str) -> Iterator[tuple[list[str], list[int]]]:
        """The argument vector, and the descriptors to pass, which are open inside the block."""
        with contextlib.ExitStack() as stack:
            descriptors: list[int] = []
            argv = [self.engine, *CONFINE]
            for mount in self._mounts:
                argv += _mount_arguments(mount, descriptors, stack)
            argv += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", self._cwd, *options, "--"]
            argv += _program(run)
            yield argv, descriptors


def _mount_arguments(mount: Mount, descriptors: list[int], stack: contextlib.ExitStack) -> list[str]:
    match mount.kind:
        case "read_only":
            return ["--ro-bind", os.fsdecode(mount.source), mount.target]
        case "writable":
            return ["--bind", os.fsdecode(mount.source), mount.target]
        case "scratch":
            return ["--size", str(_TEMPORARY_BYTES), "--tmpfs", mount.target]
        case "link":
            return ["--symlink", os.fsdecode(mount.source), mount.target]
        case "freeze":
            return ["--remount-ro", mount.target]
        case "copy":
            return ["--perms", "0644", "--file", str(_data(mount, descriptors, stack)), mount.target]
        case "content":
            return ["--perms", "0644", "--ro-bind-data", str(_data(mount, descriptors, stack)), mount.target]


def _data(mount: Mount, descriptors: list[int], stack: contextlib.ExitStack) -> int:
    """A descriptor that gives the mount's content; no file of ours lies about."""
    descriptor = os.memfd_create("draftsmith")
    stack.callback(os.close, descriptor)
    os.write(descriptor, os.fsencode(mount.source))
    os.lseek(descriptor, 0, os.SEEK_SET)
    descriptors.append(descriptor)
    return descriptor


def _program(run: str | tuple[str, ...]) -> list[str]:
    """Below a shell that reaps orphans and gives exit codes as usual: 127 not found, 126 not executable."""
    if isinstance(run, str):
        run = ("/bin/bash" if Path("/bin/bash").exists() else "/bin/sh", "-c", run)
    return ["/bin/sh", "-c", '(exec "$@"); exit $?', "sh", *run]
