"""The one codec of events: store, gRPC and export all use it.

JSON with ASCII escapes, so that names that are not UTF-8 (surrogate escapes) survive. Unknown kinds, versions,
missing and extra fields are refused; older versions pass through upcasters.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.errors import AdapterError
from draftsmith.domain.figures import RecordEvent
from draftsmith.domain.ids import EventId, StreamId
from draftsmith.domain.ledger import LedgerEvent
from draftsmith.domain.model_settings import ModelSettingsEvent
from draftsmith.domain.preferences import ScreenPreferenceKept
from draftsmith.domain.session.events import SessionEvent
from draftsmith.domain.workspace_rules import WorkspaceEvent

Event = SessionEvent | LedgerEvent | ModelSettingsEvent | WorkspaceEvent | RecordEvent | ScreenPreferenceKept
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
Decoder = Callable[[Any], Any]
Encoder = Callable[[Any], Any]


def _apply_intended_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Editors' buffers came with version 2; before, everything was written to disk."""
    return {**fields, "buffers": []}


def _base_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Words on what the draft lacks came with version 2."""
    return {**fields, "ignored_kinds": []}


def _context_compacted_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Summaries by a model came with version 2."""
    return {**fields, "digest": {"preview": "", "length": 0, "document": None}, "asked_until": 0}


def _critique_finished_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Rules of tools came with version 2; before, findings were a reviewer's own words."""
    return {**fields, "findings": [{**one, "rule": ""} for one in fields["findings"]]}


def _decision_requested_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Rules that an answer can give came with version 2."""
    return {**fields, "decision": {**fields["decision"], "grants": []}}


def _gate_finished_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Findings of gates came with version 2; before, there was only their output."""
    return {**fields, "result": {**fields["result"], "findings": []}}


def _gate_finished_3(fields: dict[str, Any]) -> dict[str, Any]:
    """Results of tests came with version 3; before, there were their names in the reason."""
    return {**fields, "result": {**fields["result"], "tests": None}}


def _gate_finished_4(fields: dict[str, Any]) -> dict[str, Any]:
    """What its commands used is recorded from version 4 on."""
    return {**fields, "used": None}


def _tool_call_finished_2(fields: dict[str, Any]) -> dict[str, Any]:
    """What was wrong with a mistaken call is recorded by its code from version 2 on."""
    return {**fields, "code": ""}


def _tool_call_finished_3(fields: dict[str, Any]) -> dict[str, Any]:
    """What a command used is recorded from version 3 on."""
    return {**fields, "used": None}


def _model_call_intended_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Which key was used and why the model was chosen is recorded from version 2 on."""
    return {**fields, "endpoint": "", "reason": ""}


def _model_facts_set_2(fields: dict[str, Any]) -> dict[str, Any]:
    """A price of its own for reasoning came with version 2."""
    facts = fields["facts"]
    return {**fields, "facts": None if facts is None else {**facts, "reasoning_rate": None}}


def _proposal_made_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Commit messages came with version 2."""
    message = {"preview": "", "length": 0, "document": None}
    return {**fields, "title": "", "commit_message": message, "described_by": ""}


def _session_started_2(fields: dict[str, Any]) -> dict[str, Any]:
    """Pictures came with version 2."""
    return {**fields, "images": []}


def _session_taken_up_2(fields: dict[str, Any]) -> dict[str, Any]:
    """What commands run in is recorded from version 2 on."""
    return {**fields, "sandbox": "", "sandbox_reason": ""}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("apply_intended", 1): _apply_intended_2,
    ("base_renewed", 1): _base_2,
    ("base_taken", 1): _base_2,
    ("context_compacted", 1): _context_compacted_2,
    ("critique_finished", 1): _critique_finished_2,
    ("decision_requested", 1): _decision_requested_2,
    ("gate_finished", 1): _gate_finished_2,
    ("gate_finished", 2): _gate_finished_3,
    ("gate_finished", 3): _gate_finished_4,
    ("model_call_intended", 1): _model_call_intended_2,
    ("model_facts_set", 1): _model_facts_set_2,
    ("proposal_made", 1): _proposal_made_2,
    ("session_started", 1): _session_started_2,
    ("session_taken_up", 1): _session_taken_up_2,
    ("tool_call_finished", 1): _tool_call_finished_2,
    ("tool_call_finished", 2): _tool_call_finished_3,
}
"""(kind, old version) → function to the next version's fields."""

_MISFITS = (TypeError, ValueError, LookupError, AttributeError, RecursionError)
"""What reading, and an upcaster above all, may raise when given what no version ever wrote."""

_ACTOR = frozenset(("user", "client"))
_ENVELOPE = frozenset(
    (
        "event_id",
        "stream_id",
        "version",
        "kind",
        "kind_version",
        "at",
        "actor",
        "causation_id",
        "correlation_id",
        "body",
    )
)


class CodecError(AdapterError):
    """Stored or received bytes are not an event that this version understands."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="event_unreadable", remedy="It was written by another version, or is damaged.")


_to_json = json.JSONEncoder(separators=(",", ":")).encode


@cache
def event_types() -> Mapping[str, type[Any]]:
    """Every kind of event with its class."""
    return {member.kind: member for member in get_args(Event)}


def encode_body(event: Event) -> bytes:
    """The event's fields as compact JSON bytes."""
    return _to_json(_encoder(type(event))(event)).encode("ascii")


