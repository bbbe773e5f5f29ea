"""What a client sends is accepted or refused, never more, and its keys are never shown."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue, SecretStr, ValidationError

from draftsmith.protocol.generate.catalogue import Way, messages
from draftsmith.protocol.generate.samples import VARIANTS, sample
from draftsmith.protocol.jsonrpc import BadFrame, ErrorBody, ErrorData, read_request
from draftsmith.protocol.method import Method
from draftsmith.protocol.model import MAX_INTEGER
from draftsmith.protocol.registry import METHODS
from unit.protocol.reading import as_sent, schema_errors

# What is not text at all comes as often as what is: half of a surrogate pair, as a careless client can send it.
ANY_TEXT = st.text(st.characters() | st.integers(0xD800, 0xDFFF).map(chr), max_size=20)


def json_of(text: st.SearchStrategy[str], *, nan: bool) -> st.SearchStrategy[JsonValue]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=nan) | text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=8,
    )


ANY_JSON = json_of(ANY_TEXT, nan=True)
WHOLE_JSON = json_of(st.text(max_size=20), nan=False)
SECRET_NAMES = {"token", "value", "password", "secret", "api_key"}
NO_SECRETS = {"WriteSettingParams": {"value"}}
"""A setting is a number, a choice or a name, written into a file that is shown: no setting is a secret."""


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[Method, JsonValue]:
    """The parameters of a method with any JSON in place of some of them, and perhaps with others added."""
    method = draw(st.sampled_from(METHODS))
    params = dict(sample(method.params, Way.SENT, draw(st.sampled_from(VARIANTS))))
    for name in draw(st.lists(st.sampled_from(sorted(method.params.model_fields)), max_size=3)) if params else ():
        params[name] = draw(ANY_JSON)
    return method, params | draw(st.dictionaries(ANY_TEXT, ANY_JSON, max_size=1))


@settings(max_examples=500)
@given(nearly_right() | st.tuples(st.sampled_from(METHODS), ANY_JSON))
def test_any_json_is_accepted_or_refused_and_nothing_else(call: tuple[Method, JsonValue]) -> None:
    method, params = call
    try:
        message = method.params.model_validate(params)
    except ValidationError as refused:
        str(refused).encode()
        return
    accepted = as_sent(message, whole=True)
    json.dumps(accepted, ensure_ascii=False, allow_nan=False).encode()
    assert schema_errors(method.params.__name__, accepted) == []


@settings(max_examples=200)
@given(nearly_right())
def test_what_the_model_accepts_is_accepted_as_json_too(call: tuple[Method, JsonValue]) -> None:
    method, params = call
    try:
        expected = method.params.model_validate(params)
    except ValidationError:
        return
    assert method.params.model_validate_json(json.dumps(params)) == expected


@given(ANY_TEXT | st.binary(max_size=40) | ANY_JSON.map(json.dumps))
def test_any_frame_is_a_request_or_a_bad_frame(frame: str | bytes) -> None:
    with contextlib.suppress(BadFrame):
        assert read_request(frame).jsonrpc == "2.0"


@given(st.text(max_size=20), WHOLE_JSON)
def test_a_well_formed_frame_is_read(name: str, value: JsonValue) -> None:
    frame = {"jsonrpc": "2.0", "id": 1, "method": name, "params": {"value": value}}
    assert as_sent(read_request(json.dumps(frame)), whole=True) == frame


@pytest.mark.parametrize("name", sorted(messages()))
def test_a_field_too_many_is_refused_at_any_depth(name: str) -> None:
    model = messages()[name].model
    if model.__module__ == "draftsmith.protocol.jsonrpc":
        whole: dict[str, JsonValue] = {}
    else:
        whole = sample(model, Way.RECEIVED, "plain")
    for place in _objects(whole):
        place["not_a_field"] = 1
        with pytest.raises(ValidationError) as refused:
            model.model_validate(whole)
        assert "extra_forbidden" in {error["type"] for error in refused.value.errors()}
        del place["not_a_field"]


def _objects(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    match value:
        case dict():
            yield value
            for part in value.values():
                yield from _objects(part)
        case list():
            for part in value:
                yield from _objects(part)
        case _:
            pass


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    for method in METHODS:
        plain = sample(method.params, Way.SENT, "plain")
        for name, value in plain.items():
            if isinstance(value, str):
                with pytest.raises(ValidationError):
                    method.params.model_validate(plain | {name: text})


def test_whole_numbers_that_clients_send_fit_every_reader() -> None:
    """Otherwise a number too large for the store would be a mistake of ours."""
    checked = 0
    for method in METHODS:
        plain = sample(method.params, Way.SENT, "plain")
        for place in _objects(plain):
            for name, value in list(place.items()):
                if isinstance(value, int) and not isinstance(value, bool):
                    for excess in (MAX_INTEGER + 1, -MAX_INTEGER - 1):
                        place[name] = excess
                        with pytest.raises(ValidationError):
                            method.params.model_validate(plain)
                    place[name] = value
                    checked += 1
    assert checked > 5


def test_secrets_are_declared_secret() -> None:
    sent = {entry.model for entry in messages().values() if entry.way == Way.SENT}
    for model in {method.params for method in METHODS} | sent:
        for name in (SECRET_NAMES & set(model.model_fields)) - NO_SECRETS.get(model.__name__, set()):
            declared = model.model_fields[name].annotation
            assert declared in (SecretStr, SecretStr | None), f"{model.__name__}.{name}"


@pytest.mark.parametrize("method_name", ["hello", "credentials/offer"])
def test_secrets_are_never_shown(method_name: str) -> None:
    method = next(method for method in METHODS if method.name == method_name)
    params = sample(method.params, Way.SENT, "plain")
    secrets = [str(place[name]) for place in _objects(params) for name in SECRET_NAMES & set(place)]
    message = method.params.model_validate(params)
    shown = [repr(message), str(message), f"{message}", message.model_dump_json(), repr(message.model_dump())]
    shown += [repr(message.model_dump(mode="json")), repr(message.model_copy()), repr(dict(message))]
    assert secrets
    assert not [(secret, text) for secret in secrets for text in shown if secret in text]


@pytest.mark.parametrize("method_name", ["hello", "credentials/offer"])
def test_a_refusal_does_not_show_what_was_refused(method_name: str) -> None:
    method = next(method for method in METHODS if method.name == method_name)
    params = sample(method.params, Way.SENT, "plain")
    for place in list(_objects(params)):
        for name in SECRET_NAMES & set(place):
            wrongs: list[JsonValue] = [["a-real-key"], {"a": "a-real-key"}]
            for wrong in wrongs:
                place[name] = wrong
                with pytest.raises(ValidationError) as refused:
                    method.params.model_validate(params | {"unknown": "a-real-key"})
                assert "a-real-key" not in str(refused.value)
                assert "a-real-key" not in repr(refused.value)


@given(ANY_TEXT)
def test_an_error_can_be_told_whatever_it_names(text: str) -> None:
    body = ErrorBody(code=-32000, message=text, data=ErrorData(code="unknown_file", remedy=text))
    told = json.loads(body.model_dump_json().encode())
    assert len(told["message"]) == len(told["data"]["remedy"]) == len(text)
    assert all(shown == "\ufffd" or shown == meant for shown, meant in zip(told["message"], text, strict=True))
