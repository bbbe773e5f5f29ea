"""Who calls over HTTP: a script with the hub's token, or a browser with the cookie of a session that it opened, by the
code of `draftsmith web` or as a named user.

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

from draftsmith.domain.envelope import LOCAL_USER
from draftsmith.hub.dispatch import Caller
from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.peers import Peer
from draftsmith.hub.standing import LOCAL, Standing
from draftsmith.hub.users import UserBook
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
    standing: Standing
    signed_in: SignedIn | None

    @property
    def here(self) -> bool:
        """False when the browser was signed out in the meantime."""
        return self.signed_in is None or not self.signed_in.ended

    def caller(self, what: str) -> Caller:
        """For calls that come by `what`, whose other end can be asked nothing."""

        async def nobody_there(text: str) -> None:
            raise ConnectionError(f"{what} cannot be asked anything.")

        return Caller(client=self.client, standing=self.standing, peer=Peer(self.client, nobody_there))


class Rate:
    """A bucket of calls that fills with time (a token bucket) for each caller; full ones are forgotten first."""

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
        if len(self._buckets) > MAX_CALLERS:
            self._make_room(now)
        return wait

    def _make_room(self, now: float) -> None:
        """Full buckets first: else a flood of other names would empty the memory of who has to wait."""
        full = [
            name
            for name, (left, then) in self._buckets.items()
            if left + (now - then) * self._per_second >= self._at_once
        ]
        for name in full:
            del self._buckets[name]
        while len(self._buckets) > MAX_CALLERS:
            self._buckets.popitem(last=False)


class Entrance:
    """One for each place where the hub listens. `cookie` is the name of the cookie, different for all of a machine.

    `token` is None where others than the machine's own user come from: there only named users get in.
    """

    def __init__(self, token: str | None, web: WebAccess, cookie: str, users: UserBook) -> None:
        self.web = web
        self.cookie = cookie
        self.users = users
        self._token = None if token is None else token.encode()
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
                remedy="In a browser run `draftsmith web`; scripts send `Authorization: Bearer` with the hub's token."
                if self.by_token
                else "Sign in with your name and password.",
                headers={"WWW-Authenticate": 'Bearer realm="draftsmith"'} if self.by_token else {},
            )
        hold(self._known.seconds_to_wait(visitor.key))
        return visitor

    def recognise(self, request: HTTPConnection) -> Visitor | None:
        named = request.headers.get(CLIENT_HEADER, "")
        given = request.headers.get("authorization", "")
        if given:
            scheme, _, value = given.partition(" ")
            if scheme.lower() != "bearer" or not self.is_token(value.strip()):
                return None
            client = named if _CLIENT.fullmatch(named) else "rest"
            return Visitor(client=client, key="token", standing=LOCAL, signed_in=None)
        signed_in = self.web.known(request.cookies.get(self.cookie, ""))
        standing = None if signed_in is None else self.users.standing(signed_in.user)
        if signed_in is None or standing is None or (signed_in.user == LOCAL_USER and not self.by_token):
            return None
        client = named if _CLIENT.fullmatch(named) else "web"
        return Visitor(client=client, key=f"user-{signed_in.user}", standing=standing, signed_in=signed_in)

    @property
    def by_token(self) -> bool:
        return self._token is not None

    def is_token(self, given: str) -> bool:
        return self._token is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._token)

    def count_stranger(self, request: HTTPConnection) -> None:
        """Raises Refusal (429) when nobody in particular asks too often. Who is signed in is not held up by it."""
        hold(self._strangers.seconds_to_wait(request.client.host if request.client else ""))


def hold(seconds: float) -> None:
    """Raises Refusal (429) when there is something to wait for."""
    if seconds:
        raise Refusal(
            429,
            "too_many_calls",
            "Too many calls in a short time.",
            remedy="Wait as `Retry-After` says, then go on more slowly.",
            headers={"Retry-After": str(int(seconds) + 1)},
        )
