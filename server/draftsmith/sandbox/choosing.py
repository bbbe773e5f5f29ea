"""Which sandbox commands run in: what the user set, else bubblewrap where it works, else Docker.

Never unconfined unless exactly that is set, and never silently: the choice and its reason are told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from draftsmith.domain.errors import DraftsmithError, UserError
from draftsmith.ports.sandbox import (
    Command,
    CommandResult,
    Limits,
    MountedRoot,
    OnOutput,
    OnUsage,
    RunningCommand,
    Sandbox,
    SandboxProbe,
)
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.containers.docker import DockerSandbox
from draftsmith.sandbox.limits import configured_limits
from draftsmith.sandbox.toolchains import users_environment
from draftsmith.sandbox.unconfined import UnconfinedSandbox

SANDBOX_VARIABLE = "DRAFTSMITH_SANDBOX"
IMAGE_VARIABLE = "DRAFTSMITH_SANDBOX_IMAGE"

Setting = Literal["auto", "bubblewrap", "docker", "unconfined"]
_NONE = "Mend one of them, or allow commands without a sandbox: DRAFTSMITH_SANDBOX=unconfined."

_UNREAD = "?"
"""Stands for an engine that a setting names and nobody knows."""

Choice = tuple[Sandbox | None, SandboxProbe]
"""None: nothing works, and the probe says why."""


class ChosenSandbox:
    """Chooses when it is first needed, and removes what was left by an earlier process with the same folder; as long as
    nothing works, it looks again for every command. `folder` is for the adapters' own files, and this process's alone.
    """

    def __init__(self, environ: Mapping[str, str], folder: Path | None = None) -> None:
        self._environ = users_environment(environ)
        self._folder = folder
        self._chosen: Sandbox | None = None
        self._probe = SandboxProbe(usable=False, engine="")
        self._choosing = asyncio.Lock()

    @property
    def confines(self) -> bool:
        """Known beforehand: without a sandbox commands run only when that is set."""
        return self._environ.get(SANDBOX_VARIABLE, "").strip().lower() != "unconfined"

    async def probe(self) -> SandboxProbe:
        """Which was chosen; `reason` says why where it is not the usual one, or why none can be."""
        with contextlib.suppress(UserError):
            await self._sandbox()
        return self._probe

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        command = self._within_limits(command)
        return await (await self._sandbox()).run(command, on_output=on_output, on_usage=on_usage, cancel=cancel)

    async def start(
        self,
        command: Command,
        *,
        keep_input_open: bool = False,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
    ) -> RunningCommand:
        """See the port."""
        command = self._within_limits(command)
        sandbox = await self._sandbox()
        return await sandbox.start(command, keep_input_open=keep_input_open, on_output=on_output, on_usage=on_usage)

    def running(self, roots: tuple[MountedRoot, ...]) -> tuple[RunningCommand, ...]:
        """See the port."""
        return () if self._chosen is None else self._chosen.running(roots)

    async def end(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        if self._chosen is not None:
            await self._chosen.end(roots)

    async def clear_leftovers(self) -> int:
        """See the port. It belongs to choosing; what was there is gone already."""
        with contextlib.suppress(UserError):
            return await (await self._sandbox()).clear_leftovers()
        return 0

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """See the port."""
        if self._chosen is not None:
            self._chosen.stand_by(roots)

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """See the port."""
        if self._chosen is not None:
            await self._chosen.stand_down(roots)

    def _within_limits(self, command: Command) -> Command:
        """With the limits that are set, unless it has its own. Raises UserError (`bad_setting`)."""
        return replace(command, limits=configured_limits(self._environ)) if command.limits == Limits() else command

    async def _sandbox(self) -> Sandbox:
        """Raises UserError (`sandbox_missing`, `bad_setting`) when none works."""
        async with self._choosing:
            if self._chosen is None:
                chosen, self._probe = await self._choose()
                if chosen is None:
                    code = "sandbox_missing" if self._probe.engine != _UNREAD else "bad_setting"
                    raise UserError(self._probe.reason, code=code, remedy=self._probe.remedy)
                with contextlib.suppress(DraftsmithError):
                    await chosen.clear_leftovers()
                self._chosen = chosen
            return self._chosen

    async def _choose(self) -> Choice:
        try:
            setting = setting_of(self._environ)
        except UserError as wrong:
            return None, SandboxProbe(usable=False, engine=_UNREAD, reason=wrong.message, remedy=wrong.remedy)
        image = self._environ.get(IMAGE_VARIABLE, "")
        bubblewrap = BubblewrapSandbox(environ=self._environ, folder=self._folder)
        docker_folder = None if self._folder is None else self._folder / "docker"
        docker = DockerSandbox(environ=self._environ, folder=docker_folder, image=image)
        match setting:
            case "unconfined":
                sandbox = UnconfinedSandbox(environ=self._environ)
                why = f"{SANDBOX_VARIABLE}=unconfined: commands have your rights, your files and your network."
                return sandbox, replace(await sandbox.probe(), reason=why)
            case "bubblewrap":
                return _as_set(bubblewrap, await bubblewrap.probe(), f"{SANDBOX_VARIABLE} asks for bubblewrap")
            case "docker":
                return _as_set(docker, await docker.probe(), f"{SANDBOX_VARIABLE} asks for Docker")
            case "auto" if image:
                # Only a container can have another system than this machine's.
                return _as_set(docker, await docker.probe(), f"{IMAGE_VARIABLE} names an image for Docker")
            case "auto":
                return await _first_that_works(bubblewrap, docker)


async def _first_that_works(bubblewrap: Sandbox, docker: Sandbox) -> Choice:
    first = await bubblewrap.probe()
    if first.usable:
        return bubblewrap, first
    second = await docker.probe()
    if second.usable:
        return docker, replace(second, reason=f"bubblewrap does not work here: {first.reason}")
    reason = f"No sandbox works here. bubblewrap: {first.reason} Docker: {second.reason}"
    remedy = " ".join(dict.fromkeys(one for one in (first.remedy, second.remedy, _NONE) if one))
    return None, SandboxProbe(usable=False, engine="", reason=reason, remedy=remedy)


def _as_set(sandbox: Sandbox, probe: SandboxProbe, wanted: str) -> Choice:
    """No other one is taken in its place."""
    if probe.usable:
        return sandbox, replace(probe, reason=f"{wanted}.")
    return None, replace(probe, reason=f"{wanted}, which does not work: {probe.reason}")


def setting_of(environ: Mapping[str, str]) -> Setting:
    """Raises UserError (`bad_setting`)."""
    value = environ.get(SANDBOX_VARIABLE, "").strip().lower() or "auto"
    for known in get_args(Setting):
        if value == known:
            return known
    raise UserError(
        f"{SANDBOX_VARIABLE} is {value!r}.",
        code="bad_setting",
        remedy=f"Set it to one of {', '.join(get_args(Setting))}.",
    )
