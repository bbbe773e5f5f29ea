"""Who may come in by a browser: codes that open once, and the sessions that they become.

Codes and session secrets are known as hashes only. Codes end with the hub; sessions are kept, so that a browser is
still signed in at the next one. Nothing of them is ever logged.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import ValidationError

from draftsmith.domain.envelope import LOCAL_USER
from draftsmith.platform.clock import now_ms
from draftsmith.protocol.model import Message

CODE_SECONDS = 60
MAX_CODES = 32
IDLE_MS = 24 * 3_600_000
"""A browser that says nothing for so long signs in anew."""
LONGEST_MS = 14 * 24 * 3_600_000
MAX_SIGNED_IN = 200
_SECRET_BYTES = 32
_VERSION = 1


class _KeptSession(Message):
    user: str
    began: int


class _Kept(Message):
    version: int
    signed_in: dict[str, _KeptSession]


@dataclass(slots=True, kw_only=True)
class SignedIn:
    """A browser that signed in; `on_end` is called when it signs out or its time is over."""

    user: str
    began: int
    seen: int
    ended: bool = False
    on_end: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])

    def over(self, now: int) -> bool:
        return now - self.seen > IDLE_MS or now - self.began > LONGEST_MS


class WebAccess:
    """`address` is where browsers reach the hub, without a slash at its end. `clock` gives UTC milliseconds."""

    def __init__(
        self,
        address: str,
        *,
        clock: Callable[[], int] = now_ms,
        kept: bytes = b"",
        keep: Callable[[bytes], None] = lambda content: None,
    ) -> None:
        """`kept` is what `keep` was given last, maybe by an earlier hub; what cannot be read is nothing."""
        self.address = address
        self._clock = clock
        self._keep = keep
        self._codes: dict[str, int] = {}
        self._signed_in = _read(kept, clock())

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
        return self.admit(LOCAL_USER) if until > self._clock() else None

    def admit(self, user: str) -> str:
        """The secret of a new session of this user, whoever it was that made sure of it."""
        now = self._clock()
        for name in [name for name, one in self._signed_in.items() if one.over(now)]:
            self._end(name)
        while len(self._signed_in) >= MAX_SIGNED_IN:
            self._end(min(self._signed_in, key=lambda name: self._signed_in[name].seen))
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._signed_in[_hash(secret)] = SignedIn(user=user, began=now, seen=now)
        self._changed()
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

    def end_user(self, user: str) -> None:
        """Every browser of this user is signed out."""
        for name in [name for name, one in self._signed_in.items() if one.user == user]:
            self._end(name)

    def _end(self, name: str) -> None:
        found = self._signed_in.pop(name, None)
        if found is None:
            return
        found.ended = True
        for act in list(found.on_end):
            act()
        self._changed()

    def _changed(self) -> None:
        held = {name: {"user": one.user, "began": one.began} for name, one in self._signed_in.items()}
        self._keep(json.dumps({"version": _VERSION, "signed_in": held}).encode())


def _read(kept: bytes, now: int) -> dict[str, SignedIn]:
    """Whoever was signed in, as seen just now: disuse counts while a hub runs."""
    try:
        held = _Kept.model_validate_json(kept) if kept else None
    except ValidationError:
        held = None
    if held is None or held.version != _VERSION:
        return {}
    found = {name: SignedIn(user=one.user, began=one.began, seen=now) for name, one in held.signed_in.items()}
    return {name: one for name, one in found.items() if not one.over(now) and one.began <= now}


def _hash(secret: str) -> str:
    # The secrets are random and long: a plain hash cannot be guessed back, and comparing hashes tells nothing.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