def decode_body(kind: str, kind_version: int, body: bytes) -> Event:
    """The event that `encode_body` wrote, brought to the current version. Raises CodecError."""
    known = event_types().get(kind)
    if known is None:
        raise CodecError(f"There is no event kind {kind!r} in this version.")
    try:
        fields = json.loads(str(body, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise CodecError(f"The body of a {kind} event is not JSON: {error}.") from error
    return _decode_fields(kind, kind_version, known, fields)


def _decode_fields(kind: str, kind_version: int, known: type[Any], fields: Any) -> Event:
    current: int = known.kind_version
    if not 1 <= kind_version <= current:
        raise CodecError(f"Event {kind} has version {kind_version}; this version knows 1 to {current}.")
    try:
        for version in range(kind_version, current):
            fields = _upcaster(kind, version)(fields)
        return _decoder(known)(fields)
    except _MISFITS as error:
        raise CodecError(f"The body of a {kind} event does not fit: {error}.") from error


def _upcaster(kind: str, version: int) -> Upcaster:
    known = UPCASTERS.get((kind, version))
    if known is None:
        raise ValueError(f"nothing brings version {version} to the next")
    return known


def encode_envelope(envelope: Envelope[Event]) -> dict[str, Any]:
    """The envelope as JSON fields: for export and for the runners' channel."""
    event = envelope.event
    return {
        "event_id": envelope.event_id,
        "stream_id": envelope.stream_id,
        "version": envelope.version,
        "kind": event.kind,
        "kind_version": event.kind_version,
        "at": envelope.at,
        "actor": {"user": envelope.actor.user, "client": envelope.actor.client},
        "causation_id": envelope.causation_id,
        "correlation_id": envelope.correlation_id,
        "body": _encoder(type(event))(event),
    }


def decode_envelope(fields: Mapping[str, Any]) -> Envelope[Event]:
    """What `encode_envelope` wrote. Raises CodecError."""
    try:
        found = _members(fields, _ENVELOPE)
        actor = _members(found["actor"], _ACTOR)
        kind = _checked(found["kind"], str)
        known = event_types().get(kind)
        if known is None:
            raise CodecError(f"There is no event kind {kind!r} in this version.")
        return Envelope(
            event_id=EventId(_checked(found["event_id"], str)),
            stream_id=StreamId(_checked(found["stream_id"], str)),
            version=_checked(found["version"], int),
            at=_checked(found["at"], int),
            actor=Actor(user=_checked(actor["user"], str), client=_checked(actor["client"], str)),
            causation_id=_checked(found["causation_id"], str),
            correlation_id=_checked(found["correlation_id"], str),
            event=_decode_fields(kind, _checked(found["kind_version"], int), known, found["body"]),
        )
    except _MISFITS as error:
        raise CodecError(f"An envelope does not fit: {error}.") from error


def envelope_to_bytes(envelope: Envelope[Event]) -> bytes:
    """The envelope as one line of compact JSON."""
    return _to_json(encode_envelope(envelope)).encode("ascii")


def envelope_from_bytes(data: bytes) -> Envelope[Event]:
    """What `envelope_to_bytes` wrote. Raises CodecError."""
    try:
        fields = json.loads(data)
    except ValueError as error:
        raise CodecError(f"An envelope is not JSON: {error}.") from error
    return decode_envelope(fields)


@cache
def _field_types(cls: type[Any]) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(cls)
    return tuple((field.name, hints[field.name]) for field in dataclasses.fields(cls))


@cache
def _encoder(annotation: Any) -> Encoder:
    annotation = _plain(annotation)
    if dataclasses.is_dataclass(annotation):
        members = [(name, _encoder(kind)) for name, kind in _field_types(typing.cast("type[Any]", annotation))]
        return lambda value: {name: encode(getattr(value, name)) for name, encode in members}
    origin = get_origin(annotation)
    if origin is tuple:
        item = _encoder(get_args(annotation)[0])
        return lambda value: [item(one) for one in value]
    if origin in (Union, types.UnionType):
        inner = [member for member in get_args(annotation) if member is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{annotation} is not supported in events")
        encode = _encoder(inner[0])
        return lambda value: None if value is None else encode(value)
    return lambda value: value


@cache
def _decoder(annotation: Any) -> Decoder:
    annotation = _plain(annotation)
    if dataclasses.is_dataclass(annotation):
        return _dataclass_decoder(typing.cast("type[Any]", annotation))
    origin = get_origin(annotation)
    if origin is tuple:
        item = _decoder(get_args(annotation)[0])
        return lambda value: tuple([item(one) for one in _checked(value, list)])
    if origin in (Union, types.UnionType):
        inner = [member for member in get_args(annotation) if member is not type(None)]
        decode = _decoder(inner[0])
        return lambda value: None if value is None else decode(value)
    if origin is Literal:
        allowed = frozenset(get_args(annotation))
        return lambda value: _one_of(value, allowed)
    return lambda value: _checked(value, annotation)


def _dataclass_decoder(cls: type[Any]) -> Decoder:
    readers = [(name, _decoder(kind)) for name, kind in _field_types(cls)]
    names = frozenset(name for name, _ in readers)

    def decode(value: Any) -> Any:
        fields = _members(value, names)
        return cls(**{name: read(fields[name]) for name, read in readers})

    return decode


def _members(value: Any, names: frozenset[str]) -> dict[str, Any]:
    """A JSON object with exactly these fields."""
    fields: dict[str, Any] = _checked(value, dict)
    if fields.keys() != names:
        surplus, lacking = sorted(fields.keys() - names), sorted(names - fields.keys())
        raise ValueError(f"it has no field {surplus[0]!r}" if surplus else f"it lacks the field {lacking[0]!r}")
    return fields


def _plain(annotation: Any) -> Any:
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    return annotation


def _checked(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} is not {kind.__name__}")
    return value


def _one_of(value: Any, allowed: frozenset[Any]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r:.80} is none of {sorted(allowed)}")
    return value
