"""The golden messages, which the tests of every client read, are what the models and the schema say."""

from __future__ import annotations

import json

import pytest

from draftsmith.protocol import jsonrpc
from draftsmith.protocol.entities import ENTITY
from draftsmith.protocol.generate.samples import UNUSUAL_TEXT
from draftsmith.protocol.jsonrpc import (
    BadFrame,
    ErrorResponse,
    HubRequest,
    Notification,
    Reply,
    Request,
    Response,
    read_frame,
    read_request,
)
from draftsmith.protocol.model import Message
from draftsmith.protocol.registry import BY_NAME, NOTIFICATIONS, REQUESTS
from unit.protocol.reading import GOLDEN, Example, as_sent, examples, label, schema_errors

NUMBERS = {"parse_error": jsonrpc.PARSE_ERROR, "invalid_request": jsonrpc.INVALID_REQUEST}


def check(model: type[Message], value: object, *, whole: bool) -> Message:
    """The value is valid by schema and model, and the model gives it back unchanged."""
    text = json.dumps(value)
    assert schema_errors(model.__name__, json.loads(text)) == []
    message = model.model_validate_json(text)
    assert as_sent(message, whole=whole) == value
    return message


@pytest.mark.parametrize("example", examples("method"), ids=label)
def test_requests_and_responses_come_back_unchanged(example: Example) -> None:
    method = BY_NAME[example.subject]
    request = check(Request, example.parts["request"], whole=False)
    response = check(Response, example.parts["response"], whole=True)
    assert isinstance(request, Request)
    assert isinstance(response, Response)
    assert (request.method, request.id) == (example.subject, response.id)
    check(method.params, request.params, whole=False)
    check(method.result, response.result, whole=True)


@pytest.mark.parametrize("example", examples("notification"), ids=label)
def test_notifications_come_back_unchanged(example: Example) -> None:
    message = check(Notification, example.parts["message"], whole=True)
    assert isinstance(message, Notification)
    assert message.method == example.subject
    params = next(params for name, params, _ in NOTIFICATIONS if name == example.subject)
    check(params, message.params, whole=True)


@pytest.mark.parametrize("example", examples("request"), ids=label)
def test_what_the_hub_asks_and_what_clients_answer_come_back_unchanged(example: Example) -> None:
    asked = next(asked for asked in REQUESTS if asked.name == example.subject)
    request = check(HubRequest, example.parts["request"], whole=True)
    reply = check(Reply, example.parts["reply"], whole=False)
    assert isinstance(request, HubRequest)
    assert isinstance(reply, Reply)
    assert (request.method, request.id) == (example.subject, reply.id)
    check(asked.params, request.params, whole=True)
    check(asked.result, reply.result, whole=False)
    assert read_frame(json.dumps(example.parts["reply"])) == reply


def test_a_frame_that_is_neither_call_nor_answer_is_refused_as_a_call_would_be() -> None:
    assert isinstance(read_frame('{"jsonrpc": "2.0", "id": 1, "method": "hub/status"}'), Request)
    with pytest.raises(BadFrame, match="method"):
        read_frame('{"jsonrpc": "2.0", "id": [1], "result": 1}')


@pytest.mark.parametrize("example", examples("entity"), ids=label)
def test_entities_come_back_unchanged(example: Example) -> None:
    entity = ENTITY.validate_python(example.parts["entity"])
    assert entity.kind == example.subject
    assert schema_errors("AnyEntity", example.parts["entity"]) == []
    check(type(entity), example.parts["entity"], whole=True)


@pytest.mark.parametrize("example", examples("error"), ids=label)
def test_errors_come_back_unchanged(example: Example) -> None:
    check(ErrorResponse, example.parts["message"], whole=True)


@pytest.mark.parametrize("example", examples("frame"), ids=label)
def test_a_frame_is_read_or_refused_as_recorded(example: Example) -> None:
    text = example.parts["text"]
    assert isinstance(text, str)
    if "request" in example.parts:
        assert as_sent(read_request(text), whole=False) == example.parts["request"]
        assert read_request(text.encode()) == read_request(text)
    else:
        with pytest.raises(BadFrame) as refused:
            read_request(text)
        assert refused.value.number == NUMBERS[str(example.parts["error"])]


def test_every_kind_of_example_is_read() -> None:
    kinds = {json.loads(path.read_text(encoding="utf-8"))["kind"] for path in GOLDEN.glob("*.json")}
    assert kinds == {"method", "notification", "request", "entity", "error", "frame"}


def test_unusual_text_holds_what_breaks_careless_readers() -> None:
    assert any(ord(character) > 0xFFFF for character in UNUSUAL_TEXT)
    for character in ("\ufffd", "\ufeff", "\u2028", "\u0000", "\r\n", "\t", "\\", '"'):
        assert character in UNUSUAL_TEXT
    texts = [str(example.parts) for example in examples("entity") if example.name == "unusual"]
    assert any("\U0001f600" in text for text in texts)


def test_sparse_examples_hold_none_and_empty_values() -> None:
    sparse = {example.subject: example.parts["entity"] for example in examples("entity") if example.name == "sparse"}
    session = sparse["session"]
    assert isinstance(session, dict)
    assert session["base"] is None
    assert session["roots"] == []
    assert session["title"] == ""
