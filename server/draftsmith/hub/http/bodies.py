"""Bodies of requests: bounded in size and time, and JSON objects or nothing."""

from __future__ import annotations

import asyncio
from typing import cast

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from draftsmith.hub.http.refusals import Refusal
from draftsmith.protocol.http import MAX_BODY

BODY_SECONDS = 20.0
"""A body that has not come by then is not waited for."""


async def read_object(request: Request, *, limit: int = MAX_BODY, within: float = BODY_SECONDS) -> dict[str, JsonValue]:
    """The JSON object that was sent; an empty body is an empty object. Raises Refusal."""
    body = await _read(request, limit, within)
    if not body:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "not_json", "The body must be JSON.", remedy="Send `Content-Type: application/json`.")
    try:
        value: object = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(400, "invalid_params", f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Refusal(400, "invalid_params", "The body must be a JSON object with the parameters by name.")
    return cast("dict[str, JsonValue]", value)


async def _read(request: Request, limit: int, within: float) -> bytes:
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(within):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(part)
    except TimeoutError:
        raise Refusal(
            408, "body_too_slow", f"The body did not come within {within:.0f} s.", headers={"Connection": "close"}
        ) from None
    except ClientDisconnect:
        raise Refusal(400, "invalid_params", "The connection ended in the middle of the body.") from None
    return b"".join(parts)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "body_too_large", f"A body may have {limit:,} bytes at most.", headers={"Connection": "close"})
