"""Prices from the shipped map: bounds hold, zero is not a price of a cloud model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.conversation import Usage, UserMessage
from draftsmith.domain.errors import UserError
from draftsmith.models import prices
from draftsmith.models.counting import CountingErrors, count_tokens
from draftsmith.models.providers import PROVIDERS

DEFAULTS = [f"{p.name}/{p.default_model}" for p in PROVIDERS.values() if p.default_model is not None]
TIERED = "gemini/gemini-2.5-pro"
"""1.25 and 10 dollars per million up to 200,000 tokens of input, 2.50 and 15 above."""


@pytest.mark.parametrize("model", DEFAULTS)
def test_every_default_model_has_a_price_and_a_window(model: str) -> None:
    price = prices.price(model)
    assert price is not None
    assert 0 < price.input_nano_usd < price.output_nano_usd
    assert (prices.context_window(model) or 0) >= 100_000


@pytest.mark.parametrize("model", ["gemini/gemini-3.5-pro", "openai/no-such-model", "openai_compatible/gpt-4.1"])
def test_a_cloud_model_without_a_price_is_unknown_and_not_free(model: str) -> None:
    assert prices.price(model) is None
    assert prices.cost_nano_usd(model, Usage(input_tokens=10, output_tokens=10)) is None
    assert prices.worst_case_nano_usd(model, 10, 10) is None


def test_a_local_server_is_free() -> None:
    assert prices.cost_nano_usd("ollama/gpt-4.1", Usage(input_tokens=10, output_tokens=10)) == 0
    assert prices.worst_case_nano_usd("ollama/gpt-4.1", 10, 10) == 0


def test_a_long_prompt_costs_the_higher_rate() -> None:
    short = prices.cost_nano_usd(TIERED, Usage(input_tokens=200_000, output_tokens=1000))
    long = prices.cost_nano_usd(TIERED, Usage(input_tokens=200_001, output_tokens=1000))
    assert short == 200_000 * 1250 + 1000 * 10_000
    assert long == 200_001 * 2500 + 1000 * 15_000


@given(st.sampled_from(DEFAULTS), st.integers(0, 900_000), st.integers(0, 100_000), st.floats(0, 1))
def test_the_worst_case_is_an_upper_bound(model: str, read: int, written: int, cached: float) -> None:
    usage = Usage(input_tokens=read, output_tokens=written, cached_tokens=int(read * cached))
    cost = prices.cost_nano_usd(model, usage)
    bound = prices.worst_case_nano_usd(model, read, written)
    assert cost is not None
    assert bound is not None
    assert cost <= bound


@pytest.mark.parametrize("model", ["gpt-4.1", "nobody/gpt-4.1", "openai/", ""])
def test_a_name_without_a_known_provider_is_refused(model: str) -> None:
    with pytest.raises(UserError, match="provider/model"):
        prices.price(model)


def test_an_observed_miscount_raises_the_margin_and_never_lowers_it() -> None:
    errors = CountingErrors()
    first = errors.margin("openai/gpt-4.1")
    errors.observe("openai/gpt-4.1", counted=1000, actual=2000)
    assert errors.margin("openai/gpt-4.1") >= 2.0
    errors.observe("openai/gpt-4.1", counted=1000, actual=900)
    assert errors.margin("openai/gpt-4.1") >= 2.0
    assert errors.margin("openai/gpt-5") == first


def test_a_tiny_prompt_says_nothing_about_the_margin() -> None:
    errors = CountingErrors()
    before = errors.margin("openai/gpt-4.1")
    errors.observe("openai/gpt-4.1", counted=30, actual=300)
    assert errors.margin("openai/gpt-4.1") == before


@given(st.lists(st.text(max_size=200), min_size=1, max_size=5), st.text(max_size=50))
def test_a_longer_conversation_never_counts_less(texts: list[str], more: str) -> None:
    messages = [UserMessage(text=text) for text in texts]
    assert count_tokens([*messages, UserMessage(text=more)], ()) > count_tokens(messages, ())
