"""A session of 73 events is killed with `kill -9` at every border of its log and inside of every effect.

Whatever is killed, and wherever: the session ends with the same proposal, nothing is done twice, no money stays
reserved, the user's files hold what they accepted and what they wrote themselves, and nothing of ours is left.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from isolation import short_folder
from reliability.crash import Crash, Ending
from reliability.killing import Kill, Victim
from reliability.sweep import points, report, sweep, undisturbed

SLOW = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def reference() -> Iterator[Ending]:
    """The session that nobody kills."""
    with short_folder("ds-crash-") as folder:
        yield asyncio.run(undisturbed(folder))


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("ds-crash-") as made:
        yield made


def light(place: Path, kills: tuple[Kill, ...], nursery: str) -> Crash:
    return Crash(place, kills, nursery=nursery)


@SLOW
@pytest.mark.parametrize("victim", ["runner", "hub", "both"])
async def test_a_session_killed_at_any_point_ends_as_if_nothing_had_happened(
    victim: Victim, reference: Ending, folder: Path
) -> None:
    assert len(reference.events) >= 30
    bad = await sweep(f"kill-{victim}", folder, points(victim, reference.passed), reference, light)
    assert not bad, report(bad)
