"""Methods about models: what the user decided about them, which can be used, how they do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import MAX_INTEGER, Count, Message

RoleName = Literal["plan", "code", "critique", "quick"]
PreferenceName = Literal["best", "balanced", "cheap", "local"]
LimitScope = Literal["day", "month", "key"]
ModelName = Field(min_length=3, max_length=200, description="`provider/model`.")
Rate = Field(default=None, ge=0, le=MAX_INTEGER, description="Nano-dollars for a million tokens.")


class EndpointInfo(Message):
    """An OpenAI-compatible address of the user's own. Its key is offered under the label `name`."""

    name: str = Field(min_length=1, max_length=200, description="Letters, digits, dots, dashes and underscores.")
    base_url: str = Field(min_length=8, max_length=2000)
    models: tuple[str, ...] = Field(
        default=(), max_length=50, description="Names that it serves; only models that are named here are used."
    )


class EndpointName(Message):
    name: str = Field(min_length=1, max_length=200)


class OwnFactsInfo(Message):
    """The user's facts of a model; what is left out is as known without the user."""

    context_window: int | None = Field(default=None, ge=1, le=100_000_000, description="Tokens.")
    output_limit: int | None = Field(default=None, ge=1, le=100_000_000, description="Tokens.")
    input_rate: int | None = Rate
    output_rate: int | None = Rate
    cached_rate: int | None = Rate
    cache_write_rate: int | None = Rate
    reasoning_rate: int | None = Rate
    tools: bool | None = None
    images: bool | None = None
    json_schema: bool | None = None
    reasoning: bool | None = None


class SetFactsParams(Message):
    model: str = ModelName
    facts: OwnFactsInfo | None = Field(default=None, description="None: what is known without the user holds again.")


class SetOrderParams(Message):
    """The models that may take a role, first choice first; empty: one is chosen for each request."""

    role: RoleName
    models: tuple[str, ...] = Field(max_length=50)


class SetPreferenceParams(Message):
    preference: PreferenceName


class PinParams(Message):
    """Requests for `model` go to `pinned`; None: to the version that Draftsmith ships as pinned."""

    model: str = ModelName
    pinned: str | None = Field(default=None, max_length=200)


class UnpinParams(Message):
    """Takes the last pin of `model` back."""

    model: str = ModelName


class SetLimitParams(Message):
    """A hard limit on what all sessions together spend; one for a key counts a month. Days and months are in UTC."""

    scope: LimitScope
    label: str = Field(default="", max_length=200, description="The key's label for scope `key`, else empty.")
    limit_nano_usd: Count | None = None


class SettingsParams(Message):
    pass


class ModelFactsLine(Message):
    model: str
    facts: OwnFactsInfo


class RoleOrder(Message):
    role: RoleName
    models: tuple[str, ...]


class PinLine(Message):
    model: str
    pinned: str


class LimitLine(Message):
    scope: LimitScope
    label: str
    limit_nano_usd: int


class ModelSettingsResult(Message):
    """All that the user decided about models. `version` counts the changes."""

    endpoints: tuple[EndpointInfo, ...]
    facts: tuple[ModelFactsLine, ...]
    order: tuple[RoleOrder, ...]
    preference: PreferenceName
    pins: tuple[PinLine, ...]
    limits: tuple[LimitLine, ...]
    keys: tuple[str, ...] = Field(default=(), description="Names of the keys in the system's keyring.")
    version: int
