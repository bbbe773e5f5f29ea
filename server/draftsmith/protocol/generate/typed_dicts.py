"""Writes the light client's types: one TypedDict per message, so that a client needs no Pydantic.

It must not import the client: what it writes is checked by the type checker and by the tests.
"""

from __future__ import annotations

import subprocess
import sys

from pydantic.fields import FieldInfo

from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION
from draftsmith.protocol.generate.catalogue import ALIASES, Entry, Way, messages, own_words
from draftsmith.protocol.generate.type_text import alias_text, type_text
from draftsmith.protocol.registry import METHODS, NOTIFICATIONS, REQUESTS

_HEADER = '''"""Types of what crosses the wire, for clients that do without Pydantic.

Made by `python -m draftsmith.protocol.generate` from `draftsmith.protocol`; do not edit.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict
'''

_JSON_VALUE = '"bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"'

_FORMAT_TIMEOUT_S = 60


def typed_dicts() -> str:
    """The text of `draftsmith/client/messages.py`."""
    versions = f"PROTOCOL_VERSION = {PROTOCOL_VERSION}\nOLDEST_PROTOCOL_VERSION = {OLDEST_PROTOCOL_VERSION}\n"
    names = _names("MethodName", [method.name for method in METHODS])
    names += _names("NotificationName", [name for name, _, _ in NOTIFICATIONS])
    names += _names("RequestName", [asked.name for asked in REQUESTS])
    names += f"JsonValue: TypeAlias = {_JSON_VALUE}\n"
    classes = [_class(name, entry) for name, entry in messages().items()]
    # After the classes: an alias is evaluated when the module is imported, annotations are not.
    aliases = "".join(f"{name}: TypeAlias = {alias_text(alias)}\n" for name, alias in ALIASES)
    return _formatted("\n".join([_HEADER, versions, names, *classes, aliases]))


def _names(alias: str, names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"{alias} = Literal[{quoted}]\n"


def _class(name: str, entry: Entry) -> str:
    lines = [f"class {name}(TypedDict):"]
    if words := own_words(entry.model):
        lines += [f'    """{words}"""', ""]
    for field_name, field in entry.model.model_fields.items():
        if field.description:
            lines.append(f"    # {field.description}")
        lines.append(f"    {field_name}: {_field_type(field, entry.way)}")
    if not entry.model.model_fields:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _field_type(field: FieldInfo, way: Way) -> str:
    text = type_text(field.annotation)
    return f"NotRequired[{text}]" if Way.SENT in way and not field.is_required() else text


def _formatted(source: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--isolated",
            "--line-length",
            "120",
            "--target-version",
            "py311",
            "-",
        ],
        input=source,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_FORMAT_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"ruff could not format the client's types: {done.stderr.strip()} Run `make env-dev` first.")
    return done.stdout
