"""Every message of the protocol with the way it travels, found from the registry.

The other generators read this and not the registry's types one by one. It must not know any output format.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Flag, auto
from typing import TypeVar, get_args

from draftsmith.protocol import jsonrpc
from draftsmith.protocol.entities import AnyEntity, Entity, EntityKind
from draftsmith.protocol.methods.session import Autonomy
from draftsmith.protocol.model import Message
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS, REQUESTS

MessageT = TypeVar("MessageT", bound=Message)

ALIASES: tuple[tuple[str, object], ...] = (
    ("EntityKind", EntityKind),
    ("Autonomy", Autonomy),
    ("AnyEntity", AnyEntity),
)
"""Types that have a name in the source; the same name stands for them in what is generated."""

FRAMES: tuple[type[Message], ...] = (
    jsonrpc.Request,
    jsonrpc.Notification,
    jsonrpc.Response,
    jsonrpc.ErrorResponse,
    jsonrpc.HubRequest,
    jsonrpc.Reply,
)


class Way(Flag):
    """`SENT`: a client may leave out what has a default. `RECEIVED`: the hub sends every field."""

    SENT = auto()
    RECEIVED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    model: type[Message]
    way: Way


def entity_models() -> tuple[type[Entity], ...]:
    """The members of the closed union of entities, in the order of the source."""
    return tuple(_models_in(AnyEntity, Entity))


def messages() -> dict[str, Entry]:
    """Every message by name: first the entities, then by method, then notifications and frames."""
    found: dict[str, Entry] = {}
    _add(found, Entity, Way.RECEIVED)
    for entity in entity_models():
        _add(found, entity, Way.RECEIVED)
    for method in METHODS:
        _add(found, method.params, Way.SENT)
        _add(found, method.result, Way.RECEIVED)
    for _, params, _ in NOTIFICATIONS:
        _add(found, params, Way.RECEIVED)
    for asked in REQUESTS:
        _add(found, asked.params, Way.RECEIVED)
        _add(found, asked.result, Way.SENT)
    for frame in FRAMES:
        _add(found, frame, Way.SENT if frame in (jsonrpc.Request, jsonrpc.Reply) else Way.RECEIVED)
    return found


def own_words(model: type[Message]) -> str:
    """The message's own docstring, its paragraphs apart; empty when it has none."""
    text = model.__dict__.get("__doc__")
    return inspect.cleandoc(text) if isinstance(text, str) else ""


def _add(found: dict[str, Entry], model: type[Message], way: Way) -> None:
    known = found.get(model.__name__)
    if known is not None and known.model is not model:
        raise ValueError(
            f"Two messages are named {model.__name__}: {known.model.__module__} and {model.__module__}. "
            "Rename one; names are shared by every client."
        )
    if known is not None and way in known.way:
        return
    found[model.__name__] = Entry(model=model, way=way if known is None else known.way | way)
    for field in model.model_fields.values():
        for part in _models_in(field.annotation, Message):
            _add(found, part, way)


def _models_in(annotation: object, base: type[MessageT]) -> Iterator[type[MessageT]]:
    if isinstance(annotation, type) and issubclass(annotation, base):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part, base)
