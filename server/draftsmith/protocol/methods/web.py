"""The method that opens the hub to a browser, and what the browser's page says to sign in."""

from __future__ import annotations

from pydantic import Field, SecretStr

from draftsmith.protocol.model import Message


class OpenParams(Message):
    pass


class OpenResult(Message):
    """`url` signs a browser in, once, within `seconds`: treat it like a password."""

    url: str
    seconds: int


class SignInParams(Message):
    """The code from the fragment of the address that `web/open` gave."""

    code: SecretStr = Field(min_length=1, max_length=200)


class NameParams(Message):
    """A named user's own way in."""

    name: str = Field(min_length=1, max_length=40)
    password: SecretStr = Field(min_length=1, max_length=500)
