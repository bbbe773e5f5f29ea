"""Files replaced whole, private, and reached without following links."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import (
    disk_error,
    is_temporary,
    make_private_folder,
    open_beneath,
    open_folder,
    open_plain,
    prepare,
    read_all,
    read_file,
    replace_file,
)
from draftsmith.platform.locks import hold_lock


def test_a_replaced_file_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    replace_file(path, b"one")
    replace_file(path, b"two" * 1_000_000)
    assert path.read_bytes() == b"two" * 1_000_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "link").symlink_to(target)
    replace_file(tmp_path / "link", b"new")
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "link").is_symlink()


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(AdapterError) as caught:
        replace_file(tmp_path / "f", b"x")
    assert caught.value.code == "disk_failed"
    assert list(tmp_path.iterdir()) == [tmp_path / "f"]


def test_private_folders_are_made_closed_and_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    make_private_folder(tmp_path / "shared")
    make_private_folder(tmp_path / "b" / "c")
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o1777
    assert stat.S_IMODE((tmp_path / "b" / "c").stat().st_mode) == 0o700


def test_links_and_fifos_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to("f")
    os.mkfifo(tmp_path / "fifo")
    for name, codes in (("link", {errno.ELOOP}), ("fifo", {errno.EINVAL}), (".", {errno.EINVAL})):
        with pytest.raises(OSError, match=r".") as caught:
            open_plain(tmp_path / name)
        assert caught.value.errno in codes, name
    assert read_file(tmp_path / "f") == b"x"


def test_folders_are_reached_by_plain_names_only(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "out").symlink_to("/")
    root = open_folder(tmp_path)
    try:
        os.close(open_beneath(root, [b"a", b"b"]))
        for parts in ([b"a", b"out"], [b".."], [b"a", b"..", b".."], [b"a/b"], [b""], [b"."]):
            with pytest.raises(OSError, match=r"."):
                open_beneath(root, parts)
        os.close(open_beneath(root, [b"new", b"deep"], create=True))
    finally:
        os.close(root)
    assert (tmp_path / "new" / "deep").is_dir()


def test_a_place_that_is_taken_is_not_taken_over(tmp_path: Path) -> None:
    root = open_folder(tmp_path)
    try:
        ready = prepare(root, b"f", b"ours", mode=0o644)
        (tmp_path / "f").write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            ready.commit_new()
        ready.discard()
        (tmp_path / "f").unlink()
        prepare(root, b"f", b"ours", mode=0o644).commit_new()
    finally:
        os.close(root)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"f": b"ours"}


@pytest.mark.parametrize("size", [0, 1, 10, 70_000, 3_000_000])
@pytest.mark.parametrize("off", [-5, -1, 0, 1, 5])
def test_everything_is_read_whatever_size_was_expected(tmp_path: Path, size: int, off: int) -> None:
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)
    handle = open_plain(tmp_path / "f")
    try:
        expected = max(0, size + off)
        read = read_all(handle, expected)
    finally:
        os.close(handle)
    assert read == content


def test_our_own_unfinished_files_are_known_by_name(tmp_path: Path) -> None:
    root = open_folder(tmp_path)
    try:
        assert is_temporary(prepare(root, b"f", b"x", mode=0o600).temporary)
        assert is_temporary(prepare(root, b"f", b"x", mode=0o600, steady=True).temporary)
    finally:
        os.close(root)
    assert not is_temporary(b".draftsmith-notes.txt")


FAILURES = [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "disk_failed")]


@pytest.mark.parametrize(("number", "code"), FAILURES)
def test_errors_of_the_disk_are_named(number: int, code: str) -> None:
    failure = disk_error("writing", OSError(number, "x"))
    assert failure.code == code
    assert failure.remedy


def test_shared_locks_go_together_and_exclusive_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with hold_lock(path, exclusive=False, timeout=1), hold_lock(path, exclusive=False, timeout=1):
        with pytest.raises(AdapterError) as caught, hold_lock(path, exclusive=True, timeout=0.05):
            pass
        assert caught.value.code == "file_locked"
    with hold_lock(path, exclusive=True, timeout=1):
        seen: list[str] = []

        def other() -> None:
            with hold_lock(path, exclusive=False, timeout=5):
                seen.append("in")

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.05)
        assert seen == []
    thread.join()
    assert seen == ["in"]


HOLD = """
import sys, time
from pathlib import Path
from draftsmith.platform.locks import hold_lock
with hold_lock(Path(sys.argv[1]), exclusive=True, timeout=5):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_holder_frees_its_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(AdapterError), hold_lock(tmp_path / "lock", exclusive=True, timeout=0.05):
            pass
        process.kill()
    with hold_lock(tmp_path / "lock", exclusive=True, timeout=5):
        pass
