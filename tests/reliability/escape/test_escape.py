"""Attempts to get out of the sandbox: each is a real program, and its success would be seen from outside."""

from __future__ import annotations

import re

import pytest

from reliability.escape.attempt import ENGINES, Attempt, attempts
from reliability.escape.engines import Engine, end_marked, make_unconfined
from reliability.escape.ground import Ground

HARMLESS = [each for each in attempts("reading", "writing", "network", "processes") if not each.terminal]
CONTROLS = [each for each in HARMLESS if each.tried_unconfined]


def named(attempt: Attempt) -> str:
    return f"{attempt.group}: {attempt.name}"


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("attempt", HARMLESS, ids=named)
def test_nothing_gets_out(attempt: Attempt, engine: Engine, ground: Ground) -> None:
    ground.lay_out()
    made = engine.make(attempt)
    assert ground.effects(made.mark, made.text) == frozenset(), made.text
    assert re.search(attempt.sign[engine.name], made.text), f"it was not refused as its table says:\n{made.text}"


@pytest.mark.parametrize("attempt", CONTROLS, ids=named)
def test_the_same_program_succeeds_unconfined(attempt: Attempt, ground: Ground) -> None:
    ground.lay_out()
    made = make_unconfined(attempt, ground)
    try:
        assert attempt.effect in ground.effects(made.mark, made.text), made.text
    finally:
        end_marked(made.mark)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("attempt", attempts("resources"), ids=named)
def test_nothing_takes_all_there_is(attempt: Attempt, engine: Engine, ground: Ground) -> None:
    ground.lay_out()
    made = engine.make(attempt)
    assert ground.effects(made.mark, made.text) == frozenset(), made.text
    sign = attempt.sign[engine.name]
    refused = bool(sign) and re.search(sign, made.text) is not None
    assert refused or made.stopped_by in attempt.stopped_by, f"stopped by {made.stopped_by}:\n{made.text[-2000:]}"
    assert ground.draft_bytes() < 600_000_000  # the limit, and what is written between two looks at it
