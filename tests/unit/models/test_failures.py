"""Errors of vendors become categories by status and words; retries are bounded."""

from __future__ import annotations

import email.utils
import time

import pytest

from draftsmith.models.failures import Place, category_of, failure, retry_after, retry_wish_in
from draftsmith.models.providers import parse_model
from draftsmith.models.retrying import RetryPolicy, with_retries
from draftsmith.ports.models import Credential, FailureCategory, ModelFailure

OPENAI = parse_model("openai/gpt-4.1")
GEMINI = parse_model("gemini/gemini-2.5-pro")
FAST = RetryPolicy(attempts=4, first_wait_s=0.001, longest_wait_s=0.01, total_s=5)


@pytest.mark.parametrize(
    ("status", "text", "category"),
    [
        (401, "", "auth"),
        (403, "forbidden", "auth"),
        (402, "", "quota"),
        (404, "", "not_found"),
        (408, "", "timeout"),
        (413, "too large", "context_overflow"),
        (422, "unprocessable", "bad_request"),
        (429, "slow down", "rate_limit"),
        (429, '{"error": {"code": "insufficient_quota"}}', "quota"),
        (400, "Your credit balance is too low to access the API", "quota"),
        (400, "This model's maximum context length is 8192 tokens", "context_overflow"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "context_overflow"),
        (500, "the request exceeds the available context size", "context_overflow"),
        (400, "API key not valid. Please pass a valid API key.", "auth"),
        (400, "temperature is out of range", "bad_request"),
        (502, "", "overloaded"),
        (503, "", "overloaded"),
        (529, "", "overloaded"),
    ],
)
def test_status_and_words_decide_the_category(status: int, text: str, category: str) -> None:
    assert category_of(status, text, OPENAI) == category


def test_a_vendor_that_says_quota_for_ordinary_limits_is_understood() -> None:
    text = "You exceeded your current quota, please check your plan and billing details."
    assert category_of(429, text, OPENAI) == "quota"
    assert category_of(429, text, GEMINI) == "rate_limit"


def test_a_wish_is_read_as_seconds_or_as_a_date() -> None:
    assert retry_after("1.5") == 1.5
    assert retry_after("-3") == 0
    assert retry_after(None) is None
    assert retry_after("soon") is None
    in_a_minute = retry_after(email.utils.formatdate(time.time() + 60, usegmt=True))
    assert in_a_minute is not None
    assert 55 <= in_a_minute <= 60
    assert retry_wish_in('{"@type": "google.rpc.RetryInfo", "retryDelay": "12.5s"}') == 12.5
    assert retry_wish_in("nothing") is None


def test_a_message_is_one_bounded_line_without_the_key() -> None:
    credential = Credential(provider="openai", label="x", value="sk-secret", origin="environment OPENAI_API_KEY")
    place = Place(model="openai/gpt-4.1", name=OPENAI, endpoint="https://u:p@host:8443/v1?k=v", credential=credential)
    failed = failure(place, "auth", detail="no\nsuch  key sk-secret " + "x" * 5000, status=401)
    assert "\n" not in str(failed)
    assert len(str(failed)) < 700
    assert "sk-secret" not in str(failed)
    assert "https://host:8443/v1:" in str(failed)
    assert "environment OPENAI_API_KEY" in failed.remedy
    assert "sk-secret" not in repr(credential) + repr(place)


async def attempts_until_end(category: FailureCategory, policy: RetryPolicy = FAST, **more: object) -> int:
    made = 0
    place = Place(model="openai/gpt-4.1", name=OPENAI, endpoint="http://x", credential=None)
    began = bool(more.get("began", False))
    wish = more.get("wish")

    async def attempt(number: int) -> None:
        nonlocal made
        made = number
        raise failure(place, category, began=began, retry_after_s=wish if isinstance(wish, float) else None)

    with pytest.raises(ModelFailure):
        await with_retries(policy, attempt)
    return made


async def test_only_what_may_pass_is_retried_and_not_for_ever() -> None:
    assert await attempts_until_end("overloaded") == 4
    assert await attempts_until_end("auth") == 1
    assert await attempts_until_end("quota") == 1
    assert await attempts_until_end("context_overflow") == 1


async def test_a_reply_that_began_is_not_retried() -> None:
    assert await attempts_until_end("cut_stream", began=True) == 1


async def test_no_retry_begins_after_the_total_limit() -> None:
    short = RetryPolicy(attempts=50, first_wait_s=0.05, longest_wait_s=0.05, total_s=0.12)
    assert 2 <= await attempts_until_end("overloaded", short) <= 6


async def test_a_long_wish_ends_the_retries() -> None:
    assert await attempts_until_end("rate_limit", wish=5.0) == 1
