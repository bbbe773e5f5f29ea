"""How the methods of the registry look in HTTP: path, verb, where parameters go, and the status of each error.

Adapter and OpenAPI document are made from it, so that they cannot differ. It must not know any web framework.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from draftsmith.protocol.errors import CODES
from draftsmith.protocol.method import Method
from draftsmith.protocol.model import MAX_FRAME, Message
from draftsmith.protocol.registry import METHODS

PREFIX = "/api/v1"
MAX_BODY = MAX_FRAME
"""Bytes of a request's body."""
MAX_KEY = 200
"""Characters of an `Idempotency-Key`."""
KEY_FORM = re.compile(rf"[!-~]{{1,{MAX_KEY}}}")
CORRELATION_FORM = re.compile(r"[A-Za-z0-9_.-]{1,64}")
PROBLEM = "application/problem+json"

KEY_HEADER = "Idempotency-Key"
CORRELATION_HEADER = "Draftsmith-Correlation-Id"
CLIENT_HEADER = "Draftsmith-Client"

Verb = Literal["GET", "POST", "DELETE"]
Scalar = Literal["text", "number", "boolean"]

_DROPPED: Mapping[str, Verb] = MappingProxyType({"list": "GET", "read": "GET", "get": "GET", "attach": "GET"})
"""Words of names that the verb GET says already."""
_COLLECTION = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter in a path or a query. `many`: it may stand several times."""

    name: str
    scalar: Scalar
    many: bool
    required: bool
    field: FieldInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RestForm:
    """A method as REST has it. With GET and DELETE all parameters stand in path and query, with POST in the body."""

    method: Method
    verb: Verb
    path: str
    in_path: tuple[Parameter, ...]
    in_query: tuple[Parameter, ...]

    @property
    def has_body(self) -> bool:
        return self.verb == "POST"


def rest_forms() -> tuple[RestForm, ...]:
    """Every method that does not need a lasting connection."""
    forms = tuple(_form(method) for method in METHODS if not method.bound)
    taken = {(form.verb, form.path) for form in forms}
    if len(taken) != len(forms):
        raise ValueError("Two methods have the same verb and path; name one of them otherwise.")
    return forms


def status_of(code: str, *, adapter: bool = False) -> int:
    """The HTTP status of an error's code. `adapter`: something outside of Draftsmith failed."""
    if code in _STATUS:
        return _STATUS[code]
    if code.startswith(("bad_", "workspace_")):
        return 422
    if code.startswith(("unknown_", "no_")):
        # A method that looks for something declares that it may not be there; else what was said makes no sense.
        return 404 if code in CODES else 422
    return 503 if adapter else 409


_STATUS: Mapping[str, int] = MappingProxyType(
    {
        "invalid_params": 400,
        "bad_request": 400,
        "not_signed_in": 401,
        "wrong_token": 401,
        "wrong_password": 401,
        "no_identity": 403,
        "no_provider": 503,
        "forbidden": 403,
        "wrong_host": 403,
        "foreign_page": 403,
        "unknown_folder": 422,
        "unknown_key_name": 422,
        "plan_unreadable": 422,
        "ripgrep_missing": 503,
        "listing_failed": 503,
        "index_unavailable": 503,
        "index_failed": 503,
        "no_runner": 503,
        "runner_silent": 503,
        "internal": 500,
    }
)


HTTP_CODES: Mapping[str, str] = MappingProxyType(
    {
        "bad_request": "What came is no HTTP request, its head is too long, or a header makes no sense.",
        "body_too_large": "The body is larger than allowed.",
        "body_too_slow": "The body did not come in time.",
        "foreign_page": "The request comes from a page of another site or port.",
        "key_used_otherwise": "The `Idempotency-Key` was used for another call.",
        "not_json": "The body is not JSON, or does not say so.",
        "outcome_unknown": "A hub was ended while the first call with this `Idempotency-Key` was under way.",
        "query_too_large": "A question in GraphQL is too deep, too costly or too long.",
        "query_too_slow": "A question in GraphQL took too long.",
        "still_under_way": "The first call with this `Idempotency-Key` has no answer yet.",
        "too_many_calls": "Too many calls in a short time; `Retry-After` says how long to wait.",
        "unknown_path": "There is nothing at this path.",
        "wrong_password": "The name or the password is wrong.",
        "no_provider": "The identity provider cannot be reached, or is not what it was set to be.",
        "no_identity": "The identity provider's answer cannot be used, or it knows somebody whom this hub does not.",
        "wrong_host": "The Host header does not name this hub.",
        "wrong_verb": "The path has another verb; `Allow` names it.",
    }
)
"""Codes of what is refused before a method is called; those of methods come beside them."""


def statuses(form: RestForm) -> tuple[int, ...]:
    """Every status but success that the form can answer with, in ascending order."""
    # What the system adds (a lock, a full disk) comes with codes of its own, as 409, 422 or 503.
    found = {400, 401, 403, 409, 422, 429, 500, 503} | {status_of(code) for code in form.method.errors}
    if form.verb == "GET":
        found.add(304)
    if form.has_body:
        found |= {408, 413, 415}
    return tuple(sorted(found))


def _form(method: Method) -> RestForm:
    fields = method.params.model_fields
    parameters = {name: _parameter(name, field) for name, field in fields.items()}
    noun, _, word = method.name.partition("/")
    by_session = "session_id" in fields and fields["session_id"].is_required()
    plain = all(one is not None for one in parameters.values())
    verb: Verb = "POST"
    if word == "delete":
        verb = "DELETE"
    elif method.safe and plain:
        verb = "GET"
    parts = [_COLLECTION] if by_session or noun == "session" else []
    parts += ["{session_id}"] if by_session else []
    parts += [noun] if noun != "session" else []
    begins = noun == "session" and word == "start"  # a new member of the collection
    parts += [] if word == "delete" or begins or _DROPPED.get(word) == verb else [word]
    known = [one for one in parameters.values() if one is not None]
    return RestForm(
        method=method,
        verb=verb,
        path=f"{PREFIX}/{'/'.join(parts)}",
        in_path=tuple(one for one in known if by_session and one.name == "session_id"),
        in_query=tuple(one for one in known if not (by_session and one.name == "session_id")) if verb != "POST" else (),
    )


def _parameter(name: str, field: FieldInfo) -> Parameter | None:
    """None for what no query can hold: objects."""
    kind = _plain(field.annotation)
    many = get_origin(kind) is tuple
    scalar = _scalar(_plain(get_args(kind)[0]) if many else kind)
    if scalar is None:
        return None
    return Parameter(name=name, scalar=scalar, many=many, required=field.is_required(), field=field)


def _plain(annotation: object) -> object:
    """The type without what is said about it and without None."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return _plain(next(part for part in get_args(annotation) if part is not NoneType))
    return annotation


def _scalar(kind: object) -> Scalar | None:
    if kind is bool:
        return "boolean"
    if kind is int:
        return "number"
    if kind is str or get_origin(kind) is Literal:
        return "text"
    return None


def parts_of(model: type[Message], form: RestForm) -> frozenset[str]:
    """The fields of a body: those that are not in the path."""
    return frozenset(model.model_fields) - {one.name for one in form.in_path}
