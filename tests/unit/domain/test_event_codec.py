"""The codec: what is written is read back, and nothing else is accepted."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.domain.event_strategies import envelopes, events, values

from draftsmith.domain import codec
from draftsmith.domain.codec import (
    CodecError,
    Event,
    decode_body,
    decode_envelope,
    encode_body,
    encode_envelope,
    event_types,
)
from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import DecisionId, EventId, StreamId
from draftsmith.domain.roots import Root
from draftsmith.domain.session import events as session_events
from draftsmith.domain.session.events import DecisionTaken, SessionStarted

KINDS = sorted(event_types())

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def fields_of(event: Event) -> dict[str, Any]:
    return json.loads(encode_body(event))


def decode_fields(kind: str, fields: object) -> Event:
    return decode_body(kind, event_types()[kind].kind_version, json.dumps(fields).encode())


def read(kind: str, version: int, body: bytes) -> None:
    """Reads what may be garbage: the only error allowed is CodecError."""
    try:
        event = decode_body(kind, version, body)
    except CodecError:
        return
    assert decode_body(kind, event.kind_version, encode_body(event)) == event


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back_as_it_was_written(kind: str) -> None:
    cls = event_types()[kind]

    @settings(max_examples=12)
    @given(values(cls))
    def check(event: Event) -> None:
        body = encode_body(event)
        assert decode_body(kind, cls.kind_version, body) == event
        assert body.isascii()

    check()


@settings(max_examples=60)
@given(envelopes())
def test_envelopes_are_read_back_as_they_were_written(envelope: Envelope[Event]) -> None:
    assert decode_envelope(json.loads(json.dumps(encode_envelope(envelope)))) == envelope


def test_no_two_events_share_a_kind_and_none_is_left_out_of_the_union() -> None:
    assert len(event_types()) == len(get_args(Event))
    declared = {one for one in vars(session_events).values() if isinstance(one, type) and hasattr(one, "kind_version")}
    assert declared <= set(event_types().values())


def test_every_field_of_an_event_is_immutable_and_typed_for_the_codec() -> None:
    for cls in event_types().values():
        assert cls.__dataclass_params__.frozen, cls
        assert "__dict__" not in dir(cls), cls
        assert cls.kind_version >= 1


def test_names_that_are_not_utf8_survive() -> None:
    path = b"/home/\xff\xfe/caf\xe9".decode("utf-8", "surrogateescape")
    event = h.started(roots=(Root(name="r", path=path),))
    again = decode_body("session_started", 1, encode_body(event))
    assert isinstance(again, SessionStarted)
    assert again.roots[0].path.encode("utf-8", "surrogateescape") == b"/home/\xff\xfe/caf\xe9"


@pytest.mark.parametrize("kind", ["", "session", "Session_Started", "session_started ", "__class__"])
def test_an_unknown_kind_is_refused_and_named(kind: str) -> None:
    with pytest.raises(CodecError, match="no event kind"):
        decode_body(kind, 1, b"{}")


@pytest.mark.parametrize("version", [-1, 0, 2, 10**9])
def test_an_unknown_version_is_refused_and_named(version: int) -> None:
    with pytest.raises(CodecError, match=str(version)):
        decode_body("plan_approved", version, b"{}")


@settings(max_examples=150)
@given(events(), st.data())
def test_a_missing_an_extra_or_a_mistyped_field_is_refused(event: Event, data: st.DataObject) -> None:
    fields = fields_of(event)
    with pytest.raises(CodecError, match="no field 'surplus'"):
        decode_fields(event.kind, {**fields, "surplus": 1})
    if not fields:
        return
    name = data.draw(st.sampled_from(sorted(fields)))
    without = {key: value for key, value in fields.items() if key != name}
    with pytest.raises(CodecError, match=f"lacks the field '{name}'"):
        decode_fields(event.kind, without)
    with pytest.raises(CodecError, match="does not fit"):
        decode_fields(event.kind, {**fields, name: data.draw(st.floats() | st.just([None]) | st.just({"x": 1}))})


def test_true_is_not_a_number_and_a_number_is_not_true() -> None:
    with pytest.raises(CodecError, match="is not int"):
        decode_fields("money_reserved", {"call_id": "c", "nano_usd": True})
    with pytest.raises(CodecError, match="is not bool"):
        decode_fields("critique_finished", {"task_id": "t", "approved": 1, "findings": [], "summary": ""})


@settings(max_examples=250)
@given(st.sampled_from(KINDS), st.integers(-1, 2), st.binary(max_size=60) | JSON.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_give_an_event_or_a_codec_error(kind: str, version: int, body: bytes) -> None:
    read(kind, version, body)


@settings(max_examples=200)
@given(events(), st.data())
def test_a_damaged_body_gives_an_event_or_a_codec_error(event: Event, data: st.DataObject) -> None:
    body = bytearray(encode_body(event))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4)) or b'"'
    read(event.kind, event.kind_version, bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"call_id":' * 20_000,
        b"9" * 5_000,
        b'{"call_id":"c","nano_usd":' + b"9" * 5_000 + b"}",
        b'{"call_id":"c","nano_usd":NaN}',
        b'{"call_id":["c"],"nano_usd":1}',
        b'{"call_id":"c","nano_usd":1}{}',
        b"\xff\xfe",
        b"",
    ],
    ids=["deep list", "deep object", "huge", "huge field", "NaN", "list", "two bodies", "not text", "empty"],
)
def test_hostile_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(CodecError):
        decode_body("money_reserved", 1, body)


ENVELOPE = encode_envelope(
    Envelope(
        event_id=EventId("e"),
        stream_id=StreamId("session/s"),
        version=1,
        at=1,
        actor=Actor(client="cli"),
        causation_id="c",
        correlation_id="c",
        event=DecisionTaken(decision_id=DecisionId("d"), answer="yes"),
    )
)


@settings(max_examples=200)
@given(st.sampled_from(sorted(ENVELOPE)), JSON)
def test_a_mistyped_envelope_field_gives_a_codec_error(name: str, value: object) -> None:
    fields = {**ENVELOPE, name: value}
    try:
        envelope = decode_envelope(fields)
    except CodecError:
        return
    assert encode_envelope(envelope) == fields


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1"},
        {"version": 1.0},
        {"at": float("inf")},
        {"event_id": 7},
        {"actor": "me"},
        {"actor": {"user": 1, "client": "cli"}},
        {"actor": {"user": "local"}},
        {"kind": []},
        {"kind_version": True},
        {"body": None},
        {"surplus": 1},
    ],
    ids=repr,
)
def test_a_wrong_envelope_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CodecError):
        decode_envelope({**ENVELOPE, **change})


@pytest.mark.parametrize("name", sorted(ENVELOPE))
def test_an_envelope_without_a_field_is_refused(name: str) -> None:
    with pytest.raises(CodecError):
        decode_envelope({key: value for key, value in ENVELOPE.items() if key != name})


# --- older versions ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A kind that has been through three versions: `name`, then `title`, then with `stars`."""

    kind: ClassVar[str] = "renamed"
    kind_version: ClassVar[int] = 3
    title: str
    stars: int = 0


