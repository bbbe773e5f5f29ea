"""Methods about what belongs to no one session: the list as it changes, and what a user prefers of the screens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.methods.session import SessionLine
from draftsmith.protocol.model import Message


class WatchParams(Message):
    pass


class SessionsChanged(Message):
    """Lines in place of those held. A session is told of at most twice a second."""

    sessions: tuple[SessionLine, ...]
    removed: tuple[str, ...]


class HubChanged(Message):
    """What was changed, by this client or another: ask for it again."""

    what: Literal["models", "rules", "preferences"]


class PreferencesParams(Message):
    pass


class PreferenceLine(Message):
    name: str
    content: str = Field(description="JSON.")


class PreferencesResult(Message):
    """What was never set is not there."""

    preferences: tuple[PreferenceLine, ...]


class PreferenceParams(Message):
    """`content` None: as it is without the user's word."""

    name: str = Field(min_length=1, max_length=60, description="Letters and dots.")
    content: str | None = Field(default=None, max_length=64_000, description="JSON.")
