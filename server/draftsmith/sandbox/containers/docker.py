"""The Docker adapter of the sandbox port: a kept container for each set of roots, commands by `exec`.

No network, no capabilities, no new privileges, a read-only root, the drafts as the only lasting place to write. It
never runs a command unconfined: without an engine it refuses.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import DraftsmithError, UserError
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
from draftsmith.sandbox.containers.confined import ContainerConfined
from draftsmith.sandbox.containers.engine import Engine
from draftsmith.sandbox.containers.granted import GrantedHosts
from draftsmith.sandbox.containers.image import REPOSITORY, host_image
from draftsmith.sandbox.containers.kept import KeptContainer
from draftsmith.sandbox.containers.owner import labels, remove_leftovers
from draftsmith.sandbox.containers.plan import ContainerPlan, drop, place, scratch_options, user_of
from draftsmith.sandbox.containers.pool import Containers
from draftsmith.sandbox.containers.run import ContainerRun
from draftsmith.sandbox.environment import command_environment
from draftsmith.sandbox.etc import EtcFolder
from draftsmith.sandbox.folders import require_folder
from draftsmith.sandbox.limits import memory_limit
from draftsmith.sandbox.mounts import SYSTEM_FOLDERS, Mount, View, sandbox_view
from draftsmith.sandbox.proxy import Way
from draftsmith.sandbox.standby import Places
from draftsmith.sandbox.started import StartedCommand
from draftsmith.sandbox.toolchains import KnownToolchains, users_environment

_LIMITS = (
    "memory and processes are held by the container's control group",
    "open files and the size of a file by the kernel, CPU time and what is written in sum are watched",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a container has to be for a command: two that are equal serve for each other."""

    mounts: tuple[Mount, ...]
    environment: tuple[tuple[str, str], ...]
    user: tuple[int, int]


