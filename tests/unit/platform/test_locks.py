"""The lock that only one process has: who holds it is known, and death gives it back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from draftsmith.platform import locks
from draftsmith.platform.locks import FileLock, Held, Holder

HOLD = """
import sys
from pathlib import Path
from draftsmith.platform.locks import FileLock
print(FileLock(Path(sys.argv[1])).acquire(version="7.7.7"), flush=True)
lock = FileLock(Path(sys.argv[2]))
print(lock.acquire(version="7.7.7"), flush=True)
sys.stdin.readline()
"""


def start_holder(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, path.with_suffix(".other"), path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "Held()\n"
    assert child.stdout.readline() == "Held()\n"
    return child


def test_second_one_learns_who_holds_it_and_gets_it_after_release(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire(version="1.2.3") == Held()
    assert first.acquire(version="1.2.3") == Held()
    assert second.acquire(version="1.3.0") == Holder(pid=os.getpid(), version="1.2.3")
    assert not second.held
    first.release()
    first.release()
    assert second.acquire(version="1.3.0") == Held()
    assert first.acquire(version="1.2.3") == Holder(pid=os.getpid(), version="1.3.0")
    second.release()


def test_killed_holder_leaves_no_stale_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with start_holder(lock.path) as child:
        assert lock.acquire(version="1.0.0") == Holder(pid=child.pid, version="7.7.7")
        child.kill()
    assert "7.7.7" in lock.path.read_text()
    assert lock.acquire(version="1.0.0") == Held()
    assert "7.7.7" not in lock.path.read_text()
    lock.release()


def test_program_started_by_the_holder_does_not_keep_the_lock(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire(version="1.0.0")
    with subprocess.Popen(["sleep", "30"], close_fds=False) as child:
        lock.release()
        try:
            assert FileLock(lock.path).acquire(version="1.0.0") == Held()
        finally:
            child.kill()


def test_garbage_in_the_file_does_not_matter(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.path.write_bytes(b"\xff[]" * 5000)
    assert first.acquire(version="1.0.0") == Held()
    assert second.acquire(version="1.0.0") == Holder(pid=os.getpid(), version="1.0.0")
    first.path.write_bytes(b"[1]")
    assert second.acquire(version="1.0.0") == Holder(pid=0, version="")
    first.release()


def test_file_removed_under_the_holder_does_not_let_a_later_lock_be_lost(tmp_path: Path) -> None:
    first, second, third = (FileLock(tmp_path / "lock") for _ in range(3))
    first.acquire(version="1.0.0")
    first.path.unlink()
    assert second.acquire(version="2.0.0") == Held()
    first.release()
    assert third.acquire(version="3.0.0") == Holder(pid=os.getpid(), version="2.0.0")
    second.release()


def test_file_removed_between_opening_and_locking_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    real = locks._try_lock

    def remove_then_lock(handle: int) -> bool:
        monkeypatch.undo()
        first.path.unlink()
        return real(handle)

    monkeypatch.setattr(locks, "_try_lock", remove_then_lock)
    assert first.acquire(version="1.0.0") == Held()
    assert second.acquire(version="2.0.0") == Holder(pid=os.getpid(), version="1.0.0")
    first.release()


async def test_waiting_ends_with_the_lock_or_with_the_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.acquire(version="1.0.0")
    assert await second.acquire_within(0.1, version="2.0.0") == Holder(pid=os.getpid(), version="1.0.0")
    waiting = asyncio.create_task(second.acquire_within(30, version="2.0.0"))
    await asyncio.sleep(0.1)
    first.release()
    assert await waiting == Held()
    second.release()
