"""Memory of an idle hub and runner against bare processes that import the same libraries and do nothing.

The libraries are all modules, the standard library's too, that the process's own modules import when it starts; what
it imports later counts against it. Shared pages count in part (PSS), ours and the peer's alive at the same time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.method import Line, in_turns
from harness.hub import running_hub

BAR = 1.6
SETTLED_SECONDS = 2.0
START_SECONDS = 60.0

_NAMES = """
import sys
before = set(sys.modules)
import {module}
names = [name for name, one in list(sys.modules.items()) if name not in before and one is not None]
print(*(name for name in names if name.partition(".")[0] not in ("draftsmith", "__main__")), sep="\\n")
"""
_BARE = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass  # made up at run time by its package, such as six.moves
print("ready", flush=True)
sys.stdin.read()
"""


def libraries(module: str) -> list[str]:
    """Every module but ours that importing `module` brings, in the order in which they come."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _NAMES.format(module=module)], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


@contextmanager
def bare(names: list[str]) -> Iterator[psutil.Process]:
    """A process that has imported the modules and waits."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _BARE, *names], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.communicate()


def megabytes(process: psutil.Process) -> float:
    """Proportional set size where the system tells it, else resident set size."""
    info = process.memory_full_info()
    return float(getattr(info, "pss", 0) or info.rss) / 1e6


async def _runner_of(hub: psutil.Process) -> psutil.Process:
    async with asyncio.timeout(START_SECONDS):
        while True:
            for child in hub.children(recursive=True):
                if "draftsmith.bootstrap.runner" in " ".join(child.cmdline()):
                    return child
            await asyncio.sleep(0.1)


async def measure() -> list[Line]:
    hub_names, runner_names = libraries("draftsmith.bootstrap.hub"), libraries("draftsmith.bootstrap.runner")
    with (
        tempfile.TemporaryDirectory(prefix="ds-bench-") as name,
        running_hub(Path(name) / "state") as running,
        bare(hub_names) as bare_hub,
        bare(runner_names) as bare_runner,
    ):
        connection = await running.connect("bench")
        hub = psutil.Process(running.endpoint.pid)
        runner = await _runner_of(hub)
        await asyncio.sleep(SETTLED_SECONDS)
        hubs = await in_turns(_reader(hub), _reader(bare_hub))
        runners = await in_turns(_reader(runner), _reader(bare_runner))
        await connection.close()
    return [_line("memory of an idle hub", *hubs), _line("memory of an idle runner", *runners)]


def _reader(process: psutil.Process):
    async def read() -> float:
        return megabytes(process)

    return read


def _line(what: str, ours: float, theirs: float, ratio: float) -> Line:
    return Line(what=what, unit="MB", ours=ours, peer="its imports alone", theirs=theirs, ratio=ratio, bar=BAR)