class DockerSandbox:
    """`environ` is where PATH, HOME, the language and DOCKER_HOST are read from; of it only an allow-list reaches a
    command. `folder` is for the sandbox's own files, and this process's alone. `image` is one of the engine's that
    commands run in; without, they see this machine's own programs, read-only. `way` is how granted hosts are reached,
    the Internet's own unless given."""

    confines = True

    def __init__(
        self,
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        image: str = "",
        way: Way | None = None,
    ) -> None:
        self._environ = users_environment(os.environ) if environ is None else dict(environ)
        self._folder = folder
        self._image = image
        self._way = way
        self._etc = EtcFolder(folder)
        self._toolchains = KnownToolchains(self._environ)
        self._containers = Containers()
        self._engine: Engine | None = None
        self._connecting = asyncio.Lock()
        self._images: set[str] = set()
        self._started: dict[tuple[MountedRoot, ...], list[StartedCommand]] = {}

    async def probe(self) -> SandboxProbe:
        """See the port."""
        trial = DockerSandbox(environ=self._environ, folder=self._folder, image=self._image)
        try:
            with tempfile.TemporaryDirectory(prefix="draftsmith-probe-") as name:
                return await trial.try_out(await asyncio.to_thread(Path(name).resolve))
        except DraftsmithError as failure:
            return SandboxProbe(usable=False, engine="docker", reason=failure.message, remedy=failure.remedy)
        finally:
            await trial.close()

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        confined, notes = await self._confined(command, input_open=command.stdin is not None)
        return await ContainerRun(command, on_output, on_usage, cancel).execute(confined, command.stdin, notes)

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
        confined, notes = await self._confined(command, input_open=input_open)
        run = ContainerRun(command, on_output, on_usage, None, kept_whole=True)
        started = StartedCommand(command, run, confined, notes, input_open=input_open)
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
        """See the port. Without an engine there is nothing that could be cleared."""
        if self._folder is not None:
            for left in await asyncio.to_thread(lambda folder: list(folder.glob("container-*")), self._folder):
                await asyncio.to_thread(drop, left)
        try:
            return await remove_leftovers(await self._connected(), self._folder)
        except UserError:
            return 0

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """See the port."""
        if roots:
            self._containers.make_ready(roots, lambda network: self._make(roots, network))

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        await self._containers.end(roots)

    async def try_out(self, folder: Path) -> SandboxProbe:
        """A harmless command, for real, with this empty folder as its draft. Raises as `run` does."""
        root = MountedRoot(workspace_path=folder, draft_path=folder)
        result = await self.run(
            Command(
                run=("true",), cwd=folder, roots=(root,), output_dir=folder, output_id="probe", time_limit_seconds=30
            )
        )
        version = (await self._connected()).facts.version
        if result.exit_code == 0:
            return SandboxProbe(usable=True, engine="docker", version=version, limits=_LIMITS)
        reason = f"`true` ended with {result.exit_code} in a container: {result.stderr.head.strip()[:300]}"
        return SandboxProbe(
            usable=False, engine="docker", version=version, reason=reason, remedy="Look at the engine's log."
        )

    async def close(self) -> None:
        """Ends all commands and containers and the connection; the next call makes another."""
        await self.end()
        await self._containers.end()
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def _connected(self) -> Engine:
        async with self._connecting:
            if self._engine is None:
                self._engine = await Engine.connect(self._environ)
            return self._engine

    async def _confined(self, command: Command, *, input_open: bool) -> tuple[ContainerConfined, tuple[str, ...]]:
        await asyncio.to_thread(require_folder, command)
        engine = await self._connected()
        roots = command.roots
        view, wanted = await asyncio.to_thread(self._view, roots, engine)
        kept = await self._containers.take(
            roots,
            lambda one: one.shows == wanted and one.places.unchanged(),
            lambda network: self._make(roots, network),
        )
        granted: GrantedHosts | None = None
        try:
            await kept.limit(memory_bytes=memory_limit(command.limits) or 0, processes=command.limits.processes or 0)
            if command.network_hosts:
                granted = await GrantedHosts.open(kept, command.network_hosts, self._way)
            confined = await ContainerConfined.begin(
                command,
                kept,
                lambda: self._containers.give_back(roots, kept),
                input_open=input_open,
                environment=granted.environment if granted is not None else {},
            )
        except BaseException:
            if granted is not None:
                await granted.close()
            kept.kill()
            self._containers.give_back(roots, kept)
            raise
        if granted is not None:
            confined.follow_granted(granted)
        return confined, tuple(view.notes)

    async def _make(self, roots: tuple[MountedRoot, ...], network: str) -> KeptContainer:
        engine = await self._connected()
        _, wanted = await asyncio.to_thread(self._view, roots, engine)
        folder = await asyncio.to_thread(self._own_folder)
        try:
            placed = await asyncio.to_thread(place, wanted.mounts, roots, folder)
            image = await self._image_of(engine, placed.links)
            plan = ContainerPlan(
                image=image,
                user=f"{wanted.user[0]}:{wanted.user[1]}",
                environment=dict(wanted.environment),
                labels=labels(self._folder),
                binds=tuple(placed.binds),
                scratch=tuple((at, scratch_options(wanted.user)) for at in placed.scratch),
                network=network,
                user_namespace="host" if engine.facts.remapped else "",
                memory_bytes=memory_limit(Limits()) or 0,
                processes=Limits().processes or 0,
            )
        except BaseException:
            drop(folder)
            raise
        return await KeptContainer.make(engine, plan, folder, wanted, Places(wanted.mounts, roots))

    def _view(self, roots: tuple[MountedRoot, ...], engine: Engine) -> tuple[View, Wanted]:
        """What a command is to see now; looks at a few dozen files."""
        toolchains = self._toolchains.of(roots)
        view = sandbox_view(roots, toolchains, self._etc)
        environment = command_environment(self._environ) | {"HOME": toolchains.home}
        mounts = view.mounts
        if self._image:
            # Its own system and programs, and none of this machine's.
            hidden = {*SYSTEM_FOLDERS, *map(str, toolchains.folders)}
            mounts = [each for each in mounts if each.target not in hidden and not _is_below(each.target, "/etc")]
        else:
            environment |= {**dict(toolchains.variables), "PATH": toolchains.path}
        environment |= {name: value for root in roots for name, value in root.variables}
        # The root of an engine without root is the user who runs it.
        user = (0, 0) if engine.facts.rootless else user_of(roots)
        return view, Wanted(mounts=tuple(mounts), environment=tuple(environment.items()), user=user)

    async def _image_of(self, engine: Engine, links: Mapping[str, str]) -> str:
        if self._image:
            if not await engine.has_image(self._image):
                raise UserError(
                    f"The image {self._image} is not there.",
                    code="sandbox_missing",
                    remedy=f"`docker pull {self._image}`, or name another one in DRAFTSMITH_SANDBOX_IMAGE.",
                )
            return self._image
        tag, content = host_image(links)
        name = f"{REPOSITORY}:{tag}"
        if name not in self._images and not await engine.has_image(name):
            await engine.import_image(content, REPOSITORY, tag)
        self._images.add(name)
        return name

    def _own_folder(self) -> Path:
        """Of one container; the commands in it may read it, nobody else."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(
            tempfile.mkdtemp(prefix="container-" if self._folder else "draftsmith-container-", dir=self._folder)
        )
        folder.chmod(0o755)
        return folder


def _is_below(target: str, folder: str) -> bool:
    return target == folder or target.startswith(f"{folder}/")
