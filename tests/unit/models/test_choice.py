"""Which model answers: the user's order, fitness, record and price, keys taking turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import Role
from draftsmith.domain.model_settings import Preference
from draftsmith.models.catalogue import Catalogue, Override
from draftsmith.models.choice import PATIENCE_S, Candidate, Choice, Track, choose
from draftsmith.models.health import FIRST_OPEN_S, OPEN_AFTER, Health
from draftsmith.models.ratelimits import Window
from draftsmith.ports.models import Credential, Needs

STRONG, MIDDLE, SMALL, LOCAL = (
    "anthropic/claude-opus-4-6",
    "anthropic/claude-sonnet-4-6",
    "anthropic/claude-haiku-4-5",
    "ollama/qwen3",
)
CODE = Needs(role="code", input_tokens=20_000, output_tokens=16_000)


def candidate(
    model: str, strength: float = 0.5, *, label: str = "work", catalogue: Catalogue | None = None
) -> Candidate:
    credential = Credential(provider=model.split("/", maxsplit=1)[0], label=label, value="k", origin="the test")
    return Candidate(facts=(catalogue or Catalogue()).facts(model), credential=credential, strength=strength)


ALL = (candidate(STRONG, 0.9), candidate(MIDDLE, 0.8), candidate(SMALL, 0.6), candidate(LOCAL, 0.3))


def taken(
    candidates: Sequence[Candidate] = ALL,
    needs: Needs = CODE,
    *,
    order: Sequence[str] = (),
    preference: Preference = "balanced",
    record: Mapping[tuple[str, Role], Track] | None = None,
    health: Health | None = None,
    now: float = 0.0,
) -> Choice:
    return choose(
        candidates, needs, order=order, preference=preference, record=record or {}, health=health or Health(), now=now
    )


def model_of(choice: Choice) -> str:
    assert choice.taken is not None, choice
    return choice.taken.model


@pytest.mark.parametrize(
    ("preference", "model"), [("best", STRONG), ("balanced", MIDDLE), ("cheap", SMALL), ("local", LOCAL)]
)
def test_the_preference_decides_among_models_without_a_record(preference: Preference, model: str) -> None:
    candidates = (candidate(STRONG, 0.82), candidate(MIDDLE, 0.8), candidate(SMALL, 0.6), candidate(LOCAL, 0.3))
    assert model_of(taken(candidates, preference=preference)) == model


def test_small_jobs_go_to_the_cheapest_that_is_good_enough() -> None:
    assert model_of(taken(needs=replace(CODE, role="quick"), preference="best")) != STRONG


def test_the_record_moves_the_choice_and_is_given_as_the_reason() -> None:
    bad: dict[tuple[str, Role], Track] = {(STRONG, "code"): Track(tried=30, good=9)}
    choice = taken(preference="best", record=bad)
    assert model_of(choice) == MIDDLE
    good: dict[tuple[str, Role], Track] = {(SMALL, "code"): Track(tried=40, good=40)}
    choice = taken(preference="best", record=good)
    assert model_of(choice) == SMALL
    assert "40 of 40" in choice.reason


def test_of_models_that_do_as_well_the_quicker_is_taken_and_its_speed_is_told() -> None:
    slow = Track(tried=20, good=16, reply_s=90.0)
    quick = Track(tried=20, good=16, reply_s=4.0)
    other = candidate("openai_compatible/other", 0.8)
    same = candidate("openai_compatible/same", 0.8)
    record: dict[tuple[str, Role], Track] = {(other.model, "code"): slow, (same.model, "code"): quick}
    for preference in ("best", "balanced", "cheap"):
        choice = taken((other, same), preference=preference, record=record)
        assert model_of(choice) == same.model
        assert "a reply in about 4 s" in choice.reason
    record[same.model, "code"] = replace(quick, good=8)
    assert model_of(taken((other, same), record=record)) == other.model, "speed weighed more than success"


def test_the_users_order_wins_over_everything_else() -> None:
    bad: dict[tuple[str, Role], Track] = {(LOCAL, "code"): Track(tried=100, good=0)}
    assert model_of(taken(order=[LOCAL, STRONG], record=bad, preference="best")) == LOCAL


def test_the_next_of_the_order_answers_when_the_first_cannot() -> None:
    health = Health()
    for _ in range(OPEN_AFTER):
        health.failed(ALL[0].endpoint, "overloaded", 0.0, None)
    choice = taken(order=[STRONG, SMALL], health=health)
    assert model_of(choice) == SMALL
    assert [(one.model, one.free_in_s) for one in choice.passed] == [(STRONG, FIRST_OPEN_S)]
    assert model_of(taken(order=[STRONG, SMALL], health=health, now=FIRST_OPEN_S)) == STRONG


def test_models_outside_of_the_order_are_not_taken_and_missing_ones_are_named() -> None:
    choice = taken(order=["openai/gpt-5.4"])
    assert choice.taken is None
    assert choice.free_in_s is None
    assert choice.passed[-1].model == "openai/gpt-5.4"
    assert "no key" in choice.passed[-1].reason


def test_what_a_model_cannot_do_rules_it_out() -> None:
    blind = Catalogue({SMALL: Override(abilities=(("images", False),))})
    needs = replace(CODE, abilities=frozenset({"images"}))
    choice = taken((candidate(SMALL, 1.0, catalogue=blind), candidate(MIDDLE)), needs)
    assert model_of(choice) == MIDDLE
    assert "images" in choice.passed[0].reason


def test_pictures_go_only_to_models_that_are_known_to_read_them() -> None:
    needs = replace(CODE, abilities=frozenset({"tools", "images"}))
    unknown = candidate("openai_compatible/x", 1.0)
    choice = taken((unknown,), needs)
    assert choice.taken is None
    assert "models facts openai_compatible/x --images" in choice.passed[0].reason
    sighted = Catalogue({unknown.model: Override(abilities=(("images", True),))})
    assert model_of(taken((candidate(unknown.model, catalogue=sighted),), needs)) == unknown.model


def test_a_window_that_is_too_small_rules_a_model_out() -> None:
    assert model_of(taken((candidate(SMALL, 1.0), candidate(MIDDLE)), replace(CODE, input_tokens=190_000))) == MIDDLE


def test_a_budget_needs_a_known_price() -> None:
    unknown = candidate("openai_compatible/x", 1.0)
    assert model_of(taken((unknown, candidate(MIDDLE)), preference="best")) == "openai_compatible/x"
    choice = taken((unknown, candidate(MIDDLE)), replace(CODE, priced=True), preference="best")
    assert model_of(choice) == MIDDLE


def test_keys_of_one_model_take_turns_by_the_allowance_left() -> None:
    health, first, second = Health(), candidate(MIDDLE, label="a"), candidate(MIDDLE, label="b")
    health.observe(first.endpoint, [Window(unit="requests", limit=10, left=2, resets_at=60.0)])
    health.observe(second.endpoint, [Window(unit="requests", limit=10, left=9, resets_at=60.0)])
    choice = taken((first, second), health=health)
    assert choice.taken is not None
    assert choice.taken.credential is not None
    assert choice.taken.credential.label == "b"


def test_a_short_wait_is_better_than_another_model() -> None:
    health = Health()
    health.failed(ALL[0].endpoint, "rate_limit", 0.0, PATIENCE_S)
    assert model_of(taken(order=[STRONG, SMALL], health=health)) == STRONG
    health.failed(ALL[0].endpoint, "rate_limit", 0.0, PATIENCE_S + 1)
    assert model_of(taken(order=[STRONG, SMALL], health=health)) == SMALL


def test_a_failing_endpoint_is_still_tried_when_there_is_no_other() -> None:
    health = Health()
    for _ in range(OPEN_AFTER):
        health.failed(ALL[0].endpoint, "network", 0.0, None)
    choice = taken(ALL[:1], health=health)
    assert model_of(choice) == STRONG
    assert "failed 4 times" in choice.reason


def test_a_refused_key_is_tried_again_only_when_there_is_no_other() -> None:
    health = Health()
    health.failed(ALL[0].endpoint, "auth", 0.0, None)
    assert model_of(taken(ALL[:2], preference="best", health=health)) == MIDDLE
    assert model_of(taken(ALL[:1], health=health)) == STRONG


def test_when_all_must_wait_the_earliest_time_is_told() -> None:
    health = Health()
    health.failed(ALL[0].endpoint, "rate_limit", 0.0, 40.0)
    health.failed(ALL[1].endpoint, "rate_limit", 0.0, 20.0)
    choice = taken(ALL[:2], health=health)
    assert choice.taken is None
    assert choice.free_in_s == 20.0


@given(
    st.permutations(list(ALL)),
    st.sampled_from(["best", "balanced", "cheap", "local"]),
    st.dictionaries(
        st.tuples(st.sampled_from([STRONG, MIDDLE, SMALL, LOCAL]), st.sampled_from(["code", "plan"])),
        st.integers(0, 50).flatmap(lambda tried: st.builds(Track, tried=st.just(tried), good=st.integers(0, tried))),
    ),
)
def test_the_choice_does_not_depend_on_the_order_of_candidates(
    candidates: list[Candidate], preference: Preference, record: Mapping[tuple[str, Role], Track]
) -> None:
    assert model_of(taken(candidates, preference=preference, record=record)) == model_of(
        taken(preference=preference, record=record)
    )
