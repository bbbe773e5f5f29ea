"""The gateway of a runner: the light one for local servers and custom endpoints, LiteLLM for the vendors.

LiteLLM is imported only when a model needs it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from draftsmith.domain.conversation import Message
from draftsmith.models.catalogue import Catalogue
from draftsmith.models.health import Health
from draftsmith.models.http_gateway import HttpGateway
from draftsmith.models.litellm_gateway import LiteLlmGateway
from draftsmith.models.pace import TimeLimits
from draftsmith.models.providers import parse_model
from draftsmith.models.retrying import RetryPolicy
from draftsmith.ports.models import Credential, ModelReply, ModelRequest, OnDelta, ToolSpec


class RoutingGateway:
    """Sends each request to the gateway that its provider wants. `expected` are the models to be warm for."""

    def __init__(
        self,
        expected: Sequence[str] = (),
        *,
        limits: TimeLimits | None = None,
        retries: RetryPolicy | None = None,
    ) -> None:
        self._expected = tuple(expected)
        self.health = Health()
        self._light = HttpGateway(limits=limits, retries=retries, health=self.health)
        self._vendors = LiteLlmGateway(limits=limits, retries=retries, health=self.health)

    async def warm_up(self) -> None:
        """Prepare the gateways that the expected models need."""
        await self._light.warm_up()
        if any(self._of(model) is self._vendors for model in self._expected):
            await self._vendors.warm_up()

    @asynccontextmanager
    async def warming(self, model: str) -> AsyncIterator[None]:
        """Prepares for requests of `model` ("": whichever is chosen) beside what the block does: imports take longer
        than a session's first steps. What could not be prepared shows at the first request, which tries again."""

        async def prepare() -> None:
            await (self._of(model) if model else self._light).warm_up()

        preparing = asyncio.create_task(prepare())
        try:
            yield
        finally:
            preparing.cancel()
            await asyncio.gather(preparing, return_exceptions=True)

    async def complete(self, request: ModelRequest, *, credentials: Credential | None, on_delta: OnDelta) -> ModelReply:
        """See `ModelGateway.complete`."""
        return await self._of(request.model).complete(request, credentials=credentials, on_delta=on_delta)

    def count_tokens(self, model: str, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> int:
        return self._of(model).count_tokens(model, messages, tools)

    def worst_case_cost_nano_usd(self, model: str, input_tokens: int, max_output_tokens: int) -> int | None:
        return self._of(model).worst_case_cost_nano_usd(model, input_tokens, max_output_tokens)

    def context_window(self, model: str) -> int | None:
        return self._of(model).context_window(model)

    async def aclose(self) -> None:
        """Close idle connections of both."""
        await self._light.aclose()
        await self._vendors.aclose()

    def use(self, catalogue: Catalogue) -> None:
        """Count and limit by these facts from now on."""
        self._light.catalogue = self._vendors.catalogue = catalogue

    def _of(self, model: str) -> HttpGateway | LiteLlmGateway:
        provider = parse_model(model).provider
        custom = provider.base_url is None
        return self._light if provider.local or custom else self._vendors
