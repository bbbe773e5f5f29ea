"""Every case of `cases/`, played against a real hub, runner, sandbox and scripted vendor.

Beyond what a case says, each must leave git alone, show every client the same, keep the key to itself and use up
its script.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.case import read_case
from harness.expectations import check
from harness.hub import HubProcess, running_hub
from harness.play import SECRET, Play, playing
from harness.story import tell
from harness.workspace import read_git
from isolation import short_folder

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


@pytest.fixture(scope="session")
def hub() -> Iterator[HubProcess]:
    """One hub for all cases, as a user has one for all sessions."""
    with short_folder("ds-scenario-") as folder, running_hub(folder / "state") as process:
        yield process


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("ds-work-") as place:
        yield place


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_scenario(path: Path, hub: HubProcess, folder: Path) -> None:
    case = read_case(path)
    async with playing(case, hub, folder) as play:
        await tell(play, case.story)
        await check(play, play.session(), case.expect)
        await check_always(play)


async def check_always(play: Play) -> None:
    """What holds of every session, whatever it does."""
    connection = await play.client()
    assert read_git(play.folder) == play.git_before, "a .git folder of the user was changed"
    for watcher in play.sessions.values():
        await watcher.catch_up(connection)
        assert not await watcher.differences_to_a_newcomer(connection)
        events = await watcher.events(connection)
        failed = [one["body"]["message"] for one in events if one["kind"] == "model_call_failed"]
        assert not [text for text in failed if "exhausted" in text], f"{failed}\n{play.describe()}"
        assert SECRET not in str(events)
    assert play.vendor.script.left == play.case.unused, f"replies left over\n{play.describe()}"
    for stored in (play.hub.state_dir / "hub").rglob("*"):
        if stored.is_file() and stored.suffix in (".db", ".db-wal", ".log"):
            assert SECRET.encode() not in stored.read_bytes(), f"the key is in {stored}"
