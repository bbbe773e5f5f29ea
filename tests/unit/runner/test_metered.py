"""Commands are counted while they run and in the sums after it, whatever sandbox they run in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from draftsmith.ports.sandbox import Command, MountedRoot, Usage
from draftsmith.runner.metered import MeteredSandbox
from draftsmith.sandbox.unconfined import UnconfinedSandbox

WAIT_S = 30.0
BUSY = """python3 -c 'import time
held, end = bytearray(40_000_000), time.process_time() + {seconds}
while time.process_time() < end: pass'
"""


def command(folder: Path, run: str) -> Command:
    (folder / "draft").mkdir(exist_ok=True)
    root = MountedRoot(workspace_path=folder / "ws", draft_path=folder / "draft")
    return Command(run=run, cwd=folder / "ws", roots=(root,), output_dir=folder, output_id="o")


async def test_a_short_command_is_in_the_sums(tmp_path: Path) -> None:
    metered = MeteredSandbox(UnconfinedSandbox())
    result = await metered.run(command(tmp_path, BUSY.format(seconds=0.2)))
    assert result.exit_code == 0
    used = metered.use()
    assert (used.commands, used.memory_bytes) == (0, 0)
    assert used.cpu_ms == round(result.cpu_seconds * 1000) >= 200


async def test_a_command_is_seen_while_it_runs_and_its_caller_hears_it_too(tmp_path: Path) -> None:
    metered = MeteredSandbox(UnconfinedSandbox())
    heard: list[Usage] = []
    cancel = asyncio.Event()
    running = asyncio.create_task(
        metered.run(command(tmp_path, BUSY.format(seconds=600)), on_usage=heard.append, cancel=cancel)
    )
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                if metered.use().memory_bytes >= 40_000_000:
                    break
                await asyncio.sleep(0.02)
        during = metered.use()
        assert during.commands == 1
        assert heard
    finally:
        cancel.set()
        result = await running
    after = metered.use()
    assert after.commands == 0
    assert after.cpu_ms == round(result.cpu_seconds * 1000) >= during.cpu_ms


async def test_what_was_started_counts_until_it_ended(tmp_path: Path) -> None:
    metered = MeteredSandbox(UnconfinedSandbox())
    started = await metered.start(command(tmp_path, BUSY.format(seconds=600)))
    assert metered.use().commands == 1
    result = await started.stop()
    assert (metered.use().commands, metered.use().cpu_ms) == (0, round(result.cpu_seconds * 1000))
    await metered.end()
