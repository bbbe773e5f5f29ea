"""The registry's methods as REST: one adapter for all of them, nothing written for one.

Translates; what a method means and who may call it is the dispatcher's.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from draftsmith.hub.dispatch import RpcError, dispatch
from draftsmith.hub.http.bodies import read_object
from draftsmith.hub.http.entrance import Entrance, Visitor
from draftsmith.hub.http.refusals import Refusal, of_call, problem_body
from draftsmith.hub.http.repeats import Answer, Repeats
from draftsmith.platform.clock import new_id
from draftsmith.protocol.http import (
    CORRELATION_FORM,
    CORRELATION_HEADER,
    KEY_FORM,
    KEY_HEADER,
    MAX_KEY,
    PROBLEM,
    Parameter,
    RestForm,
    rest_forms,
)

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

JSON = "application/json"
REPEATED_HEADER = "Idempotency-Replayed"
_NUMBER = re.compile(r"-?\d{1,16}")


class Rest:
    """One for the hub."""

    def __init__(self, hub: Hub, entrance: Entrance, repeats: Repeats) -> None:
        self._hub = hub
        self._entrance = entrance
        self._repeats = repeats

    def routes(self) -> list[Route]:
        """One route for each path, since one path can have several verbs."""
        by_path: dict[str, dict[str, RestForm]] = {}
        for form in rest_forms():
            by_path.setdefault(form.path, {})[form.verb] = form
        return [self._route(path, forms) for path, forms in by_path.items()]

    def _route(self, path: str, forms: Mapping[str, RestForm]) -> Route:
        async def answer(request: Request) -> Response:
            return await self._answer(request, forms["GET" if request.method == "HEAD" else request.method])

        return Route(path, answer, methods=list(forms))

    async def _answer(self, request: Request, form: RestForm) -> Response:
        visitor = self._entrance.admit(request)
        params = await _params(request, form)
        correlation_id = correlation_of(request)
        if form.method.safe:
            answer, again = await self._called(visitor, form, params, correlation_id), False
        else:
            answer, again = await self._commanded(request, visitor, form, params, correlation_id)
        headers = {CORRELATION_HEADER: answer.correlation_id}
        if again:
            headers[REPEATED_HEADER] = "true"
        if answer.status == 200 and form.verb == "GET":
            return _read_answer(request, answer, headers, form)
        headers["cache-control"] = "no-store"
        return Response(answer.body, answer.status, headers, media_type=answer.media_type)

    async def _commanded(
        self, request: Request, visitor: Visitor, form: RestForm, params: Mapping[str, JsonValue], correlation_id: str
    ) -> tuple[Answer, bool]:
        """A command is carried through when the caller goes away, and done once for one key."""

        async def start(answer: asyncio.Future[Answer]) -> None:
            self._hub.start_call(self._carry(visitor, form, params, correlation_id, answer))

        key = request.headers.get(KEY_HEADER)
        if key is None:
            answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            await start(answer)
            return await asyncio.shield(answer), False
        if not KEY_FORM.fullmatch(key):
            raise Refusal(400, "bad_request", f"An {KEY_HEADER} has 1 to {MAX_KEY} visible ASCII characters.")
        asked = f"{form.verb} {request.url.path}\n{sorted(params.items())!r}".encode("utf-8", "backslashreplace")
        return await self._repeats.once(visitor.key, key, asked, start)

    async def _carry(
        self,
        visitor: Visitor,
        form: RestForm,
        params: Mapping[str, JsonValue],
        correlation_id: str,
        answer: asyncio.Future[Answer],
    ) -> None:
        try:
            answer.set_result(await self._called(visitor, form, params, correlation_id))
        finally:
            answer.cancel()  # does nothing when it has its result

    async def _called(
        self, visitor: Visitor, form: RestForm, params: Mapping[str, JsonValue], correlation_id: str
    ) -> Answer:
        caller = visitor.caller("A REST call")
        try:
            result = await dispatch(self._hub, caller, form.method.name, params, correlation_id=correlation_id)
            status, body, media_type = 200, result.model_dump_json().encode(), JSON
        except RpcError as error:
            refusal = of_call(error)
            status, body, media_type = refusal.status, problem_body(refusal, correlation_id), PROBLEM
        finally:
            caller.leave()
        return Answer(status=status, body=body, media_type=media_type, correlation_id=correlation_id)


def correlation_of(request: Request) -> str:
    """The caller's own id when it gave one, so that its log and ours can be put together."""
    given = request.headers.get(CORRELATION_HEADER, "")
    return given if CORRELATION_FORM.fullmatch(given) else new_id("c")


def _read_answer(request: Request, answer: Answer, headers: dict[str, str], form: RestForm) -> Response:
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers |= {"etag": tag, "cache-control": "private, no-cache", **_next_page(request, answer.body, form)}
    held = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in held or held == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(answer.body, 200, headers, media_type=answer.media_type)


_CURSOR = re.compile(rb'"cursor":"([A-Za-z0-9_=.:/+~-]+)"\}$')
"""Where a result says how to go on: its last field."""


def _next_page(request: Request, body: bytes, form: RestForm) -> dict[str, str]:
    """The address of the next page (RFC 8288), for methods that page by a cursor."""
    found = _CURSOR.search(body)
    if found is None or all(one.name != "cursor" for one in form.in_query):
        return {}
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query.append(("cursor", found[1].decode("ascii")))
    return {"link": f'<?{urlencode(query)}>; rel="next"'}


async def _params(request: Request, form: RestForm) -> dict[str, JsonValue]:
    in_path: dict[str, JsonValue] = {one.name: request.path_params[one.name] for one in form.in_path}
    if not form.has_body:
        return {**_query(request, form), **in_path}
    if request.url.query:
        raise Refusal(400, "invalid_params", "The parameters of a command stand in the body, not in the query.")
    body = await read_object(request)
    if twice := sorted(body.keys() & in_path.keys()):
        raise Refusal(400, "invalid_params", f"{twice[0]} stands in the path and not in the body.")
    return {**body, **in_path}


def _query(request: Request, form: RestForm) -> dict[str, JsonValue]:
    known = {one.name: one for one in form.in_query}
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise Refusal(400, "invalid_params", f"There is no parameter {name[:100]!r}.")
        given.setdefault(name, []).append(value)
    return {name: _value(known[name], values) for name, values in given.items()}


def _value(parameter: Parameter, values: list[str]) -> JsonValue:
    if parameter.many:
        return [_scalar(parameter, value) for value in values]
    if len(values) > 1:
        raise Refusal(400, "invalid_params", f"{parameter.name} may stand once only.")
    return _scalar(parameter, values[0])


def _scalar(parameter: Parameter, value: str) -> JsonValue:
    match parameter.scalar:
        case "text":
            return value
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case "number" if _NUMBER.fullmatch(value):
            return int(value)
        case kind:
            raise Refusal(400, "invalid_params", f"{parameter.name} must be a {kind}.")
