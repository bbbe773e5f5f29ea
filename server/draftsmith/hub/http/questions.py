"""GraphQL's way in: who asks, in what form. The library behind it is imported with the first question."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from pydantic import Field, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from draftsmith.hub.dispatch import RpcError, authorise
from draftsmith.hub.http.bodies import read_object
from draftsmith.hub.http.entrance import Entrance
from draftsmith.hub.http.refusals import Refusal, of_call
from draftsmith.hub.http.rest import correlation_of
from draftsmith.protocol.http import CORRELATION_HEADER, PREFIX
from draftsmith.protocol.model import Message

if TYPE_CHECKING:
    from draftsmith.hub.service import Hub

QUESTIONS_PATH = f"{PREFIX}/graphql"
MAX_QUESTION = 100_000
ASKED_AT_ONCE = 4


class _Question(Message):
    query: str = Field(min_length=1, max_length=MAX_QUESTION)
    variables: dict[str, JsonValue] | None = None
    operationName: str | None = Field(default=None, max_length=200)  # noqa: N815 (the name in GraphQL over HTTP)


class Questions:
    """One for the hub."""

    def __init__(self, hub: Hub, entrance: Entrance) -> None:
        self._hub = hub
        self._entrance = entrance
        self._free = asyncio.Semaphore(ASKED_AT_ONCE)

    async def answer(self, request: Request) -> Response:
        visitor = self._entrance.admit(request)
        caller = visitor.caller("A question")
        try:
            authorise(caller, "view", "GraphQL")
        except RpcError as error:
            raise of_call(error) from error
        given = await read_object(request, limit=2 * MAX_QUESTION)
        try:
            question = _Question.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"][:2]) or "the body"
            raise Refusal(400, "invalid_params", f"{place}: {first['msg']}.") from None
        async with self._free:
            # Late: few ask, and the library takes as long to import as half of the hub.
            from draftsmith.hub.http.graph.asking import ask

            sees = visitor.standing.sees
            found = await ask(self._hub.store, sees, question.query, question.variables or {}, question.operationName)
        headers = {CORRELATION_HEADER: correlation_of(request), "cache-control": "no-store"}
        return Response(json.dumps(found), media_type="application/json", headers=headers)
