"""Which models can be used: keys in a given environment, an endpoint the user names, servers on this machine.

Reads no environment by itself and imports no LiteLLM, so that asking is quick. Contacts loopback addresses only,
unless the user names others.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from draftsmith.domain.errors import UserError
from draftsmith.models import prices
from draftsmith.models.connection_errors import CertificateRefused, ConnectionBroken, ConnectionTooSlow
from draftsmith.models.listing import fetch
from draftsmith.models.providers import PROVIDERS, Probe, Provider
from draftsmith.ports.models import Credential

MODEL_VARIABLE = "DRAFTSMITH_MODEL"
ADDRESS_VARIABLE = "DRAFTSMITH_BASE_URL"
KEY_VARIABLE = "DRAFTSMITH_API_KEY"
_CUSTOM = PROVIDERS["openai_compatible"]
LOCAL_SERVERS_VARIABLE = "DRAFTSMITH_RUNNER_LOCAL_SERVERS"
"""Where local servers are asked for, other than at their usual ports: `llamacpp=http://127.0.0.1:9000/v1`, several
with semicolons; `off`: nowhere."""
MAX_OF_SERVER = 20
"""Models of one local server that are considered."""
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
        local = [found for of_server in await asyncio.gather(*asked) for found in of_server]
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


async def _ask(provider: Provider, address: str, limit_s: float) -> tuple[FoundModel, ...]:
    """The models of a local server; none when nothing answers, or another program does."""
    probe = provider.probe or Probe()
    url = address.removesuffix("/v1") + probe.path
    try:
        listed = await fetch(url, within_s=limit_s)
        names = _served(json.loads(listed.body) if listed.status == 200 else None, probe)
    except (ConnectionTooSlow, CertificateRefused, ConnectionBroken, ValueError):
        return ()
    origin = f"server at {address}"
    return tuple(_found(provider, name, "", address, origin=origin) for name in names[:MAX_OF_SERVER])


def local_addresses(setting: str) -> Mapping[str, str] | None:
    """The setting of where local servers are asked, by provider; None: nowhere. Raises `UserError`."""
    if setting.strip() == "off":
        return None
    known = [provider.name for provider in PROVIDERS.values() if provider.probe is not None]
    found: dict[str, str] = {}
    for part in filter(str.strip, setting.split(";")):
        name, _, address = part.partition("=")
        if name.strip() not in known or not address.strip().startswith(("http://", "https://")):
            raise UserError(
                f"{LOCAL_SERVERS_VARIABLE} is {setting!r}; {part.strip()!r} names no local server with its address.",
                code="bad_local_servers",
                remedy=f"For example `llamacpp=http://127.0.0.1:9000/v1`, or `off`. The names: {', '.join(known)}.",
            )
        found[name.strip()] = address.strip().rstrip("/")
    return found


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
