"""Reads golden files and shows a message as the JSON it came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jsonschema import Draft202012Validator
from pydantic import JsonValue, SecretStr

from draftsmith.protocol.model import Message

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "protocol" / "golden"
SCHEMA = json.loads((ROOT / "protocol" / "schema.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Example:
    """One example of a golden file; `parts` are its frames or entities by name."""

    file: str
    subject: str
    name: str
    parts: dict[str, JsonValue]


def examples(kind: str) -> list[Example]:
    """The examples of all golden files of one kind."""
    found: list[Example] = []
    for path in sorted(GOLDEN.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["kind"] == kind:
            for example in document["examples"]:
                name = example.pop("name")
                found.append(Example(path.name, document["name"], name, example))
    return found


def label(example: Example) -> str:
    return f"{example.subject}: {example.name}"


def schema_errors(definition: str, value: JsonValue) -> list[str]:
    """What the published schema has against the value; empty when it is valid."""
    validator = Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]})
    return [error.message for error in validator.iter_errors(value)]


def as_sent(message: Message, *, whole: bool) -> JsonValue:
    """The JSON of a message with its secrets in clear; `whole` shows also what was left to its default."""
    return _plain(message.model_dump(exclude_unset=not whole))


def _plain(value: object) -> JsonValue:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"{value!r} is not JSON")
