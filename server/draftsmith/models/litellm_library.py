"""The one door to LiteLLM: imports it late and quietly, and gives what is used of it types.

Nothing else in Draftsmith imports it (2 to 4 s, 170 MB). No network at import, no telemetry, no callbacks, no log
lines: its log lines may hold requests.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, cast

_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    "HF_HUB_OFFLINE": "1",
    "DISABLE_AIOHTTP_TRANSPORT": "True",
}
"""Read when LiteLLM is imported: use the files it ships, and httpx for all vendors, whose cancelling is tested."""
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
_import_lock = threading.Lock()
_imported: Any = None


class Stream(Protocol):
    """LiteLLM's wrapper of a vendor's stream. It makes up a finish reason when the vendor sent none; the two
    attributes say what was really received."""

    received_finish_reason: str | None
    intermittent_finish_reason: str | None
    completion_stream: Any

    async def fetch_stream(self) -> Any: ...
    def __aiter__(self) -> AsyncIterator[Any]: ...
    async def __anext__(self) -> Any: ...
    async def aclose(self) -> None: ...


class EndWatch:
    """Sees the raw lines of a stream go by and notes whether `marker` was among them."""

    def __init__(self, lines: AsyncIterator[Any], marker: str) -> None:
        self._lines = lines
        self._marker = marker
        self.seen = False

    def __aiter__(self) -> EndWatch:
        return self

    async def __anext__(self) -> Any:
        line = await anext(self._lines)
        self.seen = self.seen or self._marker in str(line)
        return line


class LiteLlm:
    """What is used of the library."""

    def __init__(self) -> None:
        self._module = _import()

    async def stream(self, **arguments: Any) -> Stream:
        """`litellm.acompletion` with streaming on; raises LiteLLM's own errors."""
        return cast(Stream, await self._module.acompletion(stream=True, **arguments))

    async def watch_end(self, stream: Stream, marker: str) -> EndWatch:
        """Open the vendor's stream and watch its raw lines for `marker`. For vendors whose parser in LiteLLM
        reports a normal end on every piece, so that a broken stream would pass for a complete reply."""
        await stream.fetch_stream()
        parser = stream.completion_stream
        watch = EndWatch(parser.async_response_iterator, marker)
        parser.streaming_response = watch  # asked for its iterator again before every piece
        return watch

    async def close_clients(self) -> None:
        """Close and forget the library's HTTP clients, which belong to the process and to one event loop."""
        await self._module.close_litellm_async_clients()
        self._module.in_memory_llm_clients_cache.flush_cache()
        vars(self._module).pop("module_level_aclient", None)

    def cost_usd(self, model: str, provider: str, usage: object) -> float:
        """Cost of a rebuilt usage object, extra charges for cache writes included; raises for unknown models."""
        read, written = self._module.cost_per_token(model=model, custom_llm_provider=provider, usage_object=usage)
        return float(read) + float(written)


async def load() -> LiteLlm:
    """The library, imported in a thread when it is not there yet."""
    return await asyncio.to_thread(LiteLlm)


class _AtOnce:
    """Stands in for LiteLLM's pool of threads: runs what it is given before it returns."""

    def submit(self, function: Callable[..., object], *arguments: object, **named: object) -> None:
        function(*arguments, **named)


def _prepare(module: Any) -> None:
    """Make it load what it loads on a first call (0.5 to 1 s of imports), without a request.

    With its notes about the call made at once: in a thread of their own they would still be importing while the first
    real call imports, and of two imports that wait for each other Python lets one see half a module.
    """
    pool = module.utils.executor
    module.utils.executor = _AtOnce()
    try:
        _call_nobody(module)
    finally:
        module.utils.executor = pool


def _call_nobody(module: Any) -> None:
    tool = {"type": "function", "function": {"name": "x", "parameters": {"type": "object", "properties": {}}}}
    # Not streamed: a streamed one would load a tokeniser (80 MB) that vendors' own usage makes unnecessary.
    module.completion(
        model="openai/gpt-4.1",
        messages=[{"role": "user", "content": "x"}],
        tools=[tool],
        api_key="x",
        mock_response="x",
    )


def _silence() -> None:
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _import() -> Any:
    """The module; prepared by the first who asks, the others wait."""
    global _imported
    with _import_lock:
        if _imported is not None:
            return _imported
        for name, value in _ENVIRONMENT.items():
            os.environ[name] = value
        _silence()
        import litellm  # heavy: only runners that use a cloud vendor pay for it

        _silence()  # again: it may have set levels of its own by its environment
        module: Any = litellm
        module.telemetry = False
        module.drop_params = True
        module.suppress_debug_info = True
        module.set_verbose = False
        module.turn_off_message_logging = True
        module.disable_aiohttp_transport = True
        # It takes a hundred equal pieces (a table, an indented block) for a broken model, and ends the reply.
        module.REPEATED_STREAMING_CHUNK_LIMIT = sys.maxsize
        module.callbacks = []
        module.success_callback = []
        module.failure_callback = []
        _prepare(module)
        _imported = module
        return module
