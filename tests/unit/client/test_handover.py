"""Which version gives way to which, and that nobody is ended by mistake."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from draftsmith import __version__
from draftsmith.client.handover import end_unspoken, lock_holder, older
from draftsmith.domain.errors import UserError
from draftsmith.platform.locks import FileLock
from unit.client.scripted_hub import ScriptedHub

REFUSED = UserError("This hub speaks protocol 7 to 8.", code="protocol_mismatch")


@pytest.mark.parametrize(
    ("version", "than", "gives_way"),
    [
        ("0.1.0", "0.2.0", True),
        ("0.2.0", "0.1.0", False),
        ("0.9.1", "0.10", True),
        ("1.0", "1.0.0", False),
        ("1.0.0", "1.0", False),
        ("1.0.0rc1", "1.0.0", False),
        ("0.9.9+local.7", "1.0", True),
        ("", "0.1", True),
    ],
)
def test_numbers_decide_which_version_is_older(version: str, than: str, gives_way: bool) -> None:
    assert older(version, than) is gives_way


async def test_a_newer_hub_is_never_ended_but_named(tmp_path: Path) -> None:
    endpoint = replace(ScriptedHub().endpoint, application_version="99.1")
    with pytest.raises(UserError) as refused:
        await end_unspoken(tmp_path, endpoint, REFUSED)
    assert refused.value.remedy == "Use Draftsmith 99.1 or newer."


async def test_a_process_that_does_not_hold_the_lock_is_not_taken_for_the_hub(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        endpoint = replace(ScriptedHub().endpoint, application_version="0.0.1", pid=stranger.pid)
        with pytest.raises(UserError, match=f"0.0.1, whose protocol this one .{__version__}. no longer speaks"):
            await end_unspoken(tmp_path, endpoint, REFUSED)
        assert stranger.poll() is None, "a stranger was ended"
        stranger.kill()


def test_the_lock_tells_whether_a_hub_is_there(tmp_path: Path) -> None:
    assert lock_holder(tmp_path) is None
    (tmp_path / "hub").mkdir()
    assert lock_holder(tmp_path) is None
    lock = FileLock(tmp_path / "hub" / "hub.lock")
    lock.acquire(version="1")
    assert lock_holder(tmp_path) is not None
    lock.release()
    assert lock_holder(tmp_path) is None
