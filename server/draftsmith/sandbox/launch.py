"""How bubblewrap is called for one command: its options, mounts, descriptors and the program itself.

It starts nothing.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
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


WAITING_SHELL = ("/bin/sh", "-c", "echo; . /dev/fd/0", "sh")
"""Says by an empty line that the sandbox stands, then waits for its script on standard input and runs it. The end of
the input without a script ends it, and with it the sandbox."""
SCRIPT_BYTES = 60_000
"""What fits into a pipe at once, and into one argument of the program that the script starts."""


class Launch:
    """How a sandbox is called; mounts and environment are fixed, descriptors are made per call."""

    def __init__(self, *, engine: str, cwd: Path, view: View, environment: Mapping[str, str]) -> None:
        self.engine = engine
        self.environment = environment
        self.notes = tuple(view.notes)
        self.mounts = tuple(view.mounts)
        self.cwd = cwd

    def fits(self, other: Launch) -> bool:
        """Whether a sandbox made for the other shows and says the same; the folder that it begins in may differ."""
        return (self.engine, self.mounts, self.environment) == (other.engine, other.mounts, other.environment)

    @contextlib.contextmanager
    def arguments(self, program: Sequence[str], *options: str) -> Iterator[tuple[list[str], list[int]]]:
        """The argument vector, and the descriptors to pass, which are open inside the block."""
        with contextlib.ExitStack() as stack:
            descriptors: list[int] = []
            argv = [self.engine, *CONFINE]
            for mount in self.mounts:
                argv += _mount_arguments(mount, descriptors, stack)
            argv += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", str(self.cwd), *options, "--"]
            argv += program
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


def reaping(run: str | tuple[str, ...]) -> tuple[str, ...]:
    """Below a shell that reaps orphans and gives exit codes as usual: 127 not found, 126 not executable."""
    return ("/bin/sh", "-c", '(exec "$@"); exit $?', "sh", *_program(run))


def script_of(command: Command, begins_in: Path) -> bytes | None:
    """The same for `WAITING_SHELL`, which stands in `begins_in`; None for what only a launch of its own can do."""
    move = "" if command.cwd == begins_in else f"cd -- {shlex.quote(str(command.cwd))} || exit 1; unset OLDPWD\n"
    text = os.fsencode(f"{move}(exec {shlex.join(_program(command.run))} </dev/null); exit $?\n")
    return text if command.stdin is None and len(text) <= SCRIPT_BYTES and b"\0" not in text else None


def _program(run: str | tuple[str, ...]) -> tuple[str, ...]:
    return (shell(), "-c", run) if isinstance(run, str) else run


@cache
def shell() -> str:
    """What reads a command that is a line."""
    return "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"
