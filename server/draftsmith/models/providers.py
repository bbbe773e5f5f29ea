"""Providers of models and their quirks, as data.

A model is named `provider/model`. What differs between vendors is a field of this table, never an `if` on a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How a local server is asked for its models, and how it is told from another one on the same port: the list
    at `list_field` has entries with `name_field`, and `owned_by` as given."""

    path: str = "/v1/models"
    list_field: str = "data"
    name_field: str = "id"
    owned_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One vendor or kind of server.

    `litellm_name` is its name in LiteLLM and in LiteLLM's price map. `base_url` is where its API is when the
    credential names no other; `None` means that one must be given. `key_variables` are looked up in order.
    """

    name: str
    title: str
    litellm_name: str
    base_url: str | None
    key_variables: tuple[str, ...] = ()
    address_variables: tuple[str, ...] = ()
    default_model: str | None = None
    local: bool = False
    """Runs on the user's machine: free, and needs no key."""
    probe: Probe | None = None
    chat_completions: bool = True
    """Speaks OpenAI's chat completions at `base_url`, so that the light gateway can be used."""
    output_limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    fixed_temperature_prefixes: tuple[str, ...] = ()
    """Models whose temperature must not be sent."""
    cache_markers: int = 0
    """How many `cache_control` marks a request may carry; 0: the vendor caches by itself or not at all."""
    end_marker: str | None = None
    """Text that the raw stream holds when the reply is complete, where LiteLLM makes up the reply's end."""
    quota_words_mean_rate_limit: bool = False
    """Google writes "exceeded your current quota" for ordinary limits per minute, too."""
    counting_error: float = 1.3
    """How far the token count may be below the vendor's at first; raised by what is observed."""


_TABLE = (
    Provider(
        name="anthropic",
        title="Anthropic",
        litellm_name="anthropic",
        base_url="https://api.anthropic.com",
        key_variables=("ANTHROPIC_API_KEY",),
        address_variables=("ANTHROPIC_BASE_URL",),
        default_model="claude-sonnet-4-6",
        chat_completions=False,
        cache_markers=4,
        counting_error=1.35,
    ),
    Provider(
        name="openai",
        title="OpenAI",
        litellm_name="openai",
        base_url="https://api.openai.com/v1",
        key_variables=("OPENAI_API_KEY",),
        address_variables=("OPENAI_BASE_URL",),
        default_model="gpt-5.4",
        output_limit_field="max_completion_tokens",
        fixed_temperature_prefixes=("gpt-5", "o1", "o3", "o4"),
    ),
    Provider(
        name="gemini",
        title="Google",
        litellm_name="gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta",
        key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        address_variables=("GOOGLE_GEMINI_BASE_URL",),
        default_model="gemini-2.5-pro",
        chat_completions=False,
        end_marker='"finishReason"',
        quota_words_mean_rate_limit=True,
        counting_error=1.3,
    ),
    Provider(
        name="openai_compatible",
        title="OpenAI-compatible endpoint",
        litellm_name="openai",
        base_url=None,
        key_variables=("DRAFTSMITH_API_KEY",),
        address_variables=("DRAFTSMITH_BASE_URL",),
        counting_error=1.35,
    ),
    Provider(
        name="ollama",
        title="Ollama",
        litellm_name="openai",
        base_url="http://127.0.0.1:11434/v1",
        local=True,
        probe=Probe(path="/api/tags", list_field="models", name_field="name"),
    ),
    Provider(
        name="llamacpp",
        title="llama.cpp",
        litellm_name="openai",
        base_url="http://127.0.0.1:8080/v1",
        local=True,
        probe=Probe(owned_by="llamacpp"),
    ),
    Provider(
        name="lmstudio",
        title="LM Studio",
        litellm_name="openai",
        base_url="http://127.0.0.1:1234/v1",
        local=True,
        probe=Probe(owned_by="organization_owner"),
    ),
    Provider(
        name="vllm",
        title="vLLM",
        litellm_name="openai",
        base_url="http://127.0.0.1:8000/v1",
        local=True,
        probe=Probe(owned_by="vllm"),
    ),
)

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in _TABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelName:
    """A model's name, taken apart; `bare` is what the vendor calls it."""

    provider: Provider
    bare: str


def parse_model(model: str) -> ModelName:
    """`provider/model` taken apart; raises `UserError` for an unknown provider or an empty name."""
    prefix, separator, bare = model.partition("/")
    provider = PROVIDERS.get(prefix)
    if provider is None or not separator or not bare:
        raise UserError(
            f"The model name {model!r} is not of the form provider/model with a known provider.",
            code="unknown_model_provider",
            remedy=f"Known providers: {', '.join(sorted(PROVIDERS))}.",
        )
    return ModelName(provider=provider, bare=bare)
