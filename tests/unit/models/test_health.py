"""When an endpoint is called, paced, left alone and tried again."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from draftsmith.models.health import (
    FIRST_OPEN_S,
    LONGEST_OPEN_S,
    MAX_ENDPOINTS,
    OPEN_AFTER,
    PROBE_S,
    Admission,
    EndpointKey,
    Health,
)
from draftsmith.models.ratelimits import Window
from draftsmith.ports.models import Credential

KEY = EndpointKey(model="openai/gpt-5.4", address="https://api.openai.com/v1", label="work")
NOW = Admission(wait_s=0.0)


def admission(health: Health, tokens: int, now: float, key: EndpointKey = KEY) -> Admission:
    """What stands in the way of a call: failures first, then the allowance."""
    sound = health.soundness(key, now)
    return health.allowance(key, tokens, now) if sound.at_once else sound


def fail(health: Health, times: int, *, at: float = 0.0) -> None:
    for _ in range(times):
        health.begin(KEY, 10, at)
        health.failed(KEY, "overloaded", at, None)


def test_an_unknown_endpoint_may_be_called_at_once() -> None:
    assert admission(Health(), 1_000_000, 0.0) == NOW


def test_failures_in_a_row_open_the_breaker_and_one_reply_closes_it() -> None:
    health = Health()
    fail(health, OPEN_AFTER - 1)
    assert admission(health, 10, 0.0) == NOW
    fail(health, 1)
    assert admission(health, 10, 1.0).wait_s == FIRST_OPEN_S - 1.0
    health.begin(KEY, 10, FIRST_OPEN_S)
    health.succeeded(KEY, 100.0)
    assert admission(health, 10, FIRST_OPEN_S) == NOW
    fail(health, OPEN_AFTER - 1, at=FIRST_OPEN_S)
    assert health.soundness(KEY, FIRST_OPEN_S) == NOW


def test_only_one_call_tries_an_endpoint_that_was_left_alone() -> None:
    health = Health()
    fail(health, OPEN_AFTER)
    health.begin(KEY, 10, FIRST_OPEN_S)
    assert admission(health, 10, FIRST_OPEN_S + 1).wait_s == PROBE_S - 1
    health.abandoned(KEY)
    assert admission(health, 10, FIRST_OPEN_S + 1) == NOW


def test_the_pauses_grow_to_a_bound() -> None:
    health, at, waits = Health(), 0.0, list[float]()
    fail(health, OPEN_AFTER - 1)
    for _ in range(8):
        health.begin(KEY, 10, at)
        health.failed(KEY, "network", at, None)
        wait = admission(health, 10, at).wait_s
        assert wait is not None
        waits.append(wait)
        at += wait
    assert waits[:3] == [FIRST_OPEN_S, 2 * FIRST_OPEN_S, 4 * FIRST_OPEN_S]
    assert waits[-1] == LONGEST_OPEN_S


def test_a_refused_key_is_not_mended_by_waiting_but_another_key_is_another_endpoint() -> None:
    health = Health()

    def key(value: str) -> EndpointKey:
        return EndpointKey.of("openai/gpt-5.4", Credential(provider="openai", label="k", value=value, origin="env"))

    health.failed(key("wrong"), "auth", 0.0, None)
    assert admission(health, 10, 1e6, key("wrong")).wait_s is None
    assert admission(health, 10, 0.0, key("right")) == NOW
    assert "wrong" not in repr(key("wrong"))
    health.forgive()
    assert admission(health, 10, 0.0, key("wrong")) == NOW


def test_a_call_waits_for_the_allowance_that_it_needs() -> None:
    health = Health()
    health.observe(
        KEY,
        [
            Window(unit="requests", limit=10, left=1, resets_at=20.0),
            Window(unit="tokens", limit=1000, left=500, resets_at=30.0),
            Window(unit="tokens", limit=900, left=400, resets_at=25.0),
        ],
    )
    assert admission(health, 400, 0.0) == NOW
    assert admission(health, 401, 0.0).wait_s == 25.0
    assert health.headroom(KEY, 0.0) == 0.1
    health.begin(KEY, 300, 0.0)
    assert admission(health, 50, 0.0).wait_s == 20.0  # the request that was left is under way
    assert admission(health, 50, 20.0) == NOW
    assert admission(health, 200, 20.0).wait_s == 5.0
    assert admission(health, 200, 25.0) == NOW


def test_a_call_larger_than_the_whole_allowance_is_tried_when_all_of_it_is_there() -> None:
    health = Health()
    health.observe(KEY, [Window(unit="tokens", limit=1000, left=1000, resets_at=60.0)])
    assert admission(health, 5000, 0.0) == NOW


def test_a_vendors_wish_pauses_without_counting_as_a_failure_of_the_endpoint() -> None:
    health = Health()
    for _ in range(OPEN_AFTER + 1):
        health.failed(KEY, "rate_limit", 0.0, 7.0)
    assert health.soundness(KEY, 0.0) == NOW
    assert admission(health, 1, 0.0).wait_s == 7.0
    assert admission(health, 1, 7.0) == NOW


def test_the_bookkeeping_is_bounded() -> None:
    health = Health()
    for number in range(MAX_ENDPOINTS + 50):
        health.begin(EndpointKey(model=f"m{number}", address="", label=""), 1, 0.0)
    reports = health.reports(0.0)
    assert len(reports) == MAX_ENDPOINTS
    assert reports[-1].key.model == f"m{MAX_ENDPOINTS + 49}"


class Calls(RuleBasedStateMachine):
    """Any order of calls and outcomes: waiting as told always leads to a call that may go."""

    def __init__(self) -> None:
        super().__init__()
        self.health = Health()
        self.now = 0.0
        self.under_way = 0

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(tokens=st.integers(0, 2000))
    def call(self, tokens: int) -> None:
        if admission(self.health, tokens, self.now).wait_s == 0:
            self.health.begin(KEY, tokens, self.now)
            self.under_way += 1

    @precondition(lambda self: self.under_way > 0)
    @rule(outcome=st.sampled_from(["good", "overloaded", "rate_limit", "cancelled"]), wish=st.none() | st.floats(0, 60))
    def end(self, outcome: str, wish: float | None) -> None:
        self.under_way -= 1
        match outcome:
            case "good":
                self.health.succeeded(KEY, 10.0)
            case "overloaded":
                self.health.failed(KEY, "overloaded", self.now, wish)
            case "rate_limit":
                self.health.failed(KEY, "rate_limit", self.now, wish)
            case _:
                self.health.abandoned(KEY)

    @rule(left=st.integers(0, 2000), seconds=st.floats(0, 120))
    def told(self, left: int, seconds: float) -> None:
        self.health.observe(KEY, [Window(unit="tokens", limit=2000, left=left, resets_at=self.now + seconds)])

    @invariant()
    def waiting_ends(self) -> None:
        found = admission(self.health, 100, self.now)
        assert found.wait_s is not None
        assert 0 <= found.wait_s <= LONGEST_OPEN_S + PROBE_S
        later = self.now + found.wait_s
        # What stood in the way then may give way to another obstacle, but only to one that ends, too.
        for _ in range(4):
            wait = admission(self.health, 100, later).wait_s
            assert wait is not None
            if wait < 1e-6:
                return
            later += wait
        raise AssertionError("waiting never ends")


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
