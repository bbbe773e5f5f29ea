"""Who may come in by a browser: codes that open once, and the sessions that they become.

Codes and session secrets are kept as hashes, in memory, and end with the hub. Nothing of them is ever logged.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from draftsmith.platform.clock import now_ms

CODE_SECONDS = 60
MAX_CODES = 32
IDLE_MS = 24 * 3_600_000
"""A browser that says nothing for so long signs in anew."""
LONGEST_MS = 14 * 24 * 3_600_000
MAX_SIGNED_IN = 200
_SECRET_BYTES = 32


@dataclass(slots=True, kw_only=True)
class SignedIn:
    """A browser that signed in; `on_end` is called when it signs out or its time is over."""

    began: int
    seen: int
    on_end: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])

    def over(self, now: int) -> bool:
        return now - self.seen > IDLE_MS or now - self.began > LONGEST_MS


class WebAccess:
    """`address` is where browsers reach the hub, without a slash at its end. `clock` gives UTC milliseconds."""

    def __init__(self, address: str, *, clock: Callable[[], int] = now_ms) -> None:
        self.address = address
        self._clock = clock
        self._codes: dict[str, int] = {}
        self._signed_in: dict[str, SignedIn] = {}

    def open(self) -> str:
        """An address that signs one browser in. The code stands in the fragment, which browsers send to nobody."""
        now = self._clock()
        self._codes = {name: until for name, until in self._codes.items() if until > now}
        while len(self._codes) >= MAX_CODES:
            del self._codes[next(iter(self._codes))]
        code = secrets.token_urlsafe(_SECRET_BYTES)
        self._codes[_hash(code)] = now + CODE_SECONDS * 1_000
        return f"{self.address}/open#{code}"

    def exchange(self, code: str) -> str | None:
        """The secret of a new session for a code that is good, which it then is no more."""
        until = self._codes.pop(_hash(code), 0)
        now = self._clock()
        if until <= now:
            return None
        for name in [name for name, one in self._signed_in.items() if one.over(now)]:
            self._end(name)
        while len(self._signed_in) >= MAX_SIGNED_IN:
            self._end(min(self._signed_in, key=lambda name: self._signed_in[name].seen))
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._signed_in[_hash(secret)] = SignedIn(began=now, seen=now)
        return secret

    def known(self, secret: str) -> SignedIn | None:
        """The session of this secret, unless it is over."""
        name = _hash(secret)
        found = self._signed_in.get(name)
        if found is None:
            return None
        now = self._clock()
        if found.over(now):
            self._end(name)
            return None
        found.seen = now
        return found

    def sign_out(self, secret: str) -> None:
        self._end(_hash(secret))

    def _end(self, name: str) -> None:
        found = self._signed_in.pop(name, None)
        for act in list(found.on_end) if found is not None else ():
            act()


def _hash(secret: str) -> str:
    # The secrets are random and long: a plain hash cannot be guessed back, and comparing hashes tells nothing.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
