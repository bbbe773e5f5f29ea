"""Errors as HTTP tells them: problem details (RFC 9457) with our codes and remedies."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from draftsmith.domain.errors import AdapterError
from draftsmith.hub.dispatch import RpcError
from draftsmith.protocol.http import CORRELATION_HEADER, PROBLEM, status_of


class Refusal(Exception):
    """Raised on the way to a method; the answer is a problem."""

    def __init__(
        self, status: int, code: str, detail: str, *, remedy: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})


def problem(refusal: Refusal, *, correlation_id: str = "") -> Response:
    """The answer to what was refused."""
    headers = {"cache-control": "no-store", **refusal.headers}
    if correlation_id:
        headers[CORRELATION_HEADER] = correlation_id
    return Response(problem_body(refusal, correlation_id), refusal.status, headers, media_type=PROBLEM)


def problem_body(refusal: Refusal, correlation_id: str = "") -> bytes:
    fields = {
        "type": f"urn:draftsmith:error:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "remedy": refusal.remedy,
        "correlation_id": correlation_id,
    }
    return json.dumps(fields).encode()


def of_call(error: RpcError) -> Refusal:
    """What a method answered instead of a result."""
    data = error.body.data
    adapter = isinstance(error.__cause__, AdapterError)
    return Refusal(status_of(data.code, adapter=adapter), data.code, error.body.message, remedy=data.remedy)


async def on_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101 (it is registered for this class only)
    return problem(refusal)


async def on_no_route(request: Request, error: Exception) -> Response:
    return problem(Refusal(404, "unknown_path", f"There is nothing at {request.url.path}."))


async def on_wrong_verb(request: Request, error: Exception) -> Response:
    headers: Mapping[str, str] = getattr(error, "headers", None) or {}
    return problem(Refusal(405, "wrong_verb", f"{request.method} is not for {request.url.path}.", headers=headers))
