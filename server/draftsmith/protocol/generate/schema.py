"""Writes the JSON Schema (2020-12) of every message, one definition each under `$defs`.

What clients send is described as it may come in, what they receive as the hub writes it: every field present.
"""

from __future__ import annotations

from pydantic import JsonValue, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import CoreSchema, StringSchema

from draftsmith.protocol import PROTOCOL_VERSION
from draftsmith.protocol.generate.catalogue import Way, entity_models, messages
from draftsmith.protocol.model import MAX_FRAME, Message

SCHEMA_ID = f"urn:draftsmith:protocol:{PROTOCOL_VERSION}"

_DOCUMENT = TypeAdapter(dict[str, JsonValue])


class _Terse(GenerateJsonSchema):
    """Without what every field would repeat: its own name as title, and the frame's size as the bound of text."""

    def field_title_should_be_set(self, schema: CoreSchema | object) -> bool:
        return False

    def str_schema(self, schema: StringSchema) -> JsonSchemaValue:
        made = super().str_schema(schema)
        if made.get("maxLength") == MAX_FRAME:
            del made["maxLength"]
        return made


def schema() -> dict[str, JsonValue]:
    """The schema document. A message whose two ways differ is refused, for it would need two names."""
    wanted: list[tuple[type[Message], JsonSchemaMode]] = []
    for entry in messages().values():
        if Way.SENT in entry.way:
            wanted.append((entry.model, "validation"))
        if Way.RECEIVED in entry.way:
            wanted.append((entry.model, "serialization"))
    _, document = models_json_schema(wanted, schema_generator=_Terse)
    definitions = _DOCUMENT.validate_python(document["$defs"])
    if unexpected := sorted(set(definitions) ^ {*messages(), "JsonValue"}):
        raise ValueError(
            f"The schema and the messages differ in {', '.join(unexpected)}. A message with defaults that goes both "
            "ways has two shapes: give each way a message of its own."
        )
    definitions["AnyEntity"] = _any_entity()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Draftsmith client protocol",
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def _any_entity() -> JsonValue:
    """Named here because an alias has no definition of its own in Pydantic's schema."""
    references: list[JsonValue] = [{"$ref": f"#/$defs/{model.__name__}"} for model in entity_models()]
    return {"description": "An entity of any kind; `kind` says which.", "oneOf": references}
