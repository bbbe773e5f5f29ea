"""From what went wrong at a vendor to a `ModelFailure` that says who has to do what.

Decides by HTTP status and by the words vendors use. Never lets a key into a message.
"""

from __future__ import annotations

import email.utils
import re
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from draftsmith.models.providers import ModelName
from draftsmith.ports.models import Credential, FailureCategory, ModelFailure

_WORDS: tuple[tuple[FailureCategory, tuple[str, ...]], ...] = (
    (
        "context_overflow",
        (
            "context_length_exceeded",
            "maximum context length",
            "prompt is too long",
            "context window",
            "exceed_context_size",
            "exceeds the available context size",
            "input token count",
        ),
    ),
    ("auth", ("api key not valid", "api_key_invalid", "invalid_api_key", "invalid x-api-key")),
    ("content_filter", ("content_policy", "content management policy", "content_filter", "safety system")),
)
_QUOTA_WORDS = ("insufficient_quota", "exceeded your current quota", "credit balance is too low")
_STATUS: dict[int, FailureCategory] = {
    401: "auth",
    402: "quota",
    403: "auth",
    404: "not_found",
    408: "timeout",
    413: "context_overflow",
    429: "rate_limit",
}
_RETRYABLE: frozenset[FailureCategory] = frozenset(
    {"rate_limit", "overloaded", "network", "timeout", "cut_stream", "malformed_reply", "empty"}
)
_NEVER_BILLED: frozenset[FailureCategory] = frozenset(
    {"auth", "quota", "rate_limit", "overloaded", "context_overflow", "bad_request", "not_found", "certificate"}
)
"""What is refused before a word came costs nothing. Anything else may have been worked on: it is taken to be billed."""
_WHAT: dict[FailureCategory, str] = {
    "auth": "the key is missing, wrong or not allowed to use this model",
    "quota": "the account has no money or allowance left",
    "rate_limit": "too many requests or tokens in a short time",
    "overloaded": "the server failed or has no capacity left",
    "context_overflow": "the conversation is longer than the model reads",
    "bad_request": "the server refused the request",
    "content_filter": "the vendor's content filter refused the request or the reply",
    "not_found": "there is no such model or no such path",
    "network": "no connection",
    "certificate": "the server's certificate cannot be trusted",
    "timeout": "no answer within the time limit",
    "cut_stream": "the reply broke off before its end",
    "malformed_reply": "what came back is not a chat completion",
    "empty": "the reply had neither text nor tool calls",
    "recording_exhausted": "the recording has no reply left for this call",
}
_REMEDY: dict[FailureCategory, str] = {
    "auth": "Check the key ({key_hint}) and that it may use this model.",
    "quota": "Add credit to the account or choose another model with DRAFTSMITH_MODEL.",
    "rate_limit": "Wait and resume the session, or choose another model.",
    "overloaded": "Resume the session later, or choose another model.",
    "context_overflow": "Shorten the task or choose a model with a larger context window.",
    "bad_request": "Check that the model and its endpoint support chat completions with tools.",
    "content_filter": "Reword the task or choose another model.",
    "not_found": "Check the model's name and the endpoint's address (DRAFTSMITH_MODEL, DRAFTSMITH_BASE_URL).",
    "network": "Check that the endpoint is running and can be reached from this machine, then resume.",
    "certificate": (
        "Have the endpoint's certificate renewed, or set SSL_CERT_FILE to the file of the authority that signed it;"
        " check this machine's clock, too."
    ),
    "timeout": "Check the endpoint's load, then resume the session.",
    "cut_stream": "Resume the session.",
    "malformed_reply": "Check that the address is an API endpoint (often it ends in /v1) and not a web page.",
    "empty": "Resume the session; if it happens again, allow more output tokens or choose another model.",
    "recording_exhausted": "Renew the recording with `make record`, or set a key to use a live model.",
}
_VENDOR_TEXT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a call went: for messages, and to keep the key out of them."""

    model: str
    name: ModelName
    endpoint: str
    credential: Credential | None

    @property
    def shown_endpoint(self) -> str:
        """Scheme, host and port; user information and query, which may hold secrets, are left out."""
        parts = urlsplit(self.endpoint)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"

    def without_key(self, text: str) -> str:
        key = self.credential.value if self.credential is not None else ""
        return text.replace(key, "[key]") if len(key) >= 4 else text


def failure(
    place: Place,
    category: FailureCategory,
    *,
    detail: str = "",
    status: int | None = None,
    retry_after_s: float | None = None,
    began: bool = False,
    sent: bool = True,
) -> ModelFailure:
    """A failure of this category; `detail` is what the vendor said, or how long was waited. `sent`: the request may
    have reached the vendor."""
    said = re.sub(r"\s+", " ", place.without_key(detail)).strip()[:_VENDOR_TEXT]
    with_status = f" (HTTP {status})" if status is not None and status != 200 else ""
    message = f"{place.model} at {place.shown_endpoint}: {_WHAT[category]}{with_status}{f': {said}' if said else ''}"
    variables = place.name.provider.key_variables
    hint = place.credential.origin if place.credential is not None else f"set {' or '.join(variables)}"
    return ModelFailure(
        message if message.endswith((".", "!")) else f"{message}.",
        category=category,
        remedy=_REMEDY[category].format(key_hint=hint),
        retryable=category in _RETRYABLE,
        retry_after_s=retry_after_s,
        status=status,
        began=began,
        billed=sent and category not in _NEVER_BILLED and (status is None or status < 400),
    )


def category_of(status: int | None, text: str, name: ModelName) -> FailureCategory:
    """The category of an error response."""
    lowered = text.lower()
    if status in (402, 403, 429) or status is None or status == 400:
        means_limit = name.provider.quota_words_mean_rate_limit and status == 429
        if not means_limit and any(word in lowered for word in _QUOTA_WORDS):
            return "quota"
    if status is None or status in (400, 403, 413, 422, 500):
        for category, words in _WORDS:
            if any(word in lowered for word in words):
                return category
    if status is None:
        return "malformed_reply"
    if status >= 500:
        return "overloaded"
    return _STATUS.get(status, "bad_request")


def retry_wish_in(body: str) -> float | None:
    """Seconds that Google wishes in the body instead of in a header (google.rpc.RetryInfo)."""
    found = re.search(r'"retryDelay": ?"(\d+(?:\.\d+)?)s"', body)
    return float(found.group(1)) if found else None


def retry_after(header: str | None) -> float | None:
    """Seconds of a `Retry-After` header: a number or a date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
