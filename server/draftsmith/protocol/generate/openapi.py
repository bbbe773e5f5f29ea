"""Writes the OpenAPI 3.1 document of REST from the registry: what `protocol.http` says, with the schema's messages."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import cast

from pydantic import JsonValue

from draftsmith import __version__
from draftsmith.protocol.errors import CODES
from draftsmith.protocol.generate.schema import schema
from draftsmith.protocol.http import (
    CLIENT_HEADER,
    CORRELATION_HEADER,
    KEY_HEADER,
    MAX_BODY,
    MAX_KEY,
    PREFIX,
    PROBLEM,
    Parameter,
    RestForm,
    rest_forms,
    status_of,
    statuses,
)
from draftsmith.protocol.method import PERMISSIONS

Json = dict[str, JsonValue]

_ABOUT = f"""Every method of the client protocol that needs no lasting connection, by one rule.

A method that only reads is a GET with its parameters in the query; every other one is a POST whose body holds them,
or a DELETE. Errors are problem details (RFC 9457); `code` is stable. A body has at most {MAX_BODY} bytes."""


def openapi() -> Json:
    """The document, with each operation's own statuses."""
    definitions = cast("Json", _moved(schema()["$defs"]))
    paths: Json = {}
    for form in rest_forms():
        at = cast("Json", paths.setdefault(form.path, {}))
        at[form.verb.lower()] = _operation(form, definitions)
    paths |= _others()
    definitions["Problem"] = _problem()
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "Draftsmith", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": {name: definitions[name] for name in sorted(_used(paths, definitions))},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token in the hub's endpoint file, which only its user can read.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "draftsmith_{port}",
                    "description": "What `draftsmith web` gives a browser; named after the hub's port.",
                },
            },
        },
    }


def _operation(form: RestForm, definitions: Json) -> Json:
    method = form.method
    made: Json = {
        "operationId": method.name.replace("/", "_"),
        "summary": method.summary,
        "description": f"`{method.name}`. Permission `{method.permission}`: {PERMISSIONS[method.permission]}.",
        "tags": [method.name.partition("/")[0]],
        "parameters": [*_parameters(form, definitions), *_headers(form)],
        "responses": _responses(form),
    }
    if form.has_body:
        made["requestBody"] = _body(form, definitions)
    return made


def _parameters(form: RestForm, definitions: Json) -> list[JsonValue]:
    properties = _properties(definitions, form)
    placed = [*((one, "path") for one in form.in_path), *((one, "query") for one in form.in_query)]
    return [_parameter(one, place, cast("Json", properties[one.name])) for one, place in placed]


def _parameter(parameter: Parameter, place: str, described: Json) -> JsonValue:
    about = {name: value for name, value in described.items() if name not in ("default", "description")}
    kinds = about.pop("anyOf", None)
    if isinstance(kinds, list):
        # In a query what is not given is absent, never null.
        about |= next(cast("Json", one) for one in kinds if one != {"type": "null"})
    made: Json = {
        "name": parameter.name,
        "in": place,
        "required": place == "path" or parameter.required,
        "schema": {**about, "minLength": 1} if place == "path" else about,
    }
    if "description" in described:
        made["description"] = described["description"]
    if parameter.many:
        made |= {"style": "form", "explode": True}
    return made


def _headers(form: RestForm) -> list[JsonValue]:
    found: list[JsonValue] = [
        _header(CORRELATION_HEADER, "An id of the caller's own, found again in log and events.", 64),
        _header(CLIENT_HEADER, "The caller's name as others see it.", 40),
    ]
    if form.verb == "GET":
        return [*found, _header("If-None-Match", "The `ETag` held: 304 when it still is the same.", 1_000)]
    about = "Makes the call one that is done once: the same key gives the same answer. Kept for a day."
    return [*found, _header(KEY_HEADER, about, MAX_KEY)] if not form.method.safe else found


