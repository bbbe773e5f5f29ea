"""What a method of the registry is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.protocol.model import Message

Permission = Literal["none", "view", "review", "own"]

PERMISSIONS: dict[Permission, str] = {
    "none": "before the connection is known",
    "view": "read",
    "review": "decide and steer",
    "own": "start, stop, keys",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`idempotent`: calling it twice with the same parameters is the same as once. `errors` are its own codes."""

    name: str
    params: type[Message]
    result: type[Message]
    permission: Permission
    idempotent: bool
    summary: str
    errors: tuple[str, ...] = ()


def method(
    name: str,
    params: type[Message],
    result: type[Message],
    permission: Permission,
    summary: str,
    *,
    idempotent: bool = False,
    errors: tuple[str, ...] = (),
) -> Method:
    return Method(
        name=name,
        params=params,
        result=result,
        permission=permission,
        idempotent=idempotent,
        summary=summary,
        errors=errors,
    )
