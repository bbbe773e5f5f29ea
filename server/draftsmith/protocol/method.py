"""What a method of the registry is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.protocol.model import Message

Permission = Literal["none", "view", "review", "own", "local"]

PERMISSIONS: dict[Permission, str] = {
    "none": "before the connection is known",
    "view": "read",
    "review": "decide and steer",
    "own": "start, resume, delete; models, keys, rules",
    "local": "what concerns the hub's machine: editors, browsers, named users, the hub's end; for its own user only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`idempotent`: calling it twice with the same parameters is the same as once. `errors` are its own codes.

    `safe`: it changes nothing that outlives the connection. `bound`: it is about the connection itself, so that what
    has no lasting connection (REST) has no form of it.
    """

    name: str
    params: type[Message]
    result: type[Message]
    permission: Permission
    idempotent: bool
    summary: str
    errors: tuple[str, ...] = ()
    safe: bool = False
    bound: bool = False


def method(
    name: str,
    params: type[Message],
    result: type[Message],
    permission: Permission,
    summary: str,
    *,
    idempotent: bool = False,
    safe: bool = False,
    bound: bool = False,
    errors: tuple[str, ...] = (),
) -> Method:
    """What is safe is idempotent, too."""
    return Method(
        name=name,
        params=params,
        result=result,
        permission=permission,
        idempotent=idempotent or safe,
        summary=summary,
        errors=errors,
        safe=safe,
        bound=bound,
    )
