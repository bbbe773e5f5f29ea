"""What a caller may do and see: the machine's own user everything, a named user what the role and the list say.

It says what somebody may; that it is kept is the dispatcher's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from draftsmith.domain.envelope import LOCAL_USER
from draftsmith.protocol.method import PERMISSIONS, Permission
from draftsmith.protocol.methods.users import Role

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        "viewer": frozenset({"none", "view"}),
        "reviewer": frozenset({"none", "view", "review"}),
        "owner": frozenset({"none", "view", "review", "own"}),
    }
)
EVERYTHING: frozenset[Permission] = frozenset(PERMISSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`sees`: whose sessions are there for this caller; None for everybody's."""

    user: str
    permissions: frozenset[Permission]
    sees: frozenset[str] | None

    def may_see(self, owner: str) -> bool:
        return self.sees is None or owner in self.sees


LOCAL = Standing(user=LOCAL_USER, permissions=EVERYTHING, sees=None)
"""Who has the hub's token, or a browser that `draftsmith web` opened: the user whose machine it is."""

NOBODY = Standing(user="", permissions=frozenset({"none"}), sees=frozenset())
"""A connection that has not signed in."""
