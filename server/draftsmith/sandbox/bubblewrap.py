"""The bubblewrap adapter of the sandbox port (Linux and WSL).

No network, no capabilities, own processes, the drafts as the only lasting place to write. It never runs a command
unconfined: without bubblewrap or user namespaces it refuses.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.platform.processes import start
from draftsmith.ports.sandbox import (
    Command,
    CommandResult,
    Limits,
    MountedRoot,
    OnOutput,
    OnUsage,
    RunningCommand,
    SandboxProbe,
)
from draftsmith.sandbox.cgroups import remove_unused
from draftsmith.sandbox.confinement import Confinement
from draftsmith.sandbox.environment import command_environment
from draftsmith.sandbox.etc import EtcFolder
from draftsmith.sandbox.folders import require_folder
from draftsmith.sandbox.launch import CONFINE, JoinedNetwork, Launch, reaping, script_of
from draftsmith.sandbox.limits import counts_processes
from draftsmith.sandbox.mounts import sandbox_view
from draftsmith.sandbox.prepared import is_plain, prepare
from draftsmith.sandbox.proxy import Way
from draftsmith.sandbox.running import ConfinedRun
from draftsmith.sandbox.standbys import Standbys
from draftsmith.sandbox.started import Started, StartedCommand
from draftsmith.sandbox.toolchains import Signature, Toolchains, find_toolchains, signature, users_environment

_PROBE_SECONDS = 10.0
_TOOLCHAINS_KEPT = 64
_NAMESPACE_SIGNS = (b"namespace", b"uid map", b"Operation not permitted", b"Permission denied", b"No permissions")
_NO_NAMESPACES = (
    "Allow user namespaces: `sudo sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu 24.04 and later"
    " `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` or an AppArmor profile for bwrap; in a container"
    " start it with `--security-opt seccomp=unconfined`."
)
_NO_ENGINE = "Install bubblewrap: `apt-get install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`."


class BubblewrapSandbox:
    """Runs each command in a fresh bubblewrap. `environ` is where PATH, HOME and the language are read from; of it
    only an allow-list reaches the command. `folder` is for the sandbox's own files, and this process's alone. `way` is
    how granted hosts are reached, the Internet's own unless given."""

    confines = True

    def __init__(
        self, *, environ: Mapping[str, str] | None = None, folder: Path | None = None, way: Way | None = None
    ) -> None:
        self._environ = users_environment(os.environ) if environ is None else dict(environ)
        self._engine_path: str | None = None
        self._etc = EtcFolder(folder)
        self._standbys = Standbys()
        self._started = Started()
        self._way = way
        self._toolchains: dict[tuple[MountedRoot, ...], tuple[Signature, Toolchains]] = {}

    async def probe(self) -> SandboxProbe:
        """See the port."""
        engine = self._engine()
        if engine is None:
            return SandboxProbe(usable=False, engine="bubblewrap", reason=_why_no_engine(), remedy=_NO_ENGINE)
        version = (await self._try([engine, "--version"]))[1].decode("utf-8", "replace").split()
        code, _, errors = await self._try(
            [engine, *CONFINE, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
        )
        usable = code == 0
        return SandboxProbe(
            usable=usable,
            engine="bubblewrap",
            version=version[-1] if version else "",
            reason="" if usable else errors.decode("utf-8", "replace").strip()[:500],
            remedy="" if usable else _NO_NAMESPACES,
            limits=_limits_in_words(),
        )

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        engine = self._required_engine()
        launch, confinement, given = await self._confined(engine, command)
        run = ConfinedRun(command, on_output, on_usage, cancel)
        result = await run.execute(confinement, given, launch.notes)
        if result.exit_code == 1 and result.stderr.head.startswith("bwrap: "):
            await self._refuse_if_broken(launch, result)
        return result

    async def start(
        self,
        command: Command,
        *,
        keep_input_open: bool = False,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
    ) -> RunningCommand:
        """See the port."""
        launch = await self._launch_alone(self._required_engine(), command)
        input_open = command.terminal is None and (keep_input_open or command.stdin is not None)
        run = ConfinedRun(command, on_output, on_usage, None, kept_whole=True)
        confinement = await prepare(launch, command, self._way, input_open=input_open)
        if confinement.init is None:
            await self._refuse_if_broken(launch, await run.execute(confinement, None, launch.notes))
            raise AdapterError("The sandbox ended before its command began.", code="sandbox_failed")
        started = StartedCommand(command, run, confinement, launch.notes, input_open=input_open)
        try:
            self._started.add(started, confinement)
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
        return self._started.of(roots)

    async def end(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        await self._started.end(roots)

    async def clear_leftovers(self) -> int:
        """See the port."""
        return await asyncio.to_thread(self._etc.end_leftovers)

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """See the port."""
        engine = self._engine()
        if engine is not None and roots and self._started.network(roots) is None:
            cwd = roots[0].workspace_path
            self._standbys.make(roots, lambda: self._launch(engine, roots, cwd, ()))

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        await self._standbys.end(roots)
        if roots is None:
            await asyncio.to_thread(remove_unused)

    def _required_engine(self) -> str:
        engine = self._engine()
        if engine is None:
            raise UserError(_why_no_engine(), code="sandbox_missing", remedy=_NO_ENGINE)
        return engine

    def _engine(self) -> str | None:
        """Where the engine is; looked for again when it is not there any more."""
        if self._engine_path is None or not os.access(self._engine_path, os.X_OK):
            path = self._environ.get("PATH", os.defpath)
            self._engine_path = shutil.which("bwrap", path=path) if sys.platform == "linux" else None
        return self._engine_path

    async def _confined(self, engine: str, command: Command) -> tuple[Launch, Confinement, bytes | None]:
        """How the command is launched, the sandbox that runs it, and what that is still to be given to read."""
        if not is_plain(command) or self._started.network(command.roots) is not None:
            launch = await self._launch_alone(engine, command)
            input_open = command.terminal is None and command.stdin is not None
            return launch, await prepare(launch, command, self._way, input_open=input_open), command.stdin
        standby = await self._standbys.take(command.roots)
        if standby is None:
            launch = await asyncio.to_thread(self._launch_of, engine, command)
        else:
            try:
                # Not in a thread: the same few dozen files were looked at a moment ago, when it was made.
                launch = self._launch_of(engine, command)
                script = script_of(command, standby.launch.cwd) if standby.serves(launch) else None
                if script is not None:
                    taken, standby = standby, None
                    taken.confinement.join_group(command.limits.processes)
                    taken.hand_over(script)
                    self._standbys.again(command.roots, taken.launch)
                    return launch, taken.confinement, None
            finally:
                if standby is not None:
                    await standby.end()
        input_open = command.stdin is not None
        if not counts_processes():
            return launch, await prepare(launch, command, self._way, input_open=input_open), command.stdin
        program = reaping(command.run, command.limits)
        return launch, await Confinement.start(launch, program, stdin=input_open), command.stdin

    async def _launch_alone(self, engine: str, command: Command) -> Launch:
        """In the network of what was started in the same roots, if anything is."""
        network = self._started.network(command.roots)
        joined = network.joined if network is not None else None
        return await asyncio.to_thread(self._launch_of, engine, command, joined)

    def _launch_of(self, engine: str, command: Command, network: JoinedNetwork | None = None) -> Launch:
        require_folder(command)
        return self._launch(engine, command.roots, command.cwd, command.env, network)

    def _launch(
        self,
        engine: str,
        roots: tuple[MountedRoot, ...],
        cwd: Path,
        env: tuple[tuple[str, str], ...],
        network: JoinedNetwork | None = None,
    ) -> Launch:
        toolchains = self._toolchains_for(roots)
        view = sandbox_view(roots, toolchains, self._etc)
        variables = tuple(each for root in roots for each in root.variables)
        environment = self._environment((*variables, *env), toolchains)
        return Launch(engine=engine, cwd=cwd, view=view, environment=environment, network=network)

    def _toolchains_for(self, roots: tuple[MountedRoot, ...]) -> Toolchains:
        """Found anew when something changed: looking for them takes a millisecond."""
        now = signature(self._environ, roots)
        held = self._toolchains.get(roots)
        if held is None or held[0] != now:
            if len(self._toolchains) >= _TOOLCHAINS_KEPT:
                self._toolchains.clear()
            held = self._toolchains[roots] = (now, find_toolchains(self._environ, roots))
        return held[1]

    def _environment(self, env: tuple[tuple[str, str], ...], toolchains: Toolchains) -> dict[str, str]:
        return {
            **command_environment(self._environ),
            **dict(toolchains.variables),
            "PATH": toolchains.path,
            "HOME": toolchains.home,
            **dict(env),
        }

    async def _refuse_if_broken(self, launch: Launch, result: CommandResult) -> None:
        """The message looks like the engine's own; running nothing in the same place tells whether it is."""
        with launch.arguments(reaping(("true",), Limits())) as (argv, descriptors):
            code, _, errors = await self._try(argv, launch.environment, descriptors)
        if code == 0:
            return
        message = result.stderr.head.strip()[:500]
        if any(sign in errors for sign in _NAMESPACE_SIGNS) and not (await self.probe()).usable:
            raise UserError(f"The sandbox cannot start: {message}", code="sandbox_missing", remedy=_NO_NAMESPACES)
        raise AdapterError(
            f"The sandbox could not be set up: {message}",
            code="sandbox_failed",
            remedy="`draftsmith doctor` shows more.",
        )

    async def _try(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, descriptors: Sequence[int] = ()
    ) -> tuple[int, bytes, bytes]:
        """Run the engine for a moment: exit code (127 when it cannot be run), stdout, stderr."""
        try:
            process = await start(argv, env=environment or {"PATH": "/usr/bin:/bin"}, pass_fds=descriptors)
        except OSError as failure:
            return 127, b"", str(failure).encode()
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
                return (await process.wait()).returncode, out, err
        except TimeoutError:
            return 124, b"", b"no answer"
        finally:
            await process.kill_tree()
            process.close()


def _limits_in_words() -> tuple[str, ...]:
    """What holds which limit here."""
    processes = "The kernel refuses processes and threads beyond the limit."
    if not counts_processes():
        processes = "Processes are counted every quarter of a second, for the kernel sets root or this kernel no bound."
    return (
        "The kernel refuses open files, larger files and larger private places beyond the limit.",
        processes,
        "CPU time, memory and bytes written are looked at every quarter of a second, and may be passed for that long.",
        "Memory that belongs to no process is seen by what the machine has left.",
    )


def _why_no_engine() -> str:
    if sys.platform != "linux":
        return "bubblewrap exists on Linux only."
    return "bubblewrap (`bwrap`) is not installed, and commands never run unconfined."
