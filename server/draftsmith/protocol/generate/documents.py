"""Writes `docs/protocol.md`, the readable reference, from the same source as the schema."""

from __future__ import annotations

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from draftsmith.protocol.errors import CODES, ERROR_NUMBERS
from draftsmith.protocol.generate.catalogue import FRAMES, Way, entity_models, messages, own_words
from draftsmith.protocol.generate.type_text import type_text
from draftsmith.protocol.method import PERMISSIONS, Method
from draftsmith.protocol.model import MAX_FRAME, MAX_INTEGER, Message
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS, REQUESTS

_OPENING = f"""# Client protocol

JSON-RPC 2.0 over the hub's WebSocket on loopback. The messages in other forms: [JSON Schema](../protocol/schema.json),
[list of methods](../protocol/methods.json), [examples of every message](../protocol/golden/).
This page is generated from the source by `make generate`.

- The first call is `hello`, with the token and the versions that the client speaks. This hub speaks
  {PROTOCOL_VERSION} and goes back to {OLDEST_PROTOCOL_VERSION}.
- A frame has at most {MAX_FRAME} bytes. Parameters are named, never by position; batches are refused.
- In what a client sends, a field that is not known is refused and a field with a default may be left out. In what it
  receives every field is present, and fields that it does not know are ignored.
- Types below are in Python's notation: `str` text, `int` a whole number, `list[…]` an array, `None` null.
- Times are UTC milliseconds since 1970, money is whole nano-dollars (1e-9 USD), and no integer that is sent exceeds
  {MAX_INTEGER}.
- Clients hold no truth. After `session/attach` they keep the entities they were sent, replace one when a newer version
  comes, drop those named in `removed`, and add `appends` at their offset; when the offset is not the length held, they
  ask for the entity. `seq` counts without gaps within an `epoch`; after a gap or in another epoch, attach again.
"""


def documents() -> str:
    """The text of `docs/protocol.md`."""
    told = (_notifications(), _requests())
    sections = [_OPENING, _permissions(), _methods(), *told, _entities(), _other_messages(), _errors()]
    return "\n".join(sections)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    # A bar would end the cell, inside backticks too.
    cells = [[cell.replace("|", "\\|") for cell in line] for line in (head, ("---",) * len(head), *rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _permissions() -> str:
    rows = [(f"`{name}`", meaning) for name, meaning in PERMISSIONS.items()]
    return "## Permissions\n\n" + _table(("permission", "covers"), rows)


def _methods() -> str:
    return "## Methods\n\n" + "\n".join(_method(method) for method in METHODS)


def _method(method: Method) -> str:
    again = "the same as once" if method.idempotent else "acts again, or is refused"
    errors = ", ".join(f"`{code}`" for code in method.errors) or "none of its own"
    return (
        f"### `{method.name}`\n\n{method.summary}\n\n"
        f"Permission `{method.permission}`. Called twice: {again}. Errors: {errors}.\n\n"
        f"{_message('Parameters', method.params, Way.SENT)}\n{_message('Result', method.result, Way.RECEIVED)}"
    )


def _notifications() -> str:
    parts = [
        f"### `{name}`\n\n{summary}\n\n{_message('Parameters', params, Way.RECEIVED)}"
        for name, params, summary in NOTIFICATIONS
    ]
    return "## Notifications\n\n" + "\n".join(parts)


def _requests() -> str:
    """What the hub asks of clients that hold documents."""
    parts = [
        f"### `{asked.name}`\n\n{asked.summary}\n\n"
        f"{_message('Parameters', asked.params, Way.RECEIVED)}\n{_message('Result', asked.result, Way.SENT)}"
        for asked in REQUESTS
    ]
    return (
        "## Requests of the hub\n\nOnly a client that said `buffers/held` is asked; it answers within the time that it "
        "is given, or the hub goes on without it.\n\n" + "\n".join(parts)
    )


def _entities() -> str:
    return "## Entities\n\n" + "\n".join(_titled(model, Way.RECEIVED) for model in entity_models())


def _other_messages() -> str:
    """What the methods' own messages contain, and the frames around them."""
    shown: set[type[Message]] = {*entity_models()}
    shown.update(*((method.params, method.result) for method in METHODS), (params for _, params, _ in NOTIFICATIONS))
    shown.update(*((asked.params, asked.result) for asked in REQUESTS))
    entries = [entry for entry in messages().values() if entry.model not in shown and entry.model not in FRAMES]
    parts = [_titled(entry.model, entry.way) for entry in entries]
    frames = [_titled(model, messages()[model.__name__].way) for model in FRAMES]
    return "## Parts of messages\n\n" + "\n".join(parts) + "\n## Frames\n\n" + "\n".join(frames)


def _errors() -> str:
    numbers = [
        (str(error.number), error.meaning, ", ".join(f"`{code}`" for code in error.codes) or "one of the others below")
        for error in ERROR_NUMBERS
    ]
    codes = [(f"`{code}`", CODES[code]) for code in sorted(CODES)]
    return (
        "## Errors\n\n`data.code` is stable; a message may change. Beside the codes of methods below, a call can fail "
        "by what is listed in [Error codes](errors.md).\n\n"
        f"{_table(('number', 'meaning', '`data.code`'), numbers)}\n{_table(('code', 'meaning'), codes)}"
    )


def _titled(model: type[Message], way: Way) -> str:
    return f"### {model.__name__}\n\n{_words(model)}{_fields(model, way)}"


def _message(role: str, model: type[Message], way: Way) -> str:
    if not model.model_fields:
        return f"{role}: `{model.__name__}`, empty.\n"
    return f"{role}: `{model.__name__}`\n\n{_words(model)}{_fields(model, way)}"


def _words(model: type[Message]) -> str:
    words = own_words(model)
    return f"{words}\n\n" if words else ""


def _fields(model: type[Message], way: Way) -> str:
    if Way.SENT not in way:
        rows = [(f"`{name}`", _type(field), _notes(field)) for name, field in model.model_fields.items()]
        return _table(("field", "type", "notes"), rows)
    rows = [(f"`{name}`", _type(field), _default(field), _notes(field)) for name, field in model.model_fields.items()]
    return _table(("field", "type", "default", "notes"), rows)


def _type(field: FieldInfo) -> str:
    return f"`{type_text(field.annotation)}`"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is PydanticUndefined or isinstance(field.default, Message) or field.default == ():
        return "empty"
    return f"`{field.default!r}`"


def _notes(field: FieldInfo) -> str:
    bounds: list[str] = []
    for one in field.metadata:
        match one:
            case Ge():
                bounds.append(f"at least {one.ge}")
            case Le() if one.le != MAX_INTEGER:
                bounds.append(f"at most {one.le}")
            case MinLen():
                bounds.append(f"length at least {one.min_length}")
            case MaxLen():
                bounds.append(f"length at most {one.max_length}")
            case _:
                pass
    limits = f"{', '.join(bounds)}." if bounds else ""
    return f"{field.description or ''} {limits[:1].upper()}{limits[1:]}".strip()
