"""What confining a command costs: the same command in the sandbox and in a plain shell. No bar; it is a part of a step
that the peer of `steps` has not, and tells how much of our own time it is.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bench.method import Line, in_turns
from bench.steps import clean_environment, command_of, lay_out
from draftsmith.ports.sandbox import Command, MountedRoot
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox

CALLS = 20


class Confined:
    """One workspace whose draft is the folder beside it."""

    def __init__(self, place: Path) -> None:
        self._workspace, self._draft, self._outputs = place / "project", place / "draft", place / "outputs"
        for folder in (self._workspace, self._draft, self._outputs):
            folder.mkdir()
        lay_out(self._draft)
        self._sandbox = BubblewrapSandbox()
        self._environment = clean_environment(place)

    async def confined(self) -> float:
        """Milliseconds of one command, the mean of `CALLS`."""
        root = MountedRoot(workspace_path=self._workspace, draft_path=self._draft, dependency_folders=())
        spent: list[float] = []
        for number in range(CALLS):
            command = Command(
                run=command_of(number),
                cwd=self._workspace,
                roots=(root,),
                output_dir=self._outputs,
                output_id="bench",
                time_limit_seconds=30,
            )
            begun = time.perf_counter()
            result = await self._sandbox.run(command)
            spent.append((time.perf_counter() - begun) * 1000)
            if result.exit_code != 0:
                raise RuntimeError(f"The sandboxed command ended with {result.exit_code}: {result.stderr.head}")
        return statistics.mean(spent)

    async def plain(self) -> float:
        spent: list[float] = []
        for number in range(CALLS):
            begun = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                "/bin/bash",
                "-c",
                command_of(number),
                cwd=self._draft,
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            await process.communicate()
            spent.append((time.perf_counter() - begun) * 1000)
        return statistics.mean(spent)


async def measure() -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="ds-bench-") as name:
        subject = Confined(Path(name).resolve())
        ours, theirs, ratio = await in_turns(subject.confined, subject.plain)
    return [Line(what="command in the sandbox", unit="ms", ours=ours, peer="in a shell", theirs=theirs, ratio=ratio)]
