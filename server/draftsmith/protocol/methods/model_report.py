"""Methods that show models: which can be used and how they are, whether an endpoint answers, what was spent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from draftsmith.protocol.methods.models import RoleName
from draftsmith.protocol.model import Message

KeptIn = Literal["keyring", "memory"]
UsageBy = Literal["day", "model", "role", "key", "workspace", "session", "request"]


class ModelsParams(Message):
    local: bool = Field(default=True, description="Also ask local servers what they serve.")
    also: tuple[str, ...] = Field(
        default=(), max_length=10, description="Models that the client's environment names, as `provider/model`."
    )


class AllowanceInfo(Message):
    """What a vendor's headers said is left for a key."""

    unit: Literal["requests", "tokens"]
    limit: int | None
    left: int
    resets_in_ms: int


class HealthInfo(Message):
    """`refused`: its last call was refused for good; `open`: it failed too often and is left alone for a while."""

    state: Literal["untried", "closed", "half_open", "open", "refused"]
    allowances: tuple[AllowanceInfo, ...] = ()
    failures_in_a_row: int = 0
    last_failure: str = ""
    calls: int = Field(default=0, description="Since the runner was started.")
    failed_calls: int = 0


class EditRecord(Message):
    """Edits in one format, and how many of them found their place."""

    format: str
    tried: int
    good: int


class RecordInfo(Message):
    """How the model did in a role, over the sessions of the last half year.

    `tasks`: of a coder the tasks that ended, of a planner the plans that were decided, of a critic the reviews.
    """

    role: RoleName
    calls: int
    failed_calls: int
    tasks: int
    good_tasks: int
    gates: int
    passed_gates: int
    tool_calls: int
    invalid_tool_calls: int
    edits: tuple[EditRecord, ...] = ()
    first_token_ms: int | None = Field(default=None, description="Mean.")
    tokens_a_minute: int | None = Field(default=None, description="Written, mean after the first token.")
    cost_nano_usd: int
    unpriced_calls: int
    input_tokens: int = 0
    output_tokens: int = 0


class RatesInfo(Message):
    """Nano-dollars for a million tokens; None: not known."""

    input: int | None
    output: int | None
    cached: int | None
    cache_write: int | None
    reasoning: int | None


class AbilityInfo(Message):
    name: Literal["tools", "parallel_tools", "images", "json_schema", "reasoning", "caching"]
    has: bool


class ModelInfo(Message):
    """A model that can be used with one key or server."""

    model: str
    endpoint: str = Field(description="Label of the key or server.")
    origin: str = Field(description="Where the key or server comes from, in words.")
    address: str = ""
    vendor: str
    local: bool
    sent_as: str = Field(description="The version that requests name.")
    newer: tuple[str, ...] = Field(default=(), description="Dated versions that are newer than the pinned one.")
    context_window: int | None
    output_limit: int | None
    rates: RatesInfo
    abilities: tuple[AbilityInfo, ...] = Field(description="What is not there is not known.")
    facts_from: Literal["shipped", "user", "local", "unknown"]
    health: HealthInfo
    record: tuple[RecordInfo, ...] = ()


class ChoiceInfo(Message):
    """Which model a request of usual size would go to now, and why. `model` is empty when there is none."""

    role: RoleName
    model: str
    endpoint: str = ""
    reason: str


class ModelsResult(Message):
    models: tuple[ModelInfo, ...]
    choices: tuple[ChoiceInfo, ...]
    guide: str = Field(default="", description="How to get a model, when there is none; lines of text.")


class CheckEndpointParams(Message):
    """An endpoint to be looked at before it is added. Without a key, the one kept or offered under the name counts."""

    name: str = Field(default="", max_length=200)
    base_url: str = Field(min_length=8, max_length=2000)
    models: tuple[str, ...] = Field(default=(), max_length=50)
    key: SecretStr | None = None


class CheckEndpointResult(Message):
    """`trouble` is empty when the endpoint can be used."""

    trouble: Literal["", "address", "timeout", "certificate", "key", "protocol", "model", "server"]
    problem: str = ""
    remedy: str = ""
    models: tuple[str, ...] = Field(default=(), description="What it serves, as far as it says so.")


class KeepKeyParams(Message):
    """`name` is a vendor (`anthropic`, `openai`, `gemini`) or the name of an endpoint of the user's own."""

    name: str = Field(min_length=1, max_length=200)
    value: SecretStr


class KeyNameParams(Message):
    name: str = Field(min_length=1, max_length=200)


class KeptKey(Message):
    """`memory`: there is no usable keyring, so that the key is gone when the hub ends; `reason` says why."""

    kept_in: KeptIn
    reason: str = ""


class UsageParams(Message):
    by: UsageBy = "day"
    days: int = Field(default=30, ge=1, le=3650, description="Today (UTC) and the days before it.")
    session_id: str = Field(default="", max_length=200, description="Only of this session; needed for `request`.")

    @model_validator(mode="after")
    def _requests_are_of_a_session(self) -> UsageParams:
        if self.by == "request" and not self.session_id:
            raise ValueError("`request` needs a session_id")
        return self


class UsageFigures(Message):
    calls: int
    failed_calls: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int = Field(description="Of the input tokens, those read from the vendor's cache.")
    reasoning_tokens: int = Field(description="Of the output tokens, those that are not shown.")
    cost_nano_usd: int
    unpriced_calls: int = Field(description="Calls whose price is not known; the cost is without them.")


class UsageLine(Message):
    """`title` is for people where `name` is an id; empty `name` or `deleted/…`: of sessions that were deleted."""

    name: str
    title: str
    figures: UsageFigures
    at: int = Field(default=0, description="When a request was made, in milliseconds since 1970.")
    role: str = ""
    model: str = ""


class UsageResult(Message):
    """Requests in the order in which they were made."""

    lines: tuple[UsageLine, ...]
    total: UsageFigures
    left_out: int = Field(default=0, description="Older requests that are in the total only.")
