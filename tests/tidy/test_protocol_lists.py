"""The lists of methods, entities and errors agree wherever they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from draftsmith.protocol import OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION, jsonrpc
from draftsmith.protocol.entities import EntityKind
from draftsmith.protocol.errors import CODES, ERROR_NUMBERS
from draftsmith.protocol.generate.catalogue import Entry, entity_models, messages
from draftsmith.protocol.method import PERMISSIONS, Permission
from draftsmith.protocol.registry import BY_NAME, METHODS, NOTIFICATIONS, REQUESTS

ROOT = Path(__file__).resolve().parents[2]
LIST = json.loads((ROOT / "protocol" / "methods.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((ROOT / "protocol" / "schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
GOLDEN = {path.name for path in (ROOT / "protocol" / "golden").glob("*.json")}
NAMES = [method.name for method in METHODS]


def test_names_in_the_registry_are_unique_and_of_one_form() -> None:
    names = [*NAMES, *(name for name, _, _ in NOTIFICATIONS), *(asked.name for asked in REQUESTS)]
    assert len(set(names)) == len(names)
    assert set(BY_NAME) == set(NAMES)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(/[a-z]+)?", name)] == []


def test_the_list_of_methods_is_the_registry() -> None:
    listed = {entry["name"]: entry for entry in LIST["methods"]}
    assert list(listed) == NAMES
    for method in METHODS:
        entry = listed[method.name]
        assert (entry["permission"], entry["idempotent"]) == (method.permission, method.idempotent)
        assert entry["errors"] == list(method.errors)
        assert entry["params"] == {"$ref": f"schema.json#/$defs/{method.params.__name__}"}
        assert entry["result"] == {"$ref": f"schema.json#/$defs/{method.result.__name__}"}
        assert entry["summary"]
    assert [entry["name"] for entry in LIST["notifications"]] == [name for name, _, _ in NOTIFICATIONS]
    assert [entry["name"] for entry in LIST["requests"]] == [asked.name for asked in REQUESTS]
    assert (LIST["protocol_version"], LIST["oldest_protocol_version"]) == (PROTOCOL_VERSION, OLDEST_PROTOCOL_VERSION)


def test_every_method_notification_entity_and_error_has_golden_messages() -> None:
    expected = {f"method.{name.replace('/', '.')}.json" for name in NAMES}
    expected |= {f"notification.{name.replace('/', '.')}.json" for name, _, _ in NOTIFICATIONS}
    expected |= {f"request.{asked.name.replace('/', '.')}.json" for asked in REQUESTS}
    expected |= {f"entity.{kind}.json" for kind in get_args(EntityKind)}
    expected |= {f"error.{error.name}.json" for error in ERROR_NUMBERS}
    assert expected | {"frames.json"} == GOLDEN


def test_the_schema_is_valid_and_has_every_message() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["$defs"]) == {*messages(), "AnyEntity", "JsonValue"}
    for definition in SCHEMA["$defs"]:
        # Raises when a reference leads nowhere.
        list(Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]}).iter_errors({}))


@pytest.mark.parametrize("entry", messages().values(), ids=lambda entry: entry.model.__name__)
def test_the_schema_has_the_fields_of_the_message(entry: Entry) -> None:
    definition = SCHEMA["$defs"][entry.model.__name__]
    assert set(definition.get("properties", {})) == set(entry.model.model_fields)


def test_the_kinds_of_entities_are_the_closed_union() -> None:
    assert tuple(model.model_fields["kind"].default for model in entity_models()) == get_args(EntityKind)


def test_every_error_code_of_a_method_is_explained() -> None:
    used = {code for method in METHODS for code in method.errors}
    used |= {code for error in ERROR_NUMBERS for code in error.codes}
    assert used == set(CODES), "explain it in draftsmith/protocol/errors.py, or drop it there"
    for code, meaning in CODES.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert meaning.endswith(".")
        assert f"| `{code}` | {meaning} |" in PAGE


def test_every_number_of_an_error_is_explained() -> None:
    declared = {
        value for name, value in vars(jsonrpc).items() if name.isupper() and isinstance(value, int) and value < 0
    }
    assert {error.number for error in ERROR_NUMBERS} == declared
    assert len({error.name for error in ERROR_NUMBERS}) == len(ERROR_NUMBERS)
    assert [error.name for error in ERROR_NUMBERS if not error.codes] == ["application_error"]
    for error in ERROR_NUMBERS:
        assert f"| {error.number} | {error.meaning} |" in PAGE


def test_the_page_describes_every_method_and_message() -> None:
    for name in [*NAMES, *(name for name, _, _ in NOTIFICATIONS), *(asked.name for asked in REQUESTS)]:
        assert f"### `{name}`\n" in PAGE
    assert [name for name in messages() if name != "Entity" and not re.search(rf"\b{name}\b", PAGE)] == []


def test_only_signing_in_needs_no_permission() -> None:
    assert tuple(PERMISSIONS) == get_args(Permission)
    assert [method.name for method in METHODS if method.permission == "none"] == ["hello"]
