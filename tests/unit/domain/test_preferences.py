"""Preferences of the screens: the fold is the last word on each name, within bounds, and only JSON is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.preferences import (
    MAX_PREFERENCES,
    MAX_VALUE,
    ScreenPreferenceKept,
    ScreenPreferences,
    decide_preference,
    evolve_preferences,
)

NAMES = st.sampled_from(("theme", "prompt.history", "review.split", "a", "Zz"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
WISHES = st.lists(st.tuples(NAMES, st.none() | JSON.map(json.dumps)), max_size=30)


def wish(name: str, value: str | None) -> ScreenPreferenceKept:
    return ScreenPreferenceKept(name=name, value=value)


def kept(state: ScreenPreferences, name: str, value: str | None) -> ScreenPreferences:
    for event in decide_preference(state, wish(name, value)):
        state = evolve_preferences(state, event)
    return state


def refusal(state: ScreenPreferences, name: str, value: str | None) -> str:
    with pytest.raises(IllegalCommand) as caught:
        decide_preference(state, wish(name, value))
    assert caught.value.code == "bad_preference"
    return str(caught.value)


@given(WISHES)
def test_what_was_said_last_of_a_name_counts_and_other_names_stay(wishes: list[tuple[str, str | None]]) -> None:
    state = ScreenPreferences()
    wanted: dict[str, str] = {}
    for name, value in wishes:
        before = state
        state = kept(state, name, value)
        wanted.pop(name, None)
        if value is not None:
            wanted[name] = value
        assert dict(state.values) == wanted
        assert (state.version == before.version) == (before.values.get(name) == value)


@given(WISHES)
def test_a_log_folds_to_the_same_as_it_grew_to(wishes: list[tuple[str, str | None]]) -> None:
    state, log = ScreenPreferences(), list[ScreenPreferenceKept]()
    for name, value in wishes:
        for event in decide_preference(state, wish(name, value)):
            log.append(event)
            state = evolve_preferences(state, event)
    folded = ScreenPreferences()
    for event in log:
        folded = evolve_preferences(folded, event)
    assert (dict(folded.values), folded.version) == (dict(state.values), len(log))


@given(st.text(max_size=20))
def test_any_text_is_kept_as_json_that_browsers_read_or_refused(value: str) -> None:
    try:
        state = kept(ScreenPreferences(), "theme", value)
    except IllegalCommand:
        return
    json.loads(state.values["theme"], parse_constant=pytest.fail)


@pytest.mark.parametrize("value", ["", "{", "'a'", "NaN", "[Infinity]", "-Infinity", "[" * 50_000, '{"a":' * 10_000])
def test_what_is_not_json_or_too_deep_is_refused(value: str) -> None:
    assert "not JSON" in refusal(ScreenPreferences(), "theme", value)


@pytest.mark.parametrize("name", ["", ".a", "a b", "a1", "é", "a/b", "a" * 61, "a\n"])
def test_a_name_of_other_than_letters_and_dots_is_refused_also_when_it_is_to_go(name: str) -> None:
    assert "no name of a preference" in refusal(ScreenPreferences(), name, "1")
    assert "no name of a preference" in refusal(ScreenPreferences(), name, None)


def test_bounds_hold_to_the_last_character_and_to_the_last_name() -> None:
    longest = json.dumps("x" * (MAX_VALUE - 2))
    assert kept(ScreenPreferences(), "theme", longest).values["theme"] == longest
    assert "at most" in refusal(ScreenPreferences(), "theme", longest[:-1] + 'x"')
    state = ScreenPreferences()
    names = [f"{chr(97 + number // 26)}.{chr(97 + number % 26)}" for number in range(MAX_PREFERENCES + 1)]
    for name in names[:-1]:
        state = kept(state, name, "1")
    assert "that is the limit" in refusal(state, names[-1], "1")
    # What is there can still change, and make room.
    assert kept(state, names[0], "2").values[names[0]] == "2"
    assert names[-1] in kept(kept(state, names[0], None), names[-1], "1").values
