"""What vendors' headers say of the allowance that is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.models.ratelimits import windows

WALL = 1_800_000_000.0


def test_openai_states_spans() -> None:
    found = windows(
        {
            "x-ratelimit-limit-requests": "5000",
            "x-ratelimit-remaining-requests": "4999",
            "x-ratelimit-reset-requests": "12ms",
            "X-RateLimit-Limit-Tokens": "160000",
            "x-ratelimit-remaining-tokens": "1200",
            "x-ratelimit-reset-tokens": "6m0.5s",
        },
        now=100.0,
        wall=WALL,
    )
    assert [(one.unit, one.limit, one.left) for one in found] == [("requests", 5000, 4999), ("tokens", 160000, 1200)]
    assert [one.resets_at for one in found] == pytest.approx([100.012, 460.5])


def test_anthropic_states_instants_and_the_scarcer_of_its_token_windows_comes_first() -> None:
    found = windows(
        {
            "anthropic-ratelimit-tokens-limit": "80000",
            "anthropic-ratelimit-tokens-remaining": "70000",
            "anthropic-ratelimit-tokens-reset": "2027-01-15T08:00:30Z",
            "anthropic-ratelimit-input-tokens-limit": "50000",
            "anthropic-ratelimit-input-tokens-remaining": "10",
            "anthropic-ratelimit-input-tokens-reset": "2027-01-15T08:01:00Z",
        },
        now=5.0,
        wall=1_800_000_000.0,  # 2027-01-15T08:00:00Z
    )
    assert [(one.left, one.resets_at) for one in found] == [(10, 65.0), (70000, 35.0)]


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), (str(int(WALL) + 20), 20.0), ("0", 0.0)])
def test_a_bare_number_is_a_span_or_a_time_of_day(text: str, seconds: float) -> None:
    (found,) = windows({"ratelimit-remaining": "1", "ratelimit-reset": text}, now=0.0, wall=WALL)
    assert found.resets_at == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "1s"},
        {"x-ratelimit-remaining-requests": "5"},
        {"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "soon"},
        {"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "9999999h"},
        {},
    ],
)
def test_what_cannot_be_read_is_left_out(headers: dict[str, str]) -> None:
    assert windows(headers, now=0.0, wall=WALL) == ()


@given(st.dictionaries(st.sampled_from(["x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"]), st.text()))
def test_no_header_breaks_the_reader(headers: dict[str, str]) -> None:
    for window in windows(headers, now=1.0, wall=WALL):
        assert window.left >= 0
        assert window.resets_at >= 1.0
