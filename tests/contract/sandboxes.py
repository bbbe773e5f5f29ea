"""A workspace and its draft, and the adapters of the sandbox port that the contract tests run against."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from draftsmith.ports.sandbox import Command, CommandResult, MountedRoot, Sandbox
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.containers.docker import DockerSandbox
from draftsmith.sandbox.toolchains import users_environment
from draftsmith.sandbox.unconfined import UnconfinedSandbox


class Make(Protocol):
    def __call__(self, *, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Sandbox: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """How one is made, and what it cannot do by its nature. `program` makes one in another process."""

    name: str
    make: Make
    program: str
    environ: Mapping[str, str]
    confines: bool = True
    """Nothing but the draft and private places is seen or written, there is no network, no foreign process."""
    tracks: bool = True
    """Everything that a command starts ends with it, also what hides from its parents and clears its environment."""
    outlives: bool = False
    """What a command started goes on when the process that ran it is killed."""


def bubblewrap() -> Adapter:
    program = "from draftsmith.sandbox.bubblewrap import BubblewrapSandbox as Made"
    return Adapter(name="bubblewrap", make=BubblewrapSandbox, program=program, environ={})


def docker(address: str) -> Adapter:
    """With the engine at the address (`unix://…`)."""

    def make(*, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Sandbox:
        given = users_environment(os.environ) if environ is None else environ
        return DockerSandbox(environ={**given, **own}, folder=folder)

    own = {"DOCKER_HOST": address}
    program = "from draftsmith.sandbox.containers.docker import DockerSandbox as Made"
    return Adapter(name="docker", make=make, program=program, environ=own)


def unconfined() -> Adapter:
    program = "from draftsmith.sandbox.unconfined import UnconfinedSandbox as Made"
    return Adapter(
        name="unconfined",
        make=UnconfinedSandbox,
        program=program,
        environ={},
        confines=False,
        tracks=False,
        outlives=True,
    )


class Site:
    """A workspace and its draft, which differ in one file so that a command shows which it sees."""

    def __init__(self, folder: Path, adapter: Adapter | None = None) -> None:
        self.adapter = adapter or bubblewrap()
        self.workspace = folder / "ws"
        self.draft = folder / "draft"
        self.outputs = folder / "outputs"
        for each, text in ((self.workspace, "workspace\n"), (self.draft, "draft\n")):
            each.mkdir()
            (each / "where.txt").write_text(text)
        self.dependencies: tuple[Path, ...] = ()
        self.sandbox = self.adapter.make()
        self._made = [self.sandbox]

    def with_environment(self, environ: Mapping[str, str]) -> None:
        """The same sandbox for a user with another environment."""
        self.sandbox = self.adapter.make(environ=environ)
        self._made.append(self.sandbox)

    @property
    def place(self) -> Path:
        """Where a command in the workspace's folder really is."""
        return self.workspace if self.adapter.confines else self.draft

    def command(self, run: str | tuple[str, ...], **fields: object) -> Command:
        root = MountedRoot(workspace_path=self.workspace, draft_path=self.draft, dependency_folders=self.dependencies)
        given = {"cwd": self.workspace, "roots": (root,), "output_dir": self.outputs, "output_id": "c1", **fields}
        return Command(run=run, **given)  # type: ignore[arg-type]  the fields are named by each test

    async def run(self, run: str | tuple[str, ...], **fields: object) -> CommandResult:
        return await self.sandbox.run(self.command(run, **fields))

    async def close(self) -> None:
        """Nothing of what was made is kept."""
        for sandbox in self._made:
            await sandbox.end()
            await sandbox.stand_down()


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def marked(mark: str) -> list[psutil.Process]:
    """Living processes with the mark on their command line, in any namespace below ours."""
    return [each for each in psutil.process_iter(["cmdline"]) if mark in " ".join(each.info["cmdline"] or [])]


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  other processes set no event of ours
            await asyncio.sleep(0.02)
