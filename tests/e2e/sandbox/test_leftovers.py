"""What a killed runner leaves of its sandboxes is gone when the next one has started, and nothing else is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from draftsmith.ports.sandbox import MountedRoot
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.etc import EtcFolder
from draftsmith.sandbox.launch import CONFINE, Launch
from draftsmith.sandbox.mounts import sandbox_view
from draftsmith.sandbox.toolchains import find_toolchains

SLEEP = ("/bin/sh", "-c", "sleep 4731; true")


class Place:
    """A runner's folder with one sandbox's mounts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "sandbox"
        draft = folder / "draft"
        draft.mkdir(parents=True)
        roots = (MountedRoot(workspace_path=folder / "ws", draft_path=draft),)
        environ = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
        view = sandbox_view(roots, find_toolchains(environ, roots), EtcFolder(self.folder))
        self.launch = Launch(engine="/usr/bin/bwrap", cwd=folder / "ws", view=view, environment=environ)
        self._status = os.pipe()
        self.begun: list[psutil.Process] = []

    def orphan_that_waits(self) -> psutil.Process:
        """Bubblewrap is killed between making its first process and telling it to go on: it is held there by a pipe
        for its status that takes nothing more."""
        os.set_blocking(self._status[1], False)
        with contextlib.suppress(BlockingIOError):
            while os.write(self._status[1], b"x" * 4096):
                pass
        os.set_blocking(self._status[1], True)
        return self._orphan(CONFINE, "--json-status-fd", str(self._status[1]))

    def orphan_that_works(self) -> psutil.Process:
        """The same a moment later: its signal for the parent's death was asked for when there was no parent."""
        return self._orphan(tuple(each for each in CONFINE if each != "--die-with-parent"))

    def _orphan(self, confine: tuple[str, ...], *options: str) -> psutil.Process:
        with self.launch.arguments(SLEEP, *options) as (argv, descriptors):
            kept = [argv[0], *confine, *argv[1 + len(CONFINE) :]]
            engine = subprocess.Popen(kept, pass_fds=(*descriptors, self._status[1]), env=dict(self.launch.environment))
            child = self._child(psutil.Process(engine.pid), sleeps=not options)
        self.begun += [psutil.Process(engine.pid), child, *child.children(recursive=True)]
        engine.kill()
        engine.wait()
        return child

    def _child(self, engine: psutil.Process, *, sleeps: bool) -> psutil.Process:
        def ready() -> bool:
            return bool(engine.children()) and (not sleeps or len(engine.children(recursive=True)) == 2)

        wait_for(ready)
        return engine.children()[0]

    def end(self) -> None:
        for one in self.begun:
            if one.is_running():
                one.kill()
        for descriptor in self._status:
            os.close(descriptor)


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    made: list[Place] = []

    def make(name: str) -> Place:
        made.append(Place(tmp_path / name))
        return made[-1]

    yield make
    for place in made:
        place.end()


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    async def wait() -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  other processes set no event of ours
                await asyncio.sleep(0.02)

    asyncio.run(wait())


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_sandbox_that_waits_for_its_dead_engine_is_ended(make_place: Callable[[str], Place]) -> None:
    place = make_place("one")
    orphan = place.orphan_that_waits()
    assert alive(orphan)
    assert asyncio.run(BubblewrapSandbox(folder=place.folder).clear_leftovers()) == 1
    wait_for(lambda: not alive(orphan))
    assert list(place.folder.iterdir()) == []


def test_what_goes_on_in_a_sandbox_without_its_engine_is_ended(make_place: Callable[[str], Place]) -> None:
    place = make_place("one")
    orphan = place.orphan_that_works()
    inner = orphan.children()
    assert inner
    assert asyncio.run(BubblewrapSandbox(folder=place.folder).clear_leftovers()) >= 1
    wait_for(lambda: not any(map(alive, (orphan, *inner))))


def test_other_folders_sandboxes_and_other_programs_are_left_alone(make_place: Callable[[str], Place]) -> None:
    other = make_place("other").orphan_that_waits()
    mine = make_place("one")
    mine.orphan_that_waits()
    shown = next(mine.folder.glob("etc-*"))
    bystander = subprocess.Popen(["tail", "-f", str(shown / "passwd")], stdout=subprocess.DEVNULL)
    try:
        assert asyncio.run(BubblewrapSandbox(folder=mine.folder).clear_leftovers()) == 1
        assert alive(other)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_the_own_sandboxes_are_not_leftovers(make_place: Callable[[str], Place], tmp_path: Path) -> None:
    place = make_place("one")
    sandbox = BubblewrapSandbox(folder=place.folder)
    sandbox._etc.made()
    orphan = place.orphan_that_waits()
    assert asyncio.run(sandbox.clear_leftovers()) == 1
    assert not alive(orphan)
    assert sandbox._etc.made()[0].is_dir()


def test_a_runner_that_starts_ends_what_the_last_one_left(make_place: Callable[[str], Place], tmp_path: Path) -> None:
    place = make_place("one")
    orphan = place.orphan_that_waits()
    shown = next(place.folder.glob("etc-*"))
    token = tmp_path / "token"
    token.write_text("t")
    arguments = ["--hub", "127.0.0.1:1", "--state-dir", str(tmp_path / "one"), "--token-file", str(token)]
    runner = subprocess.Popen([sys.executable, "-m", "draftsmith.bootstrap.runner", *arguments])
    try:
        wait_for(lambda: not alive(orphan))
        wait_for(lambda: not shown.exists())
    finally:
        runner.kill()
        runner.wait()
