"""What a user decides about models: set, replaced, taken back; nonsense refused with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.model_settings import (
    MAX_ENDPOINTS,
    Endpoint,
    EndpointAdded,
    EndpointRemoved,
    ModelFactsSet,
    ModelPinned,
    ModelSettings,
    ModelSettingsEvent,
    OwnFacts,
    PreferenceSet,
    RoleOrderSet,
    SpendingLimitSet,
    decide_model_settings,
    evolve_model_settings,
)

HOME = Endpoint(name="home", base_url="http://10.0.0.2:8000/v1", models=("qwen3",))


def after(*events: ModelSettingsEvent) -> ModelSettings:
    state = ModelSettings()
    for event in events:
        for made in decide_model_settings(state, event):
            state = evolve_model_settings(state, made)
    return state


def test_each_setting_is_kept_and_can_be_taken_back() -> None:
    state = after(
        EndpointAdded(endpoint=HOME),
        ModelFactsSet(model="openai_compatible/qwen3", facts=OwnFacts(input_rate=0, output_rate=0)),
        RoleOrderSet(role="code", models=("openai_compatible/qwen3", "openai/gpt-5.4")),
        PreferenceSet(preference="cheap"),
        ModelPinned(model="openai/gpt-5.4", pinned="openai/gpt-5.4-2026-03-05"),
        SpendingLimitSet(scope="day", label="", limit_nano_usd=5 * 10**9),
    )
    assert state.endpoints == (HOME,)
    assert state.order["code"][0] == "openai_compatible/qwen3"
    assert state.limits == {("day", ""): 5 * 10**9}
    assert state.version == 6
    for event in (
        EndpointRemoved(name="home"),
        ModelFactsSet(model="openai_compatible/qwen3", facts=None),
        RoleOrderSet(role="code", models=()),
        PreferenceSet(preference="balanced"),
        ModelPinned(model="openai/gpt-5.4", pinned=None),
        SpendingLimitSet(scope="day", label="", limit_nano_usd=None),
    ):
        (made,) = decide_model_settings(state, event)
        state = evolve_model_settings(state, made)
    assert state == ModelSettings(version=12)


def test_what_is_so_already_makes_no_event() -> None:
    state = after(EndpointAdded(endpoint=HOME), PreferenceSet(preference="best"))
    assert decide_model_settings(state, EndpointAdded(endpoint=HOME)) == ()
    assert decide_model_settings(state, PreferenceSet(preference="best")) == ()
    assert decide_model_settings(state, RoleOrderSet(role="plan", models=())) == ()


def test_an_endpoint_of_the_same_name_is_replaced() -> None:
    moved = Endpoint(name="home", base_url="http://10.0.0.3:8000/v1")
    assert after(EndpointAdded(endpoint=HOME), EndpointAdded(endpoint=moved)).endpoints == (moved,)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (EndpointAdded(endpoint=Endpoint(name="", base_url="http://x")), "name"),
        (EndpointAdded(endpoint=Endpoint(name="a b", base_url="http://x")), "name"),
        (EndpointAdded(endpoint=Endpoint(name="a", base_url="file:///etc/passwd")), "http"),
        (EndpointAdded(endpoint=Endpoint(name="a", base_url="https://user:secret@host/v1")), "password"),
        (EndpointRemoved(name="a"), "no endpoint"),
        (ModelFactsSet(model="gpt", facts=OwnFacts()), "provider/model"),
        (ModelFactsSet(model="a/b", facts=OwnFacts(context_window=0)), "context_window"),
        (ModelFactsSet(model="a/b", facts=OwnFacts(input_rate=-1)), "input_rate"),
        (RoleOrderSet(role="code", models=("a/b", "a/b")), "twice"),
        (RoleOrderSet(role="code", models=("b",)), "provider/model"),
        (ModelPinned(model="a/b", pinned="c"), "provider/model"),
        (SpendingLimitSet(scope="day", label="", limit_nano_usd=-1), "negative"),
        (SpendingLimitSet(scope="key", label="", limit_nano_usd=1), "names the key"),
        (SpendingLimitSet(scope="month", label="work", limit_nano_usd=1), "does not"),
    ],
)
def test_nonsense_is_refused_with_the_reason(event: ModelSettingsEvent, reason: str) -> None:
    with pytest.raises(IllegalCommand, match=reason) as caught:
        decide_model_settings(ModelSettings(), event)
    assert caught.value.code == "bad_model_setting"


def test_the_number_of_endpoints_is_bounded_but_they_can_still_be_changed() -> None:
    state = after(*(EndpointAdded(endpoint=Endpoint(name=f"e{n}", base_url="http://x")) for n in range(MAX_ENDPOINTS)))
    with pytest.raises(IllegalCommand, match="limit"):
        decide_model_settings(state, EndpointAdded(endpoint=Endpoint(name="one-more", base_url="http://x")))
    assert decide_model_settings(state, EndpointAdded(endpoint=Endpoint(name="e0", base_url="http://y")))


WANTED = st.one_of(
    st.builds(EndpointAdded, endpoint=st.builds(Endpoint, name=st.sampled_from("ab"), base_url=st.just("http://x"))),
    st.builds(EndpointRemoved, name=st.sampled_from("ab")),
    st.builds(ModelFactsSet, model=st.just("a/b"), facts=st.none() | st.just(OwnFacts(tools=True))),
    st.builds(RoleOrderSet, role=st.sampled_from(["code", "plan"]), models=st.sampled_from([(), ("a/b",)])),
    st.builds(PreferenceSet, preference=st.sampled_from(["best", "local"])),
    st.builds(ModelPinned, model=st.just("a/b"), pinned=st.none() | st.just("a/c")),
    st.builds(SpendingLimitSet, scope=st.just("day"), label=st.just(""), limit_nano_usd=st.none() | st.integers(0, 9)),
)


@given(st.lists(WANTED, max_size=30))
def test_setting_the_same_again_never_makes_another_event(wanted: list[ModelSettingsEvent]) -> None:
    state = ModelSettings()
    for event in wanted:
        try:
            made = decide_model_settings(state, event)
        except IllegalCommand:
            continue
        for one in made:
            state = evolve_model_settings(state, one)
        if not isinstance(event, EndpointRemoved):
            assert decide_model_settings(state, event) == ()