def _header(name: str, about: str, longest: int) -> JsonValue:
    form: Json = {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": longest}
    return {"name": name, "in": "header", "required": False, "description": about, "schema": form}


def _body(form: RestForm, definitions: Json) -> Json:
    described = cast("Json", definitions[form.method.params.__name__])
    in_path = {one.name for one in form.in_path}
    if not in_path:
        reference: Json = {"$ref": f"#/components/schemas/{form.method.params.__name__}"}
    else:
        properties = {name: value for name, value in _properties(definitions, form).items() if name not in in_path}
        reference = {"type": "object", "properties": properties, "additionalProperties": False}
        if required := [name for name in cast("list[str]", described.get("required", [])) if name not in in_path]:
            reference["required"] = cast("list[JsonValue]", required)
    needed = any(field.is_required() for name, field in form.method.params.model_fields.items() if name not in in_path)
    return {"required": needed, "content": {"application/json": {"schema": reference}}}


def _properties(definitions: Json, form: RestForm) -> Json:
    described = cast("Json", definitions[form.method.params.__name__])
    return cast("Json", described.get("properties", {}))


def _responses(form: RestForm) -> Json:
    result: Json = {"schema": {"$ref": f"#/components/schemas/{form.method.result.__name__}"}}
    headers: Json = {CORRELATION_HEADER: {"schema": {"type": "string"}}}
    if form.verb == "GET":
        headers["ETag"] = {"schema": {"type": "string"}}
    found: Json = {"200": {"description": "The result.", "headers": headers, "content": {"application/json": result}}}
    for status in statuses(form):
        found[str(status)] = _refused(status, tuple(code for code in form.method.errors if status_of(code) == status))
    return found


def _refused(status: int, codes: tuple[str, ...] = ()) -> Json:
    about = f"{HTTPStatus(status).phrase}."
    if codes:
        about += "".join(f" `{code}`: {CODES[code]}" for code in codes)
    if status == 304:
        return {"description": "It still is what the caller holds."}
    made: Json = {
        "description": about,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 429:
        made["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return made


def _problem() -> Json:
    text: Json = {"type": "string"}
    fields = ("type", "title", "detail", "code", "remedy", "correlation_id")
    return {
        "type": "object",
        "description": "Problem details (RFC 9457). `code` is stable; `remedy` says what to do.",
        "properties": {**dict.fromkeys(fields, text), "status": {"type": "integer"}},
        "required": [*fields, "status"],
    }


def _others() -> Json:
    """What is no method: events, questions in GraphQL, a browser's way in, this document."""
    any_object: Json = {"type": "object"}
    session_id: Json = {
        "name": "session_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    }
    last: Json = {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "description": "The `id` of the last event seen.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,80}:[0-9]{1,15}$"},
    }
    code = _object(code=200)
    name = _object(name=40, password=500)
    posted = (400, 401, 403, 408, 413, 415, 429, 500)
    got = (400, 401, 403, 429, 500)
    return {
        f"{PREFIX}/sessions/{{session_id}}/events": {
            "get": {
                "operationId": "events",
                "summary": "Updates of a session as server-sent events: `snapshot` or `update`, each with an `id`.",
                "parameters": [session_id, last],
                "responses": _plain("text/event-stream", {"type": "string"}, (*got, 404)),
            }
        },
        f"{PREFIX}/graphql": {
            "post": {
                "operationId": "graphql",
                "summary": "A question in GraphQL over sessions, tasks, findings, costs and models.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _question()}}},
                "responses": _plain("application/json", any_object, (*posted, 503)),
            }
        },
        f"{PREFIX}/auth/sign-in": {
            "post": {
                "operationId": "sign_in",
                "summary": "Exchanges the code of `draftsmith web`, or a name and its password, for a cookie.",
                "security": [],
                "requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [code, name]}}}},
                "responses": _plain("application/json", any_object, posted),
            }
        },
        f"{PREFIX}/auth/sign-out": {
            "post": {
                "operationId": "sign_out",
                "summary": "Ends a browser's session; its sockets are closed.",
                "responses": _plain("application/json", any_object, posted),
            }
        },
        f"{PREFIX}/auth/ways": {
            "get": {
                "operationId": "ways",
                "summary": "How one can sign in here; for who is not signed in yet.",
                "security": [],
                "responses": _plain("application/json", any_object, (400, 403, 500)),
            }
        },
        f"{PREFIX}/auth": {
            "get": {
                "operationId": "who",
                "summary": "Who is signed in, and what they may do.",
                "responses": _plain("application/json", any_object, got),
            }
        },
        f"{PREFIX}/openapi.json": {
            "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "responses": _plain("application/json", any_object, got),
            }
        },
    }


def _object(**fields: int) -> Json:
    """Texts of these names, none of them empty, with their longest lengths."""
    texts: Json = {name: {"type": "string", "minLength": 1, "maxLength": longest} for name, longest in fields.items()}
    return {"type": "object", "properties": texts, "required": [*fields], "additionalProperties": False}


def _question() -> Json:
    return {
        "type": "object",
        "properties": {
            "query": {"type": "string", "minLength": 1, "maxLength": 100_000},
            "variables": {"anyOf": [{"type": "object"}, {"type": "null"}]},
            "operationName": {"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}]},
        },
        "required": ["query"],
        "additionalProperties": False,
    }


def _plain(media_type: str, form: Json, refused: tuple[int, ...]) -> Json:
    found: Json = {"200": {"description": "The result.", "content": {media_type: {"schema": form}}}}
    found.update({str(status): _refused(status) for status in sorted(refused)})
    return found


def _moved(value: JsonValue) -> JsonValue:
    """With references that lead to where OpenAPI keeps its schemas; a discriminator has them as plain text."""
    text = json.dumps(value)
    return cast("JsonValue", json.loads(text.replace('"#/$defs/', '"#/components/schemas/')))


def _used(paths: Json, definitions: Json) -> set[str]:
    """The schemas that the paths name, and those that these name."""
    found: set[str] = set()
    waiting = _named(paths)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting |= _named(definitions[name]) - found
    return found


def _named(value: JsonValue) -> set[str]:
    text = json.dumps(value)
    return {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
