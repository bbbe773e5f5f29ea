"""A command as text for the shell that waits in a container."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from draftsmith.ports.sandbox import Command, Limits

_BLOCK = 512
"""What `ulimit -f` counts in, by POSIX."""


def script_of(command: Command, environment: Mapping[str, str], *, input_open: bool) -> bytes:
    """Runs the command as the shell's only child, then ends whatever it left and tells how it ended: 127 not found,
    126 not executable, 128 + n for a signal. `environment` is set on top of the container's own. `input_open`: what
    the shell can read is the command's, else it reads nothing."""
    lines = [
        f"cd -- {shlex.quote(str(command.cwd))} || exit 1",
        "unset OLDPWD state script; set --",
        *(f"export {name}={shlex.quote(value)}" for name, value in environment.items()),
        *_limits(command.limits),
        f"({_program(command.run)}){'' if input_open else ' </dev/null'}",
        # To all but itself and the first process, atomically: nothing can fork its way out of it.
        "code=$?; kill -KILL -1 2>/dev/null; exit $code",
    ]
    return os.fsencode("\n".join(lines))


def _program(run: str | tuple[str, ...]) -> str:
    if isinstance(run, tuple):
        return f"exec {shlex.join(run)}"
    # As elsewhere bash reads a line, where there is one.
    quoted = shlex.quote(run)
    return f"[ -x /bin/bash ] && exec /bin/bash -c {quoted}; exec /bin/sh -c {quoted}"


def _limits(limits: Limits) -> list[str]:
    """Of each process; those of all together are the container's."""
    lines: list[str] = []
    if limits.open_files is not None:
        lines.append(f"ulimit -n {limits.open_files} 2>/dev/null")
    if limits.disk_bytes is not None:
        lines.append(f"ulimit -f {-(-limits.disk_bytes // _BLOCK)} 2>/dev/null")
    return lines
