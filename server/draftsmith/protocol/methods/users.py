"""People who come in by a name of their own when the hub is reached from elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from draftsmith.protocol.model import Message

Role = Literal["viewer", "reviewer", "owner"]
UserName = Annotated[str, Field(pattern="^[a-z][a-z0-9._-]{0,39}$")]

MIN_PASSWORD = 12
MAX_PASSWORD = 500


class UserLine(Message):
    name: str
    role: Role
    sees: tuple[str, ...] = Field(
        description="Others whose sessions this user sees as well; `local`: the machine's own."
    )
    password: bool = Field(description="Whether there is a password to sign in with.")
    identity: str = Field(description="What the identity provider calls this user; empty when that is not used.")


class UsersParams(Message):
    pass


class UsersResult(Message):
    users: tuple[UserLine, ...]


class AddUserParams(Message):
    """A user who is there already is replaced, and signed out everywhere."""

    name: UserName
    role: Role
    password: SecretStr | None = Field(default=None, min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)
    identity: str = Field(default="", max_length=300, description="The provider's `sub`, or a verified `email`.")
    sees: tuple[UserName, ...] = Field(default=(), max_length=100)


class UserRoleParams(Message):
    name: UserName
    role: Role
    sees: tuple[UserName, ...] | None = Field(default=None, max_length=100, description="Left out: as before.")


class UserParams(Message):
    name: UserName
