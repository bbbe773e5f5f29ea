"""One attempt made in a sandbox, or by the bare process: what it wrote, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace

import psutil

from draftsmith.ports.sandbox import Command, CommandResult, Limits, Sandbox
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.containers.docker import DockerSandbox
from harness.docker_engine import shared_engine
from reliability.escape.attempt import Attempt
from reliability.escape.ground import Ground, marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An attempt that was made. `text` is everything that it wrote."""

    mark: str
    text: str
    stopped_by: str | None = None


class Engine:
    """A sandbox on the ground, called from tests that are no coroutines: one loop for all of them."""

    def __init__(self, name: str, ground: Ground, runner: asyncio.Runner, sandbox: Sandbox) -> None:
        self.name = name
        self._ground = ground
        self._runner = runner
        self._sandbox = sandbox

    def make(self, attempt: Attempt) -> Made:
        mark = self._ground.next_mark()
        result = self._runner.run(self._sandbox.run(command_of(attempt, self._ground, mark)))
        return Made(mark=mark, text=_text(result), stopped_by=result.stopped_by)


def command_of(attempt: Attempt, ground: Ground, mark: str, more: dict[str, str] | None = None) -> Command:
    """The attempt as a command in the ground's draft; `more` are variables that it is told, too."""
    limits = replace(Limits(), **{name: int(value) for name, value in attempt.limits.items()})
    return Command(
        run=attempt.program,
        cwd=ground.workspace,
        roots=(ground.root,),
        output_dir=ground.folder / "outputs",
        output_id=mark,
        env=tuple({**variables_of(ground, mark), **(more or {})}.items()),
        time_limit_seconds=attempt.seconds,
        limits=limits,
        network_hosts=attempt.hosts,
    )


@contextlib.contextmanager
def opened(name: str, ground: Ground, runner: asyncio.Runner) -> Iterator[Engine]:
    """The sandbox of that name, for as many attempts as one likes."""
    # Not the folder of the runner that the hub has started: it ends what it finds there.
    folder = ground.folder / "sandboxes"
    if name == "bubblewrap":
        yield Engine(name, ground, runner, BubblewrapSandbox(environ=ground.environ, folder=folder))
        return
    with shared_engine() as address:
        sandbox = DockerSandbox(environ={**ground.environ, "DOCKER_HOST": address}, folder=folder / "docker")
        try:
            yield Engine(name, ground, runner, sandbox)
        finally:
            runner.run(sandbox.close())


def make_unconfined(attempt: Attempt, ground: Ground) -> Made:
    """The same program as a plain process in the workspace; what it leaves running is for the caller to see."""
    mark = ground.next_mark()
    environ = {**ground.environ, **variables_of(ground, mark)}
    program = attempt.program
    with subprocess.Popen(
        ["/bin/bash", "-c", program] if isinstance(program, str) else list(program),
        cwd=ground.workspace,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,
        start_new_session=True,
    ) as process:
        try:
            output = process.communicate(timeout=attempt.seconds)[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return Made(mark=mark, text=output.decode("utf-8", "replace"))


def end_marked(mark: str) -> None:
    """What outlived its command, which is what some attempts are for."""
    for each in marked(mark):
        for process in (*each.children(recursive=True), each):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                process.wait(5)


def variables_of(ground: Ground, mark: str) -> dict[str, str]:
    return {**ground.variables, "MARK": mark, "PROBE": str(ground.workspace / "probe")}


def _text(result: CommandResult) -> str:
    parts = (result.stdout.head, result.stdout.tail, result.stderr.head, result.stderr.tail)
    return "\n".join((*parts, *result.notes, f"exit code {result.exit_code}"))
