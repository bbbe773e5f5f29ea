"""The sessions in the hub's memory: all that are at work or watched, and of the others the last used.

A session has one host at most, however often it comes and goes: what still uses an evicted one gets the same again.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from weakref import WeakValueDictionary

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId
from draftsmith.hub.host import SessionHost

DEFAULT_RESIDENTS = 100
RESIDENTS_VARIABLE = "DRAFTSMITH_SESSIONS_IN_MEMORY"


def residents_wanted() -> int:
    """How many idle sessions may stay, from the environment. Raises UserError (`bad_setting`)."""
    said = os.environ.get(RESIDENTS_VARIABLE, "")
    if not said:
        return DEFAULT_RESIDENTS
    if not said.isdecimal() or int(said) < 1:
        raise UserError(
            f"{RESIDENTS_VARIABLE} is {said!r}, which is no number of sessions.",
            code="bad_setting",
            remedy="Set it to a whole number from 1, or leave it out.",
        )
    return int(said)


class Residents:
    """`idle` says whether nobody needs a host now; `evicted` is told of each that went."""

    def __init__(
        self, limit: int, *, idle: Callable[[SessionHost], bool], evicted: Callable[[SessionHost], None]
    ) -> None:
        self._limit = limit
        self._idle = idle
        self._evicted = evicted
        self._held: OrderedDict[SessionId, SessionHost] = OrderedDict()
        self._used: WeakValueDictionary[SessionId, SessionHost] = WeakValueDictionary()

    def get(self, session_id: SessionId) -> SessionHost | None:
        """The session's host if it is in memory; it counts as used now."""
        host = self._held.get(session_id)
        if host is not None:
            self._held.move_to_end(session_id)
            return host
        host = self._used.get(session_id)
        if host is not None:
            self.add(host)
        return host

    def peek(self, session_id: SessionId) -> SessionHost | None:
        """As `get`, but it does not count as used."""
        return self._held.get(session_id) or self._used.get(session_id)

    def add(self, host: SessionHost) -> None:
        self._held[host.session_id] = host
        self._used[host.session_id] = host
        self.trim(besides=host.session_id)

    def drop(self, session_id: SessionId) -> None:
        """The session is no more."""
        self._held.pop(session_id, None)
        self._used.pop(session_id, None)

    def trim(self, *, besides: SessionId | None = None) -> None:
        """Lets the longest unused go, as far as they are idle, until the bound holds."""
        spare = len(self._held) - self._limit
        if spare <= 0:
            return
        for session_id, host in list(self._held.items()):
            if spare <= 0:
                return
            if session_id != besides and self._idle(host):
                del self._held[session_id]
                self._evicted(host)
                spare -= 1

    def __iter__(self) -> Iterator[SessionHost]:
        return iter(list(self._held.values()))

    def __len__(self) -> int:
        return len(self._held)
