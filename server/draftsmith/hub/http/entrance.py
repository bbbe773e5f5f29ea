"""Who calls over HTTP: a script with the hub's token, or a browser with the cookie of a session that it opened.

It says who somebody is and how often they may ask; what they may do is the dispatcher's to say.
"""

from __future__ import annotations

import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.web_access import SignedIn, WebAccess
from draftsmith.protocol.http import CLIENT_HEADER

CALLS_A_SECOND = 200.0
CALLS_AT_ONCE = 1_000
"""What a client that was quiet may ask at once, before its calls are held to the rate."""
STRANGERS_A_SECOND = 5.0
STRANGERS_AT_ONCE = 50
MAX_CALLERS = 1_000

_CLIENT = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is signed in. `key` tells apart whose calls are counted and repeated, and is no secret."""

    client: str
    key: str
    signed_in: SignedIn | None


class Rate:
    """A bucket of calls that fills with time (a token bucket) for each caller; the longest unused are forgotten."""

    def __init__(self, per_second: float, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, caller: str) -> float:
        """0.0, and the call is counted; else how long until one is free."""
        now = self._clock()
        left, then = self._buckets.pop(caller, (self._at_once, now))
        left = min(self._at_once, left + (now - then) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._buckets[caller] = (left if wait else left - 1, now)
        while len(self._buckets) > MAX_CALLERS:
            self._buckets.popitem(last=False)
        return wait


class Entrance:
    """One for the hub. `cookie` is the name of the cookie, different for every hub of a machine."""

    def __init__(self, token: str, web: WebAccess, cookie: str) -> None:
        self.web = web
        self.cookie = cookie
        self._token = token.encode()
        self._known = Rate(CALLS_A_SECOND, CALLS_AT_ONCE)
        self._strangers = Rate(STRANGERS_A_SECOND, STRANGERS_AT_ONCE)

    def admit(self, request: HTTPConnection) -> Visitor:
        """Raises Refusal: 401 for whoever is not signed in, 429 for whoever asks too often."""
        visitor = self.recognise(request)
        if visitor is None:
            self.count_stranger(request)
            raise Refusal(
                401,
                "not_signed_in",
                "Nobody is signed in here.",
                remedy="In a browser run `draftsmith web`; scripts send `Authorization: Bearer` with the hub's token.",
                headers={"WWW-Authenticate": 'Bearer realm="draftsmith"'},
            )
        _hold(self._known.seconds_to_wait(visitor.key))
        return visitor

    def recognise(self, request: HTTPConnection) -> Visitor | None:
        named = request.headers.get(CLIENT_HEADER, "")
        given = request.headers.get("authorization", "")
        if given:
            scheme, _, value = given.partition(" ")
            good = hmac.compare_digest(value.strip().encode("utf-8", "replace"), self._token)
            if scheme.lower() != "bearer" or not good:
                return None
            return Visitor(client=named if _CLIENT.fullmatch(named) else "rest", key="token", signed_in=None)
        signed_in = self.web.known(request.cookies.get(self.cookie, ""))
        if signed_in is None:
            return None
        client = named if _CLIENT.fullmatch(named) else "web"
        return Visitor(client=client, key=f"web-{id(signed_in)}", signed_in=signed_in)

    def count_stranger(self, request: HTTPConnection) -> None:
        """Raises Refusal (429) when nobody in particular asks too often. Who is signed in is not held up by it."""
        _hold(self._strangers.seconds_to_wait(request.client.host if request.client else ""))


def _hold(seconds: float) -> None:
    if seconds:
        raise Refusal(
            429,
            "too_many_calls",
            "Too many calls in a short time.",
            remedy="Wait as `Retry-After` says, then go on more slowly.",
            headers={"Retry-After": str(int(seconds) + 1)},
        )
