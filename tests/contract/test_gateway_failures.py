"""What every gateway makes of a vendor that misbehaves: a category, a remedy, never the key."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback

import pytest

from contract.gateways import KEY, MORE_SPOKEN, QUICK, SPOKEN, Spoken, ask, complete, nothing
from draftsmith.models.pace import TimeLimits
from draftsmith.models.retrying import RetryPolicy
from draftsmith.ports.models import Credential, Delta, ModelFailure
from vendor.server import VendorServer

GOOD = {"text": "All is well.", "times": 0}
IMPATIENT = TimeLimits(connect_s=2.0, first_token_s=0.4, between_tokens_s=0.3)
RETRIES = RetryPolicy(attempts=3, first_wait_s=0.01, longest_wait_s=2.0, total_s=10.0)
CALL = {"name": "edit", "arguments": {"path": "a.py"}}


@pytest.fixture(params=SPOKEN.values(), ids=list(SPOKEN))
def spoken(request: pytest.FixtureRequest) -> Spoken:
    return request.param


async def failure_of(spoken: Spoken, server: VendorServer, limits: TimeLimits = QUICK) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        await complete(spoken, server, limits=limits)
    return caught.value


@pytest.mark.parametrize(
    ("behaviour", "category", "retryable"),
    [
        ("http_401", "auth", False),
        ("http_404", "not_found", False),
        ("http_429", "rate_limit", True),
        ("http_500", "overloaded", True),
        ("http_529", "overloaded", True),
        ("context_overflow", "context_overflow", False),
        ("content_filter", "content_filter", False),
        ("bad_request", "bad_request", False),
        ("cut_stream", "cut_stream", True),
        ("early_end", "cut_stream", True),
        ("empty", "empty", True),
        ("wrong_content_type", "malformed_reply", True),
    ],
)
async def test_each_misbehaviour_has_its_category(
    spoken: Spoken, behaviour: str, category: str, retryable: bool
) -> None:
    async with VendorServer([{"text": "x" * 200, "behaviour": behaviour}]) as server:
        failed = await failure_of(spoken, server)
        assert server.url in str(failed)
    assert failed.category == category, failed
    assert failed.code == f"model_{category}"
    assert failed.retryable is retryable
    assert failed.began is (category == "cut_stream")
    assert spoken.model in str(failed)
    assert failed.remedy
    assert "litellm" not in str(failed).lower()


async def test_an_unreadable_event_is_never_a_reply(spoken: Spoken) -> None:
    async with VendorServer([{"text": "x" * 200, "behaviour": "malformed_sse"}]) as server:
        failed = await failure_of(spoken, server)
    # LiteLLM skips what it cannot read of two vendors; the reply's end is then missing.
    assert failed.category in ("malformed_reply", "cut_stream")
    assert failed.began


@pytest.mark.parametrize("name", ["light-openai", "litellm-openai", "litellm-anthropic"])
async def test_an_account_without_money_is_not_retried(name: str) -> None:
    async with VendorServer([{"behaviour": "quota", "times": 0}]) as server:
        with pytest.raises(ModelFailure) as caught:
            await complete(SPOKEN[name], server, retries=RETRIES)
        assert server.count == 1
    assert caught.value.category == "quota"


async def test_silence_before_the_first_token_ends_at_the_limit(spoken: Spoken) -> None:
    async with VendorServer([{"behaviour": "stall_before"}]) as server:
        failed = await failure_of(spoken, server, IMPATIENT)
        async with asyncio.timeout(10):
            await server.requests[0].done.wait()
        assert server.requests[0].outcome == "disconnected"
    assert failed.category == "timeout"
    assert not failed.began
    assert "first token" in str(failed)


async def test_silence_in_the_middle_ends_at_the_limit(spoken: Spoken) -> None:
    async with VendorServer([{"text": "x" * 200, "behaviour": "stall"}]) as server:
        failed = await failure_of(spoken, server, IMPATIENT)
        async with asyncio.timeout(10):
            await server.requests[0].done.wait()
        assert server.requests[0].outcome == "disconnected"
    assert failed.category == "timeout"
    assert failed.began
    assert "further token" in str(failed)


async def test_a_slow_first_token_is_waited_for(spoken: Spoken) -> None:
    patient = TimeLimits(connect_s=2.0, first_token_s=20.0, between_tokens_s=0.3)
    async with VendorServer([{"text": "At last.", "behaviour": "slow_first_token", "delay": 0.6}]) as server:
        reply = await complete(spoken, server, limits=patient)
    assert reply.message.text == "At last."
    assert reply.first_token_ms >= 600


@pytest.mark.parametrize("name", ["light-openai", "litellm-openai", "litellm-anthropic"])
async def test_broken_arguments_reach_the_caller_as_the_model_wrote_them(name: str) -> None:
    async with VendorServer([{"tool_calls": [CALL], "behaviour": "invalid_tool_json"}]) as server:
        reply = await complete(SPOKEN[name], server)
    assert reply.message.tool_calls[0].arguments == '{"path": "a.py<|'


async def test_a_dead_endpoint_is_a_network_failure(spoken: Spoken) -> None:
    async with VendorServer([GOOD]) as server:
        address = server.url
    gateway = spoken.gateway()
    with pytest.raises(ModelFailure) as caught:
        await gateway.complete(ask(spoken), credentials=spoken.credential_at(address), on_delta=nothing)
    await gateway.aclose()
    assert caught.value.category == "network"
    assert address in str(caught.value)


async def test_a_missing_key_is_told_without_a_request(spoken: Spoken) -> None:
    gateway = spoken.gateway()
    with pytest.raises(ModelFailure) as caught:
        await gateway.complete(ask(spoken), credentials=None, on_delta=nothing)
    assert caught.value.category == "auth"
    assert "_API_KEY" in caught.value.remedy


async def test_a_retry_waits_as_long_as_the_vendor_wishes(spoken: Spoken) -> None:
    deltas: list[Delta] = []
    async with VendorServer([{"behaviour": "http_429", "retry_after": 0.7}, GOOD]) as server:
        began = time.monotonic()
        reply = await complete(spoken, server, retries=RETRIES, on_delta=deltas.append)
        waited = time.monotonic() - began
        assert server.count == 2
    assert waited >= 0.7
    assert reply.attempts == 2
    assert reply.message.text == "All is well."
    assert reply.first_token_ms >= 700


async def test_a_wish_beyond_the_bound_is_told_instead_of_waited_for(spoken: Spoken) -> None:
    async with VendorServer([{"behaviour": "http_429", "retry_after": 3600, "times": 0}]) as server:
        with pytest.raises(ModelFailure) as caught:
            await complete(spoken, server, retries=RETRIES)
        assert server.count == 1
    assert caught.value.retry_after_s == 3600


async def test_retries_are_bounded_and_the_library_adds_none(spoken: Spoken) -> None:
    async with VendorServer([{"behaviour": "http_500", "times": 0}]) as server:
        with pytest.raises(ModelFailure):
            await complete(spoken, server, retries=RETRIES)
        assert server.count == 3


async def test_a_reply_that_began_is_not_asked_for_again(spoken: Spoken) -> None:
    async with VendorServer([{"text": "x" * 200, "behaviour": "cut_stream", "times": 0}]) as server:
        with pytest.raises(ModelFailure):
            await complete(spoken, server, retries=RETRIES)
        assert server.count == 1


@pytest.mark.parametrize(
    "behaviour", ["http_401", "http_429", "http_500", "cut_stream", "malformed_sse", "wrong_content_type", "stall"]
)
async def test_the_key_is_in_no_error_and_no_log(
    spoken: Spoken, behaviour: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with VendorServer([{"text": "x" * 200, "behaviour": behaviour}]) as server:
        failed = await failure_of(spoken, server, IMPATIENT)
        assert KEY not in repr(spoken.credential(server))
    chain: BaseException | None = failed
    while chain is not None:
        assert KEY not in repr(chain)
        assert KEY not in "".join(traceback.format_exception(chain))
        chain = chain.__cause__ or chain.__context__
    printed = capfd.readouterr()
    assert KEY not in caplog.text
    assert KEY not in printed.out + printed.err
    assert "litellm" not in (printed.out + printed.err).lower()


async def test_a_key_that_the_vendor_repeats_is_struck_out(spoken: Spoken) -> None:
    script = {"replies": [], "key": "another"}
    async with VendorServer(script) as server:
        echo = Credential(
            provider="x", label="x", value="Incorrect API key", base_url=server.url + spoken.path, origin="the test"
        )
        gateway = spoken.gateway()
        with pytest.raises(ModelFailure) as caught:
            await gateway.complete(ask(spoken), credentials=echo, on_delta=nothing)
        await gateway.aclose()
    assert caught.value.category == "auth"
    assert "[key] provided" in str(caught.value)


async def test_a_wrong_key_is_told_at_once_and_not_retried(spoken: Spoken) -> None:
    async with VendorServer({"replies": [GOOD], "key": "the right one"}) as server:
        with pytest.raises(ModelFailure) as caught:
            await complete(spoken, server, retries=RETRIES)
        assert server.count == 1
    assert caught.value.category == "auth"
    assert "the test" in caught.value.remedy


async def test_user_information_in_an_address_is_not_shown() -> None:
    spoken = MORE_SPOKEN["light-custom"]
    gateway = spoken.gateway()
    address = "http://name:geheim@127.0.0.1:9/v1?token=geheim"
    with pytest.raises(ModelFailure) as caught:
        await gateway.complete(ask(spoken), credentials=spoken.credential_at(address), on_delta=nothing)
    await gateway.aclose()
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


async def test_a_custom_endpoint_without_an_address_says_what_to_set() -> None:
    spoken = MORE_SPOKEN["light-custom"]
    with pytest.raises(ModelFailure) as caught:
        await spoken.gateway().complete(ask(spoken), credentials=None, on_delta=nothing)
    assert "DRAFTSMITH_BASE_URL" in caught.value.remedy
