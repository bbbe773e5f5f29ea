"""The unconfined adapter of the sandbox port: what it keeps without confining anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.contract.sandboxes import Site, marked, unconfined, until

from draftsmith.ports.sandbox import Limits, TerminalSize


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, unconfined())


async def test_a_command_runs_in_the_drafts_folder_and_says_that_nothing_held_it(site: Site) -> None:
    (site.draft / "sub").mkdir()
    result = await site.run("pwd; echo x > made", cwd=site.workspace / "sub")
    assert result.stdout.head == f"{site.draft}/sub\n"
    assert (site.draft / "sub" / "made").exists()
    assert result.notes[0].startswith("It ran unconfined, with your rights")


async def test_what_left_its_parents_ends_with_the_command(site: Site) -> None:
    assert (await site.run("(setsid sleep 4811 &); (setsid sh -c 'sleep 4811 & sleep 4811' &); echo up")).exit_code == 0
    await until(lambda: not marked("sleep 4811"))


async def test_limits_are_watched(site: Site) -> None:
    busy = await site.run("while :; do :; done", limits=Limits(cpu_seconds=0.5), time_limit_seconds=60)
    assert busy.stopped_by == "cpu"
    code = "x = bytearray(400 << 20); input()"
    large = await site.run(
        f"/usr/bin/python3 -c '{code}' < <(sleep 60)", limits=Limits(memory_bytes=200 << 20), time_limit_seconds=60
    )
    assert large.stopped_by == "memory"


async def test_a_terminal_is_the_commands_own(site: Site) -> None:
    result = await site.run("tty; stty size; echo $TERM", terminal=TerminalSize(rows=33, columns=77))
    lines = result.stdout.head.split("\r\n")
    assert lines[0].startswith("/dev/pts/")
    assert lines[1:3] == ["33 77", "xterm-256color"]


async def test_a_started_command_is_typed_to_and_stopped(site: Site) -> None:
    started = await site.sandbox.start(site.command("read -r x; echo got $x; sleep 4812"), keep_input_open=True)
    await started.write(b"this\n")
    assert await started.until(seconds=60, line="got this") == "line"
    assert site.sandbox.running(site.command("x").roots) == (started,)
    assert (await started.stop()).stopped_by == "cancelled"
    await site.sandbox.end()
    await until(lambda: not marked("sleep 4812"))
    assert site.sandbox.running(site.command("x").roots) == ()


async def test_cancelling_the_task_leaves_no_process(site: Site) -> None:
    begun = asyncio.Event()
    command = site.command("echo up; (setsid sleep 4813 &); sleep 4813")
    running = asyncio.create_task(site.sandbox.run(command, on_output=lambda *_: begun.set()))
    await asyncio.wait_for(begun.wait(), 60)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: not marked("sleep 4813"))
