"""Commands without a sandbox, for whoever asked for exactly that: on this machine, with the user's rights and network.

What is kept is what needs no confinement: limits, streams, an environment without secrets, the end of the whole tree.
It is never chosen by itself.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from draftsmith.domain.errors import UserError
from draftsmith.ports.sandbox import (
    Command,
    CommandResult,
    MountedRoot,
    OnOutput,
    OnUsage,
    RunningCommand,
    SandboxProbe,
)
from draftsmith.sandbox.environment import command_environment
from draftsmith.sandbox.folders import require_folder
from draftsmith.sandbox.limits import prologue
from draftsmith.sandbox.running import ConfinedRun
from draftsmith.sandbox.started import StartedCommand
from draftsmith.sandbox.toolchains import users_environment
from draftsmith.sandbox.tree import CommandTree, open_terminal

_LIMITS = (
    "Open files and the size of a file are held by the kernel.",
    "CPU time, memory, processes and what is written are looked at every quarter of a second.",
)


class UnconfinedSandbox:
    """Runs each command in the draft's own folder. `environ` is where the language, PATH and HOME are read from."""

    confines = False

    def __init__(self, *, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        self._environ = users_environment(os.environ) if environ is None else dict(environ)
        self._started: dict[tuple[MountedRoot, ...], list[StartedCommand]] = {}

    async def probe(self) -> SandboxProbe:
        """See the port."""
        if sys.platform == "win32":
            return SandboxProbe(
                usable=False, engine="unconfined", reason="Commands need a POSIX shell.", confines=False
            )
        return SandboxProbe(usable=True, engine="unconfined", limits=_LIMITS, confines=False)

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        tree = await self._begun(command, input_open=command.stdin is not None)
        run = ConfinedRun(command, on_output, on_usage, cancel)
        return await run.execute(tree, command.stdin, _notes(command))

    async def start(
        self,
        command: Command,
        *,
        keep_input_open: bool = False,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
    ) -> RunningCommand:
        """See the port."""
        input_open = command.terminal is None and (keep_input_open or command.stdin is not None)
        tree = await self._begun(command, input_open=input_open)
        run = ConfinedRun(command, on_output, on_usage, None, kept_whole=True)
        started = StartedCommand(command, run, tree, _notes(command), input_open=input_open)
        self._started.setdefault(command.roots, []).append(started)
        try:
            if command.stdin is not None:
                await started.write(command.stdin)
            if command.stdin is not None and not keep_input_open and command.terminal is None:
                await started.close_input()
        except BaseException:
            await started.end()
            raise
        return started

    def running(self, roots: tuple[MountedRoot, ...]) -> tuple[RunningCommand, ...]:
        """See the port."""
        return tuple(self._started.get(roots, ()))

    async def end(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        for each in list(self._started) if roots is None else [roots]:
            for started in self._started.pop(each, ()):
                await started.end()

    async def clear_leftovers(self) -> int:
        """See the port. Commands of a killed process cannot be told from the user's own."""
        return 0

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """See the port. There is nothing to make ready."""

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""

    async def _begun(self, command: Command, *, input_open: bool) -> CommandTree:
        await asyncio.to_thread(require_folder, command)
        terminal = None if command.terminal is None else open_terminal(command.terminal)
        try:
            lines = [prologue(command.limits)]
            if terminal is not None:
                # The shell leads a session without a terminal, so that the one it opens becomes the session's.
                lines.append(f"exec <>{terminal.name} >&0 2>&0")
            lines.append(f"(exec {shlex.join(_program(command.run))}); exit $?")
            return await CommandTree.start(
                ("/bin/sh", "-c", "\n".join(lines)),
                environment=self._environment(command),
                cwd=_in_draft(command),
                stdin=input_open,
                terminal=terminal,
            )
        except OSError as failure:
            if terminal is not None:
                terminal.close()
            raise UserError(
                f"A command cannot be started: {failure.strerror}.", code="sandbox_missing", remedy="Install a shell."
            ) from failure
        except BaseException:
            if terminal is not None:
                terminal.close()
            raise

    def _environment(self, command: Command) -> dict[str, str]:
        """The same allow-list as in a sandbox, with the user's own PATH and HOME."""
        kept = {name: self._environ[name] for name in ("PATH", "HOME", "USER", "LOGNAME") if name in self._environ}
        terminal = {"TERM": "xterm-256color"} if command.terminal is not None else {}
        return {**command_environment(self._environ), **kept, **terminal, **dict(command.env)}


def _program(run: str | tuple[str, ...]) -> tuple[str, ...]:
    return (shutil.which("bash") or "/bin/sh", "-c", run) if isinstance(run, str) else run


def _in_draft(command: Command) -> Path:
    for root in sorted(command.roots, key=lambda each: -len(each.workspace_path.parts)):
        if command.cwd.is_relative_to(root.workspace_path):
            return root.draft_path / command.cwd.relative_to(root.workspace_path)
    return command.cwd


def _notes(command: Command) -> tuple[str, ...]:
    notes = [f"It ran unconfined, with your rights, in {_in_draft(command)}; {command.cwd} is your own folder."]
    if command.network_hosts:
        notes.append("Its network is not limited to the granted hosts.")
    return tuple(notes)