def title_from_name(fields: dict[str, Any]) -> dict[str, Any]:
    return {"title": fields["name"]}


def with_stars(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "stars": 5}


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**event_types(), "renamed": Renamed}
    monkeypatch.setattr(codec, "event_types", lambda: known)
    monkeypatch.setattr(codec, "UPCASTERS", {("renamed", 1): title_from_name, ("renamed", 2): with_stars})


@pytest.mark.usefixtures("renamed")
def test_old_versions_pass_through_one_upcaster_after_the_other() -> None:
    assert decode_body("renamed", 1, b'{"name":"a"}') == Renamed(title="a", stars=5)
    assert decode_body("renamed", 2, b'{"title":"a"}') == Renamed(title="a", stars=5)
    assert decode_body("renamed", 3, b'{"title":"a","stars":1}') == Renamed(title="a", stars=1)


@pytest.mark.usefixtures("renamed")
@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'"x"', b'{"name":7}', b"7"])
def test_garbage_of_an_old_version_is_a_codec_error(body: bytes) -> None:
    for version in (1, 2):
        with pytest.raises(CodecError):
            decode_body("renamed", version, body if version == 1 else b"[]")


@pytest.mark.usefixtures("renamed")
def test_a_missing_upcaster_is_a_codec_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "UPCASTERS", {})
    with pytest.raises(CodecError, match="version 1"):
        decode_body("renamed", 1, b'{"name":"a"}')


def test_every_older_version_of_every_kind_has_an_upcaster() -> None:
    needed = {(kind, version) for kind, cls in event_types().items() for version in range(1, cls.kind_version)}
    assert set(codec.UPCASTERS) == needed


def test_events_have_no_field_that_the_codec_cannot_write() -> None:
    for cls in event_types().values():
        for field in dataclasses.fields(cls):
            assert field.init, (cls, field.name)
