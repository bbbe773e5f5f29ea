"""Looks whether an OpenAI-compatible endpoint can be used: address, certificate, key, model, in this order.

What is wrong comes back in words with a remedy; a key is in none of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from draftsmith.models.connection_errors import CertificateRefused, ConnectionBroken, ConnectionTooSlow
from draftsmith.models.listing import Listed, fetch

WITHIN_S = 10.0
_SHOWN = 12
"""So many names stand in a message."""

Trouble = Literal["", "address", "timeout", "certificate", "key", "protocol", "model", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFindings:
    """`trouble` is empty when the endpoint can be used. `models` is what it serves, as far as it says so."""

    trouble: Trouble = ""
    problem: str = ""
    remedy: str = ""
    models: tuple[str, ...] = ()


async def check_endpoint(
    base_url: str, key: str, wanted: tuple[str, ...] = (), *, within_s: float = WITHIN_S
) -> EndpointFindings:
    """Asks the endpoint what it serves, and when it does not say, each wanted model for one token."""
    address = base_url.rstrip("/")
    listed = await _get(f"{address}/models", key, within_s, address)
    if isinstance(listed, EndpointFindings):
        return listed
    if listed.status in (401, 403):
        return _refused(address, key, listed)
    if listed.status >= 500:
        problem = f"The server at {address} fails: status {listed.status}{_said(listed, key)}."
        return EndpointFindings(trouble="server", problem=problem, remedy="Try again later, or look at its log.")
    names = _names(listed)
    if names is None:
        return await _unlisted(address, key, wanted, within_s, listed)
    missing = [name for name in wanted if name not in names]
    if missing:
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        return EndpointFindings(
            trouble="model",
            problem=f"The server at {address} serves no model {missing[0]!r}.",
            remedy=f"It serves: {shown or 'none at all'}.",
            models=names,
        )
    return EndpointFindings(models=names)


async def _get(url: str, key: str, within_s: float, address: str, body: bytes = b"") -> Listed | EndpointFindings:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    if body:
        headers["content-type"] = "application/json"
    host = urlsplit(address).hostname or address
    try:
        return await fetch(url, within_s=within_s, headers=headers, body=body)
    except ConnectionTooSlow:
        return EndpointFindings(
            trouble="timeout",
            problem=f"Nothing came from {address} within {within_s:g} seconds.",
            remedy="Check the address, the network and whether a proxy or firewall is in between.",
        )
    except CertificateRefused as refused:
        return EndpointFindings(
            trouble="certificate",
            problem=f"The certificate of {host} cannot be trusted: {refused}.",
            remedy=(
                "If it has expired, its owner must renew it; if your organisation signs its own, name its authorities"
                " in SSL_CERT_FILE where the hub is started."
            ),
        )
    except ConnectionBroken as broken:
        plain = "SSL" in str(broken) or "ssl" in str(broken)
        return EndpointFindings(
            trouble="address",
            problem=f"There is no connection to {address}: {broken}.",
            remedy="The server seems to speak plain http: try http:// in place of https://."
            if plain
            else "Check the name and the port, and that the server runs.",
        )


async def _unlisted(
    address: str, key: str, wanted: tuple[str, ...], within_s: float, listed: Listed
) -> EndpointFindings:
    """It gives no list of models. Perhaps the path is wrong; perhaps it can only be called."""
    if not address.endswith("/v1"):
        other = await _get(f"{address}/v1/models", key, within_s, address)
        if isinstance(other, Listed) and _names(other) is not None:
            return EndpointFindings(
                trouble="address",
                problem=f"There is no OpenAI-compatible API at {address}.",
                remedy=f"There is one at {address}/v1: give that address.",
            )
    for name in wanted:
        asked = {"model": name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        answer = await _get(f"{address}/chat/completions", key, within_s, address, json.dumps(asked).encode())
        if isinstance(answer, EndpointFindings):
            return answer
        if answer.status in (401, 403):
            return _refused(address, key, answer)
        if isinstance(_json(answer), dict) and "choices" in _json(answer):
            continue
        if isinstance(_json(answer), dict) and "error" in _json(answer):
            problem = (
                f"The server at {address} does not answer as {name!r}: status {answer.status}{_said(answer, key)}."
            )
            return EndpointFindings(trouble="model", problem=problem, remedy="Check the model's name.")
        return _other_protocol(address, answer)
    return EndpointFindings() if wanted else _other_protocol(address, listed)


def _refused(address: str, key: str, listed: Listed) -> EndpointFindings:
    problem = (
        f"{address} refuses the key{_said(listed, key)}." if key else f"{address} wants a key{_said(listed, key)}."
    )
    return EndpointFindings(
        trouble="key", problem=problem, remedy="Give the right one: `draftsmith models key set NAME`, or --key."
    )


def _other_protocol(address: str, listed: Listed) -> EndpointFindings:
    what = listed.content_type or "nothing"
    return EndpointFindings(
        trouble="protocol",
        problem=f"What answers at {address} is no OpenAI-compatible server: status {listed.status}, {what}.",
        remedy="Give the address below which its API lies; most end with /v1. A model's name may be needed, too.",
    )


def _json(listed: Listed) -> Any:
    try:
        return json.loads(listed.body)
    except ValueError:
        return None


def _names(listed: Listed) -> tuple[str, ...] | None:
    """The models of a list in OpenAI's form; None when it is none."""
    found = _json(listed) if listed.status == 200 else None
    entries = found.get("data") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        return None
    names = [entry.get("id") if isinstance(entry, dict) else None for entry in entries]
    return tuple(name for name in names if isinstance(name, str)) if all(isinstance(n, str) for n in names) else None


def _said(listed: Listed, key: str) -> str:
    """The server's own words, short; what repeats a key is left out."""
    found = _json(listed)
    error = found.get("error") if isinstance(found, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    if not isinstance(message, str) or not message:
        return ""
    pieces = (key[start : start + 4] for start in range(len(key) - 3))
    if any(piece in message for piece in pieces):  # vendors repeat a part of a wrong key
        return ""
    return f" ({' '.join(message.split())[:200].rstrip('.')})"
