"""The envelope around every event of every stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from draftsmith.domain.ids import EventId, StreamId

E_co = TypeVar("E_co", covariant=True)

LOCAL_USER = "local"
"""The actor's user while there is one user only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who caused an event: the user, and through which client (`cli`, `runner`, `hub`, `vscode` …)."""

    user: str = LOCAL_USER
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope(Generic[E_co]):
    """An event with its place and origin.

    `version` is the event's position in its stream, from 1 without gaps. `at` is UTC milliseconds since 1970.
    `causation_id` is the event or command that led to this one, `correlation_id` the user's action behind it all.
    """

    event_id: EventId
    stream_id: StreamId
    version: int
    at: int
    actor: Actor
    causation_id: str
    correlation_id: str
    event: E_co
