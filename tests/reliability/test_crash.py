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
from reliability.judging import defects
from reliability.killing import Kill, Passed, Victim
from reliability.sweep import EFFECTS, points, report, sweep, undisturbed

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


SAMPLE: tuple[tuple[str, int, Victim], ...] = (
    ("commit.before", 1, "hub"),
    ("commit.after", 4, "both"),
    ("model.answering", 1, "runner"),
    ("model.answering", 3, "hub"),
    ("send.before", 8, "runner"),
    ("command.running", 1, "both"),
    ("command.ended", 1, "runner"),
    ("commit.after", 16, "runner"),
    ("apply.file", 2, "hub"),
    ("apply.prepared", 4, "both"),
)


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


@SLOW
async def test_a_session_killed_a_second_time_while_it_recovers_ends_the_same(reference: Ending, folder: Path) -> None:
    """The second kill strikes the processes that the first one made new, in the first of what they do."""
    chance = random.Random(20_240_229)  # noqa: S311 (a sample, the same in every run)
    working = [one for one in reference.passed if one.place in ("commit.after", *EFFECTS) and not _is_settled(one)]
    tries = [
        (Kill(place=one.place, nth=one.nth, victim=first), Kill(place=place, nth=chance.randint(1, 2), victim=second))
        for one, (first, place, second) in zip(chance.sample(working, 16), 4 * AGAIN, strict=True)
    ]
    bad = await sweep("kill-twice", folder, tries, reference, light)
    assert not bad, report(bad)


AGAIN: tuple[tuple[Victim, str, Victim], ...] = (
    ("runner", "send.before", "runner"),
    ("runner", "send.after", "both"),
    ("hub", "commit.before", "both"),
    ("both", "commit.after", "hub"),
)
"""Who is killed first, and where and who then: a place of a process that the first kill made new."""


def _is_settled(place: Passed) -> bool:
    """Before a runner has joined, and after the proposal, none is at work that could be killed again."""
    return any(kind in place.doing for kind in ("session_started", "base_taken", "proposal_made", "appl"))


@SLOW
async def test_a_key_that_was_lost_with_the_hub_is_asked_for_and_brought_by_the_next_client(
    reference: Ending, folder: Path
) -> None:
    def make(place: Path, kills: tuple[Kill, ...], nursery: str) -> Crash:
        return Crash(place, kills, nursery=nursery, key_when_asked=True)

    nths = (3, 4, 8, 11, 16, 27)  # before the first call, before and after others, and between a plan and its answer
    tries = [(Kill(place="commit.after", nth=nth, victim="hub"),) for nth in nths]
    bad = await sweep("key-lost", folder, tries, reference, make)
    assert not bad, report(bad)


@SLOW
async def test_kills_with_litellm_and_real_prices_end_the_same(folder: Path) -> None:
    def make(place: Path, kills: tuple[Kill, ...], nursery: str) -> Crash:
        return Crash(place, kills, nursery=nursery, model="openai/gpt-4.1")

    # The session that nobody kills, with processes started as usual: the others are forked.
    plain = folder / "plain"
    plain.mkdir()
    reference = await Crash(plain, nursery=None, model="openai/gpt-4.1").run()
    assert reference.ledger.spent_nano_usd > 0
    assert not defects(reference, reference, 0)
    tries = [(Kill(place=place, nth=nth, victim=victim),) for place, nth, victim in SAMPLE]
    bad = await sweep("litellm", folder, tries, reference, make, modules=("litellm",))
    assert not bad, report(bad)


@SLOW
@pytest.mark.parametrize("victim", ["runner", "hub", "both"])
async def test_processes_started_as_usual_are_killed_and_started_again(
    victim: Victim, reference: Ending, folder: Path
) -> None:
    """Not forked: the whole way through the interpreter's start and all imports, as a user has it."""
    kill = Kill(place="command.running", nth=1, victim=victim)
    found = defects(await Crash(folder, (kill,), nursery=None).run(), reference, 1)
    assert not found, found
