"""What is known of models, and what the user lays over it."""

from __future__ import annotations

import pytest

from draftsmith.domain.conversation import Usage
from draftsmith.domain.errors import UserError
from draftsmith.models.catalogue import Catalogue, Override, Rates, shipped_models

SONNET = "anthropic/claude-sonnet-4-6"
OWN = "openai_compatible/qwen3"


def test_the_shipped_map_tells_window_prices_and_abilities() -> None:
    facts = Catalogue().facts(SONNET)
    assert facts.context_window == 1_000_000
    assert facts.output_limit == 128_000
    assert facts.rates.input == 3 * 10**9
    assert facts.rates.output == facts.rates.reasoning == 15 * 10**9
    assert facts.rates.cached == 3 * 10**8
    assert facts.can("tools") is True
    assert facts.origin == "shipped"


def test_what_nobody_said_is_unknown_and_not_no_or_zero() -> None:
    facts = Catalogue().facts(OWN)
    assert facts.rates == Rates()
    assert facts.context_window is None
    assert facts.can("tools") is None
    assert facts.origin == "unknown"


def test_a_local_server_costs_nothing() -> None:
    facts = Catalogue().facts("ollama/qwen3")
    assert facts.rates == Rates(input=0, output=0, cached=0, cache_write=0, reasoning=0)
    assert facts.origin == "local"


def test_a_cloud_model_with_price_zero_has_no_known_price() -> None:
    assert Catalogue().facts("gemini/gemini-exp-1206").rates == Rates()


def test_the_users_facts_lie_over_the_shipped_ones_and_are_counted_with() -> None:
    price = Override(context_window=32_000, input=10**9, output=2 * 10**9, abilities=(("images", False),))
    catalogue = Catalogue({OWN: price, SONNET: Override(output=20 * 10**9)})
    facts = catalogue.facts(OWN)
    assert (facts.context_window, facts.rates.input, facts.can("images"), facts.origin) == (
        32_000,
        10**9,
        False,
        "user",
    )
    usage = Usage(input_tokens=1_000_000, output_tokens=500_000)
    assert catalogue.cost_nano_usd(OWN, usage) == 2 * 10**9
    assert catalogue.worst_case_nano_usd(OWN, 1_000_000, 1_000_000) == 3 * 10**9
    assert catalogue.facts(SONNET).rates.input == 3 * 10**9
    assert catalogue.cost_nano_usd(SONNET, Usage(output_tokens=1_000_000)) == 20 * 10**9


def test_an_own_rate_replaces_the_rates_above_a_threshold_too() -> None:
    model = "openai/gpt-5.4"
    long = Usage(input_tokens=300_000)
    assert Catalogue().cost_nano_usd(model, long) == 300_000 * 5_000
    assert Catalogue({model: Override(input=10**9)}).cost_nano_usd(model, long) == 300_000 * 1_000


def test_the_users_zero_is_a_price() -> None:
    catalogue = Catalogue({OWN: Override(input=0, output=0)})
    assert catalogue.cost_nano_usd(OWN, Usage(input_tokens=5, output_tokens=5)) == 0
    assert catalogue.worst_case_nano_usd(OWN, 10, 10) == 0


@pytest.mark.parametrize("wrong", [{"context_window": 0}, {"input": -1}, {"output": 10**18}])
def test_facts_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UserError, match=next(iter(wrong))):
        Override(**wrong)  # pyright: ignore[reportArgumentType] (the parametrised names are its fields)


def test_the_shipped_models_of_a_provider_can_be_listed() -> None:
    models = shipped_models("anthropic")
    assert SONNET in models
    assert all(model.startswith("anthropic/") for model in models)
    assert "openai/gpt-5.4" in shipped_models("openai")
    assert "gemini/gemini-2.5-flash" in shipped_models("gemini")
    assert shipped_models("ollama") == shipped_models("openai_compatible") == ()
