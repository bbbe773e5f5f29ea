"""What each sandbox adds: `true`, and a pytest run of 1,000 tests, beside the bare process; and a command in a kept
container beside a new `docker run`.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from bench.method import Line, in_turns
from bench.steps import clean_environment
from draftsmith.ports.sandbox import Command, MountedRoot, Sandbox
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.containers.docker import DockerSandbox
from draftsmith.sandbox.containers.image import REPOSITORY
from draftsmith.sandbox.unconfined import UnconfinedSandbox
from harness.docker_engine import NoEngine, shared_engine

CALLS = 10
TESTS, FILES = 1_000, 20
PYTEST_BAR, WARM_BAR = 1.15, 1 / 3
PACKAGES = ("py", "_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments")
PYTEST = "PYTHONPATH={deps} /usr/bin/python3 -m pytest -q -p no:cacheprovider tests"


class Project:
    """A workspace with its draft. pytest is a dependency folder of it, so that every sandbox shows it."""

    def __init__(self, place: Path) -> None:
        self.workspace, self.draft, self.outputs = place / "project", place / "draft", place / "outputs"
        self.deps = self.workspace / "deps"
        for folder in (self.workspace, self.draft, self.outputs, self.deps, self.draft / "tests"):
            folder.mkdir()
        for name in PACKAGES:
            found = importlib.util.find_spec(name)
            if found is None or found.origin is None:
                raise RuntimeError(f"{name} is not installed in this environment")
            origin = Path(found.origin)
            if origin.name == "__init__.py":
                shutil.copytree(origin.parent, self.deps / name)
            else:
                shutil.copy(origin, self.deps)
        for number in range(FILES):
            tests = (f"def test_{one}(): assert {one} + 1 == {one + 1}\n" for one in range(TESTS // FILES))
            (self.draft / "tests" / f"test_part{number}.py").write_text("".join(tests), encoding="utf-8")
        self.environment = clean_environment(place) | {"PYTHONDONTWRITEBYTECODE": "1"}
        # What one run compiles another would find: all of them find it compiled.
        subprocess.run(["/usr/bin/python3", "-m", "compileall", "-q", str(self.deps)], check=True)

    def command(self, run: str) -> Command:
        root = MountedRoot(workspace_path=self.workspace, draft_path=self.draft, dependency_folders=(self.deps,))
        return Command(
            run=run,
            cwd=self.workspace,
            roots=(root,),
            output_dir=self.outputs,
            output_id="bench",
            time_limit_seconds=300,
        )

    async def confined(self, sandbox: Sandbox, run: str, calls: int) -> float:
        """Milliseconds, the mean of `calls`."""
        spent: list[float] = []
        for _ in range(calls):
            begun = time.perf_counter()
            result = await sandbox.run(self.command(run))
            spent.append((time.perf_counter() - begun) * 1000)
            if result.exit_code != 0:
                raise RuntimeError(f"{run!r} ended with {result.exit_code}: {result.stdout.head}{result.stderr.head}")
        return statistics.mean(spent)

    async def bare(self, run: str, calls: int) -> float:
        spent: list[float] = []
        for _ in range(calls):
            begun = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                *("/bin/bash", "-c", run),
                cwd=self.draft,
                env=self.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            output, _ = await process.communicate()
            spent.append((time.perf_counter() - begun) * 1000)
            if process.returncode != 0:
                raise RuntimeError(f"{run!r} ended with {process.returncode}: {output.decode()[-500:]}")
        return statistics.mean(spent)


async def measure() -> list[Line]:
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="ds-bench-"))
        try:
            address = stack.enter_context(shared_engine())
        except NoEngine as missing:
            raise RuntimeError(str(missing)) from missing
        project = Project(Path(name).resolve())
        environ = {**os.environ, "DOCKER_HOST": address}
        lines: list[Line] = []
        async with _opened(environ) as sandboxes:
            for adapter, sandbox in sandboxes.items():
                lines += await _beside_bare(adapter, sandbox, project)
            lines.append(await _warm_beside_cold(sandboxes["Docker"], project, address))
        return lines


@contextlib.asynccontextmanager
async def _opened(environ: dict[str, str]) -> AsyncIterator[dict[str, Sandbox]]:
    docker = DockerSandbox(environ=environ)
    made: dict[str, Sandbox] = {"bubblewrap": BubblewrapSandbox(), "Docker": docker, "no sandbox": UnconfinedSandbox()}
    try:
        yield made
    finally:
        for sandbox in made.values():
            await sandbox.stand_down()
        await docker.close()


async def _beside_bare(adapter: str, sandbox: Sandbox, project: Project) -> list[Line]:
    lines: list[Line] = []
    suite = PYTEST.format(deps=project.deps)
    for what, run, calls, bar in (
        ("true", "true", CALLS, None),
        (f"pytest, {TESTS:,} tests", suite, 1, PYTEST_BAR if adapter == "bubblewrap" else None),
    ):
        # Its container is made once for a session, before the first command.
        await project.confined(sandbox, run, 1)
        ours, theirs, ratio = await in_turns(
            _counted(project.confined, sandbox, run, calls), _counted(project.bare, run, calls)
        )
        name = f"{what}: {adapter}"
        lines.append(Line(what=name, unit="ms", ours=ours, peer="bare process", theirs=theirs, ratio=ratio, bar=bar))
    return lines


def _counted(function: Callable[..., Awaitable[float]], *arguments: object) -> Callable[[], Awaitable[float]]:
    return lambda: function(*arguments)


async def _warm_beside_cold(sandbox: Sandbox, project: Project, address: str) -> Line:
    images = subprocess.run(
        ["docker", "--host", address, "images", "--format", "{{.Repository}}:{{.Tag}}", REPOSITORY],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    async def cold() -> float:
        spent: list[float] = []
        for _ in range(CALLS // 3):
            begun = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                *("docker", "--host", address, "run", "--rm", "--network", "none", "--read-only"),
                *("--volume", "/usr:/usr:ro", images[0], "/bin/true"),
                stderr=asyncio.subprocess.PIPE,
            )
            _, said = await process.communicate()
            spent.append((time.perf_counter() - begun) * 1000)
            if process.returncode != 0:
                raise RuntimeError(f"docker run: {said.decode()[-500:]}")
        return statistics.mean(spent)

    ours, theirs, ratio = await in_turns(_counted(project.confined, sandbox, "true", CALLS), cold)
    return Line(
        what="command in a kept container",
        unit="ms",
        ours=ours,
        peer="docker run",
        theirs=theirs,
        ratio=ratio,
        bar=WARM_BAR,
    )
