"""How bubblewrap is called for one command: its options, mounts, descriptors and the program itself.

It starts nothing.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from draftsmith.ports.sandbox import Command, Limits
from draftsmith.sandbox.limits import prologue
from draftsmith.sandbox.mounts import Mount, View
from draftsmith.sandbox.seccomp import command_filter

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
_KERNELS_OWN = (
    *("--proc", "/proc", "--dev", "/dev"),
    # Without capabilities root is still the owner of these files: writing core_pattern would start programs outside.
    *("--ro-bind", "/proc/sys", "/proc/sys"),
    # Bubblewrap's own /dev is memory without a bound.
    *("--size", str(_TEMPORARY_BYTES), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108  the sandbox's own
)


WAITING_SHELL = ("/bin/sh", "-c", "echo; . /dev/fd/0", "sh")
"""Says by an empty line that the sandbox stands, then waits for its script on standard input and runs it. The end of
the input without a script ends it, and with it the sandbox."""
SCRIPT_BYTES = 60_000
"""What fits into a pipe at once, and into one argument of the program that the script starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedNetwork:
    """The network of another sandbox: how it is entered, and the descriptors that this needs."""

    entering: tuple[str, ...]
    descriptors: tuple[int, ...]


class Launch:
    """How a sandbox is called; mounts and environment are fixed, descriptors are made per call."""

    def __init__(
        self,
        *,
        engine: str,
        cwd: Path,
        view: View,
        environment: Mapping[str, str],
        network: JoinedNetwork | None = None,
    ) -> None:
        self.engine = engine
        self.network = network
        self.environment = environment
        self.notes = tuple(view.notes)
        self.mounts = tuple(view.mounts)
        own = (mount.target for mount in view.mounts if mount.kind == "scratch")
        self.scratch = (*own, "/dev/shm")  # noqa: S108  the sandbox's own
        self.cwd = cwd

    def fits(self, other: Launch) -> bool:
        """Whether a sandbox made for the other shows and says the same; the folder that it begins in may differ."""
        return (self.engine, self.mounts, self.environment, self.network) == (
            other.engine,
            other.mounts,
            other.environment,
            other.network,
        )

    @contextlib.contextmanager
    def arguments(self, program: Sequence[str], *options: str) -> Iterator[tuple[list[str], list[int]]]:
        """The argument vector, and the descriptors to pass, which are open inside the block."""
        with contextlib.ExitStack() as stack:
            descriptors: list[int] = []
            argv = [self.engine, *CONFINE]
            if self.network is not None:
                argv = [*self.network.entering, self.engine, *(each for each in CONFINE if each != "--unshare-net")]
                descriptors += self.network.descriptors
            for mount in self.mounts:
                argv += _mount_arguments(mount, descriptors, stack)
            if (program_filter := command_filter()) is not None:
                argv += ["--seccomp", str(_memory_file(program_filter, descriptors, stack))]
            argv += [*_KERNELS_OWN, "--remount-ro", "/", "--chdir", str(self.cwd), *options, "--"]
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
    return _memory_file(os.fsencode(mount.source), descriptors, stack)


def _memory_file(content: bytes, descriptors: list[int], stack: contextlib.ExitStack) -> int:
    """A descriptor that gives the content; no file of ours lies about."""
    descriptor = os.memfd_create("draftsmith")
    stack.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    descriptors.append(descriptor)
    return descriptor


def reaping(run: str | tuple[str, ...], limits: Limits) -> tuple[str, ...]:
    """Below a shell that reaps orphans and gives exit codes as usual: 127 not found, 126 not executable."""
    return ("/bin/sh", "-c", f'{prologue(limits)}(exec "$@"); exit $?', "sh", *_program(run))


def script_of(command: Command, begins_in: Path) -> bytes | None:
    """The same for `WAITING_SHELL`, which stands in `begins_in`; None for what only a launch of its own can do."""
    if command.stdin is not None or command.terminal is not None or command.network_hosts:
        return None
    move = "" if command.cwd == begins_in else f"cd -- {shlex.quote(str(command.cwd))} || exit 1; unset OLDPWD\n"
    text = script(command, move, " </dev/null")
    return text if len(text) <= SCRIPT_BYTES and b"\0" not in text else None


def script(command: Command, before: str, redirection: str) -> bytes:
    """What a shell that waits is given: the limits, shell lines to come first, and the command."""
    program = shlex.join(_program(command.run))
    return os.fsencode(f"{prologue(command.limits)}\n{before}(exec {program}{redirection}); exit $?\n")


def _program(run: str | tuple[str, ...]) -> tuple[str, ...]:
    return (shell(), "-c", run) if isinstance(run, str) else run


@cache
def shell() -> str:
    """What reads a command that is a line."""
    return "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"
