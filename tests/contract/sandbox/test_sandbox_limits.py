"""What a command may use: every limit holds, is told apart, and leaves the machine usable."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from tests.contract.sandboxes import Site, marked

from draftsmith.ports.sandbox import CommandResult, Limits, Usage

MEGABYTE = 1 << 20
PYTHON = "/usr/bin/python3"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def ends(site: Site, run: str | tuple[str, ...], limits: Limits, **fields: object) -> CommandResult:
    result = await site.run(run, limits=limits, time_limit_seconds=100, **fields)
    assert not marked(str(site.draft))
    return result


async def test_a_memory_bomb_is_stopped(site: Site) -> None:
    code = "held = []\nwhile True: held.append(bytearray(8 << 20))"
    result = await ends(site, (PYTHON, "-c", code), Limits(memory_bytes=300 * MEGABYTE))
    assert (result.stopped_by, result.exit_code) == ("memory", None)


async def test_memory_is_that_of_all_processes_together(site: Site) -> None:
    line = f"for n in 1 2 3 4; do {PYTHON} -c 'x = bytearray(90 << 20); input()' < <(sleep 99) & done; wait"
    assert (await ends(site, line, Limits(memory_bytes=300 * MEGABYTE))).stopped_by == "memory"


async def test_pages_that_processes_share_count_once(site: Site) -> None:
    code = (
        "import os, time\nx = bytearray(150 << 20)\n"
        "for _ in range(3):\n  if os.fork() == 0: time.sleep(1.5); os._exit(0)\n"
        "time.sleep(1.5)\nfor _ in range(3): os.wait()\nprint('fine')"
    )
    result = await ends(site, (PYTHON, "-c", code), Limits(memory_bytes=400 * MEGABYTE))
    assert (result.stopped_by, result.stdout.head) == (None, "fine\n")


async def test_what_is_put_into_private_places_is_memory(site: Site) -> None:
    line = "head -c 400M /dev/zero > /tmp/x; sleep 60"
    assert (await ends(site, line, Limits(memory_bytes=300 * MEGABYTE))).stopped_by == "memory"


async def test_a_fork_bomb_is_contained_and_the_machine_stays_usable(site: Site) -> None:
    bomb = asyncio.create_task(ends(site, "f() { f | f & f | f & }; f; sleep 60", Limits(processes=300)))
    folder = site.outputs.parent / "other"
    folder.mkdir()
    other = Site(folder)
    while not bomb.done():
        begun = time.monotonic()
        assert (await other.run("echo usable")).stdout.head == "usable\n"
        assert time.monotonic() - begun < 60
    result = await bomb
    assert result.stopped_by == "processes" or "Resource temporarily unavailable" in result.stderr.head


async def test_threads_count_as_processes(site: Site) -> None:
    code = (
        "import threading, time\n"
        "for _ in range(400): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "time.sleep(60)"
    )
    result = await ends(site, (PYTHON, "-c", code), Limits(processes=300))
    assert result.stopped_by == "processes" or "can't start new thread" in result.stderr.head


async def test_cpu_time_is_that_of_all_processes_together(site: Site) -> None:
    result = await ends(site, "for n in 1 2 3; do (while :; do :; done) & done; wait", Limits(cpu_seconds=1.0))
    assert result.stopped_by == "cpu"
    assert result.cpu_seconds >= 1.0


async def test_cpu_time_of_processes_that_have_ended_counts(site: Site) -> None:
    line = f"while :; do {PYTHON} -c 'sum(range(3_000_000))'; done"
    assert (await ends(site, line, Limits(cpu_seconds=1.5))).stopped_by == "cpu"


async def test_bytes_written_to_the_draft_are_limited(site: Site) -> None:
    line = "n=0; while :; do n=$((n+1)); head -c 20M /dev/zero > file$n; sleep 0.05; done"
    result = await ends(site, line, Limits(disk_bytes=100 * MEGABYTE))
    assert result.stopped_by == "disk"


async def test_one_file_cannot_become_larger_than_the_limit(site: Site) -> None:
    result = await ends(site, "head -c 200M /dev/zero > large; ls -l large", Limits(disk_bytes=50 * MEGABYTE))
    assert (site.draft / "large").stat().st_size <= 50 * MEGABYTE
    assert result.stopped_by == "disk" or "File size limit exceeded" in result.stderr.head + result.stdout.head


async def test_open_files_are_limited(site: Site) -> None:
    code = "held = []\nfor n in range(500): held.append(open('/dev/null'))"
    result = await ends(site, (PYTHON, "-c", code), Limits(open_files=100))
    assert result.exit_code == 1
    assert "Too many open files" in result.stderr.head


async def test_what_is_inherited_cannot_be_raised_again(site: Site) -> None:
    result = await ends(site, "ulimit -n 1000", Limits(open_files=100))
    assert result.exit_code != 0


@pytest.mark.parametrize("standing", [False, True])
async def test_limits_hold_in_a_sandbox_that_stood_before(site: Site, standing: bool) -> None:
    if standing:
        site.sandbox.stand_by(site.command("true").roots)
    result = await site.run("ulimit -n; ulimit -c", limits=Limits(open_files=123))
    await site.sandbox.stand_down()
    assert result.stdout.head == "123\n0\n"


async def test_what_the_usual_limits_allow_is_plenty(site: Site) -> None:
    line = (
        "for n in $(seq 200); do sleep 0.4 & done; wait; head -c 300M /dev/zero > f; rm f;"
        f" {PYTHON} -c 'x = bytearray(300 << 20); y = [open(\"/dev/null\") for _ in range(900)]'; echo fine"
    )
    assert (await site.run(line)).stdout.head == "fine\n"


# --- usage ---


async def test_usage_is_told_while_a_command_runs(site: Site) -> None:
    told: list[Usage] = []
    code = "x = bytearray(120 << 20)\nimport time\nuntil = time.time() + 3\nwhile time.time() < until: pass"
    command = site.command((PYTHON, "-c", code))
    result = await site.sandbox.run(command, on_usage=told.append)
    assert len(told) >= 2
    assert told[-1].cpu_seconds > told[0].cpu_seconds > 0
    assert (told[-1].peak_memory_bytes or 0) > 120 * MEGABYTE
    assert (result.peak_memory_bytes or 0) > 120 * MEGABYTE
    assert result.cpu_seconds >= told[-1].cpu_seconds


async def test_a_command_that_ends_at_once_has_a_usage_too(site: Site) -> None:
    told: list[Usage] = []
    line = "head -c 20M /dev/urandom > file; sync file"
    result = await site.sandbox.run(site.command(line), on_usage=told.append)
    assert told == []
    assert result.cpu_seconds > 0
    assert (result.written_bytes or 0) >= 20 * MEGABYTE
