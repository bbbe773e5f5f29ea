"""The named users of this hub: kept in a file of the machine's own user, passwords as argon2 hashes only.

It is no stream of events: a hash must be gone when its user is. Nothing of a password is ever logged.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar, cast

from draftsmith.domain.envelope import LOCAL_USER
from draftsmith.domain.errors import UserError
from draftsmith.hub.standing import LOCAL, ROLES, Standing
from draftsmith.platform.files import PRIVATE_FILE, replace_file
from draftsmith.protocol.methods.users import Role

RESERVED = frozenset({LOCAL_USER, "hub", "runner"})
CHECKS_AT_ONCE = 2
"""A check takes a processor for tens of milliseconds, and 64 MB, by intent."""
_VERSION = 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """`password` is a hash, empty for who signs in by the identity provider only. `identity` is the provider's word."""

    name: str
    role: Role
    password: str = ""
    identity: str = ""
    sees: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        return Standing(user=self.name, permissions=ROLES[self.role], sees=frozenset({self.name, *self.sees}))


class UserBook:
    """One for the hub. `ended` is called with a name whose sign-ins are over."""

    def __init__(self, path: Path, ended: Callable[[str], None] = lambda name: None) -> None:
        """Raises UserError (`users_unreadable`)."""
        self.ended = ended
        self._path = path
        self._users: dict[str, User] = _read(path)
        self._changing = asyncio.Lock()
        self._checking = asyncio.Semaphore(CHECKS_AT_ONCE)
        self._decoy = ""

    def __iter__(self) -> Iterator[User]:
        return iter(sorted(self._users.values(), key=lambda one: one.name))

    def __len__(self) -> int:
        return len(self._users)

    def standing(self, name: str) -> Standing | None:
        """What this user may, now; None when there is none of that name."""
        if name == LOCAL_USER:
            return LOCAL
        user = self._users.get(name)
        return None if user is None else user.standing

    @property
    def with_passwords(self) -> bool:
        return any(user.password for user in self._users.values())

    def known_as(self, *identities: str) -> User | None:
        """The user whom the identity provider calls so."""
        wanted = {one for one in identities if one}
        return next((user for user in self._users.values() if user.identity in wanted), None)

    async def add(self, user: User, password: str | None) -> None:
        """Raises UserError (`bad_user`)."""
        if user.name in RESERVED:
            raise _bad_user(f"{user.name} is a name that Draftsmith uses itself.")
        if password is None and not user.identity:
            raise _bad_user(f"{user.name} could not sign in: there is neither a password nor an identity.")
        if user.identity and (other := self.known_as(user.identity)) is not None and other.name != user.name:
            raise _bad_user(f"{other.name} has that identity already.")
        async with self._changing:
            hashed = "" if password is None else await self._off_the_loop(_hash, password)
            await self._put({**self._users, user.name: replace(user, password=hashed)})
        self.ended(user.name)

    async def change(self, name: str, role: Role, sees: tuple[str, ...] | None) -> None:
        """Raises UserError (`unknown_user`)."""
        async with self._changing:
            user = self._known(name)
            changed = replace(user, role=role, sees=user.sees if sees is None else sees)
            await self._put({**self._users, name: changed})
        self.ended(name)

    async def remove(self, name: str) -> None:
        """Raises UserError (`unknown_user`)."""
        async with self._changing:
            self._known(name)
            await self._put({other: user for other, user in self._users.items() if other != name})
        self.ended(name)

    async def check(self, name: str, password: str) -> User | None:
        """The user, if this is the password. It takes as long for a name that there is not."""
        user = self._users.get(name)
        if user is not None and user.password:
            good = await self._off_the_loop(_verify, user.password, password)
            # It may have been changed while the check ran.
            return user if good and self._users.get(name) is user else None
        if not self._decoy:
            self._decoy = await self._off_the_loop(_hash, "nobody's")
        await self._off_the_loop(_verify, self._decoy, password)
        return None

    def _known(self, name: str) -> User:
        if name not in self._users:
            raise UserError(f"There is no user {name}.", code="unknown_user", remedy="`draftsmith users` lists them.")
        return self._users[name]

    async def _put(self, users: dict[str, User]) -> None:
        kept = {"version": _VERSION, "users": [asdict(user) for user in users.values()]}
        await asyncio.to_thread(replace_file, self._path, json.dumps(kept, indent=1).encode(), mode=PRIVATE_FILE)
        self._users = users

    async def _off_the_loop(self, work: Callable[..., T], *given: str) -> T:
        async with self._checking:
            return await asyncio.to_thread(work, *given)


def _hash(password: str) -> str:
    # Late: a hub without named users never needs it.
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def _verify(hashed: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _read(path: Path) -> dict[str, User]:
    try:
        kept: object = json.loads(path.read_text("utf-8"))
        if not isinstance(kept, dict) or cast("Mapping[str, object]", kept).get("version") != _VERSION:
            raise ValueError("it is of another version")
        users = [_user(one) for one in cast("Mapping[str, list[Mapping[str, object]]]", kept)["users"]]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"The named users cannot be read from {path}: {error}.",
            code="users_unreadable",
            remedy="Put a copy of that file back, or move it away and add the users again.",
        ) from error
    return {user.name: user for user in users}


def _user(kept: Mapping[str, object]) -> User:
    name, role, password, identity = (str(kept[one]) for one in ("name", "role", "password", "identity"))
    if role not in ROLES:
        raise ValueError(f"{name} has the role {role}")
    sees = tuple(str(one) for one in cast("list[object]", kept["sees"]))
    return User(name=name, role=cast("Role", role), password=password, identity=identity, sees=sees)


def _bad_user(reason: str) -> UserError:
    return UserError(reason, code="bad_user", remedy="`draftsmith users add --help` says what a user needs.")
