"""Which models can be used: keys in a given environment, an endpoint the user names, servers on this machine.

Reads no environment by itself and imports no LiteLLM, so that asking is quick. Contacts loopback addresses only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from draftsmith.domain.errors import UserError
from draftsmith.models import prices
from draftsmith.models.lean_httpx import httpx, new_client
from draftsmith.models.providers import PROVIDERS, Probe, Provider
from draftsmith.ports.models import Credential

MODEL_VARIABLE = "DRAFTSMITH_MODEL"
ADDRESS_VARIABLE = "DRAFTSMITH_BASE_URL"
KEY_VARIABLE = "DRAFTSMITH_API_KEY"
_CUSTOM = PROVIDERS["openai_compatible"]
_MAX_LIST_BYTES = 2_000_000
_NOT_FOR_CHAT = ("embed", "rerank", "whisper", "tts")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A model that can be used now, and why. `price` is `None` when unknown, zeros for a local server."""

    model: str
    title: str
    credential: Credential
    local: bool
    price: prices.Price | None


async def discover(
    environment: Mapping[str, str],
    *,
    probe_local: bool = True,
    probe_s: float = 0.6,
    addresses: Mapping[str, str] | None = None,
) -> tuple[FoundModel, ...]:
    """Usable models, best first: the one the user named, then vendors with a key, then local servers.

    `addresses` overrides where the local servers are asked (provider name to base URL). Raises `UserError` when
    the user names a model that cannot be used.
    """
    named = _named(environment)
    keyed = [
        _with_key(provider, environment)
        for provider in PROVIDERS.values()
        if provider.default_model is not None and _key_variable(provider, environment) is not None
    ]
    local: list[FoundModel] = []
    if probe_local:
        asked = [
            _ask(provider, (addresses or {}).get(provider.name) or provider.base_url or "", probe_s)
            for provider in PROVIDERS.values()
            if provider.probe is not None
        ]
        local = [found for found in await asyncio.gather(*asked) if found is not None]
    first = [] if named is None else [named]
    return (*first, *(model for model in (*keyed, *local) if named is None or model.model != named.model))


def _named(environment: Mapping[str, str]) -> FoundModel | None:
    """The model that the user named with `DRAFTSMITH_MODEL`."""
    model = environment.get(MODEL_VARIABLE, "").strip()
    address = environment.get(ADDRESS_VARIABLE, "").strip()
    if not model:
        if address:
            raise UserError(
                f"{ADDRESS_VARIABLE} is set to {address}, but no model is named.",
                code="model_not_named",
                remedy=f"Set {MODEL_VARIABLE} to the name of a model that this endpoint serves.",
            )
        return None
    if address:
        bare = model.removeprefix(f"{_CUSTOM.name}/")
        return _found(
            _CUSTOM, bare, environment.get(KEY_VARIABLE, ""), address, origin=f"environment {ADDRESS_VARIABLE}"
        )
    prefix, _, bare = model.partition("/")
    provider = PROVIDERS.get(prefix)
    if provider is None or not bare or provider is _CUSTOM:
        names = ", ".join(name for name in PROVIDERS if name != _CUSTOM.name)
        raise UserError(
            f"{MODEL_VARIABLE} is {model!r}, which is not of the form provider/model.",
            code="unknown_model_provider",
            remedy=f"Known providers: {names}. For any other endpoint set {ADDRESS_VARIABLE}, too.",
        )
    if provider.local:
        return _found(provider, bare, "", None, origin=f"environment {MODEL_VARIABLE}")
    if _key_variable(provider, environment) is None:
        raise UserError(
            f"{MODEL_VARIABLE} is {model!r}, but there is no key for {provider.title}.",
            code="model_key_missing",
            remedy=f"Set {' or '.join(provider.key_variables)}.",
        )
    return _with_key(provider, environment, bare)


def _with_key(provider: Provider, environment: Mapping[str, str], bare: str | None = None) -> FoundModel:
    variable = _key_variable(provider, environment) or ""
    address = next((environment[name] for name in provider.address_variables if environment.get(name)), None)
    model = bare or provider.default_model or ""
    return _found(provider, model, environment[variable], address, origin=f"environment {variable}")


def _key_variable(provider: Provider, environment: Mapping[str, str]) -> str | None:
    return next((name for name in provider.key_variables if environment.get(name, "").strip()), None)


def _found(provider: Provider, bare: str, key: str, address: str | None, *, origin: str) -> FoundModel:
    model = f"{provider.name}/{bare}"
    return FoundModel(
        model=model,
        title=provider.title,
        credential=Credential(
            provider=provider.name,
            label=f"{provider.title} from {origin}",
            value=key.strip(),
            base_url=address,
            origin=origin,
        ),
        local=provider.local,
        price=prices.price(model),
    )


async def _ask(provider: Provider, address: str, limit_s: float) -> FoundModel | None:
    """The first model of a local server; `None` when nothing answers, or another program does."""
    probe = provider.probe or Probe()
    url = address.removesuffix("/v1") + probe.path
    try:
        async with asyncio.timeout(limit_s):
            listed = await _get_json(url, limit_s)
    except (TimeoutError, httpx.HTTPError, OSError, ValueError):
        return None
    names = _served(listed, probe)
    if not names:
        return None
    return _found(provider, names[0], "", address, origin=f"server at {address}")


async def _get_json(url: str, limit_s: float) -> Any:
    client = await new_client(url, connect_s=limit_s)
    async with client, client.stream("GET", url) as response:
        if response.status_code != 200:
            return None
        body = b""
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_LIST_BYTES:
                return None
    return json.loads(body)


def _served(listed: Any, probe: Probe) -> list[str]:
    """Names of the chat models in a server's list; empty when the list is not of the server that was asked for."""
    entries = listed.get(probe.list_field) if isinstance(listed, dict) else None
    if not isinstance(entries, list):
        return []
    names: list[str] = []
    for entry in entries:
        name = entry.get(probe.name_field) if isinstance(entry, dict) else None
        if not isinstance(name, str) or (probe.owned_by and entry.get("owned_by") != probe.owned_by):
            return []
        if not any(word in name.lower() for word in _NOT_FOR_CHAT):
            names.append(name)
    return names
