"""How a browser comes in: by the code of `draftsmith web`, or by name and password; who is in, and signing out.

Of passwords nothing is logged, and who guesses is held up, by address and by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import structlog
from pydantic import JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from draftsmith import __version__
from draftsmith.hub.http.bodies import read_object
from draftsmith.hub.http.entrance import Entrance, Rate, hold
from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.http.sign_in_pages import NAME_PAGE, NAME_SCRIPT, OPEN_PAGE, OPEN_SCRIPT
from draftsmith.protocol.http import PREFIX
from draftsmith.protocol.methods.web import NameParams, SignInParams

log = structlog.get_logger()

MAX_SIGN_IN = 4_096
TRIES_AT_ONCE = 10
TRIES_A_SECOND = 1 / 10
"""Of passwords from one address."""
TRIES_FOR_A_NAME = 50
NAME_TRIES_A_SECOND = 1 / 5
"""From anywhere; more than for one address, so that nobody is easily locked out by others' guesses."""

_NOT_KEPT = {"cache-control": "no-store"}


class SignIn:
    """`root` is the path under which a proxy shows the hub, empty without one; `secure` when browsers come by TLS."""

    def __init__(self, entrance: Entrance, *, root: str, secure: bool, signed_in: Callable[[], None]) -> None:
        self.by_identity = False
        """Whether an identity provider can be gone to."""
        self._entrance = entrance
        self._path = root or "/"
        self._secure = secure
        self._on_signed_in = signed_in
        self._from_one_place = Rate(TRIES_A_SECOND, TRIES_AT_ONCE)
        self._for_one_name = Rate(NAME_TRIES_A_SECOND, TRIES_FOR_A_NAME)

    def routes(self) -> list[Route]:
        return [
            _fixed("/open", OPEN_PAGE, "text/html"),
            _fixed("/open.js", OPEN_SCRIPT, "text/javascript"),
            _fixed("/sign-in", NAME_PAGE, "text/html"),
            _fixed("/sign-in.js", NAME_SCRIPT, "text/javascript"),
            Route(f"{PREFIX}/auth/ways", self._ways, methods=["GET"]),
            Route(f"{PREFIX}/auth/sign-in", self._sign_in, methods=["POST"]),
            Route(f"{PREFIX}/auth/sign-out", self._sign_out, methods=["POST"]),
            Route(f"{PREFIX}/auth", self._who, methods=["GET"]),
        ]

    def put_cookie(self, answer: Response, secret: str) -> None:
        answer.set_cookie(
            self._entrance.cookie, secret, path=self._path, httponly=True, samesite="strict", secure=self._secure
        )

    async def _ways(self, request: Request) -> Response:
        """How one can sign in here; it is asked by who is not signed in yet."""
        ways = {
            "code": self._entrance.by_token,
            "password": self._entrance.users.with_passwords,
            "identity": self.by_identity,
        }
        return Response(json.dumps(ways), media_type="application/json", headers=_NOT_KEPT)

    async def _sign_in(self, request: Request) -> Response:
        given = await read_object(request, limit=MAX_SIGN_IN)
        secret = await self._by_name(request, given) if "name" in given else self._by_code(request, given)
        answer = Response(b'{"signed_in":true}', media_type="application/json", headers=_NOT_KEPT)
        self.put_cookie(answer, secret)
        return answer

    def _by_code(self, request: Request, given: Mapping[str, JsonValue]) -> str:
        try:
            params = SignInParams.model_validate(given)
        except ValidationError:
            raise _unfit() from None
        secret = self._entrance.web.exchange(params.code.get_secret_value()) if self._entrance.by_token else None
        if secret is None:
            # Only what is wrong is counted: whoever has a good code is never held up by others' guesses.
            self._entrance.count_stranger(request)
            raise Refusal(
                401,
                "wrong_token",
                "This code is used up, too old, or not this hub's.",
                remedy="Run `draftsmith web` again.",
            )
        self._on_signed_in()
        return secret

    async def _by_name(self, request: Request, given: Mapping[str, JsonValue]) -> str:
        try:
            params = NameParams.model_validate(given)
        except ValidationError:
            raise _unfit() from None
        host = request.client.host if request.client else ""
        # Before the password is looked at, and good ones too: else the answer would come between the guesses.
        hold(self._from_one_place.seconds_to_wait(host))
        hold(self._for_one_name.seconds_to_wait(params.name))
        user = await self._entrance.users.check(params.name, params.password.get_secret_value())
        if user is None:
            log.warning("wrong_password", address=host)
            raise Refusal(401, "wrong_password", "The name or the password is wrong.", remedy="Try again.")
        log.info("signed_in", user=user.name, address=host)
        return self._entrance.web.admit(user.name)

    async def _sign_out(self, request: Request) -> Response:
        self._entrance.admit(request)
        await read_object(request, limit=MAX_SIGN_IN)
        self._entrance.web.sign_out(request.cookies.get(self._entrance.cookie, ""))
        answer = Response(b'{"signed_in":false}', media_type="application/json", headers=_NOT_KEPT)
        answer.delete_cookie(
            self._entrance.cookie, path=self._path, httponly=True, samesite="strict", secure=self._secure
        )
        return answer

    async def _who(self, request: Request) -> Response:
        """Whether the caller is signed in, and what it may, for a page that has to know what to show."""
        visitor = self._entrance.admit(request)
        said = {
            "client": visitor.client,
            "application_version": __version__,
            "user": visitor.standing.user,
            "permissions": sorted(visitor.standing.permissions),
        }
        return Response(json.dumps(said), media_type="application/json", headers=_NOT_KEPT)


def _fixed(path: str, text: str, media_type: str) -> Route:
    async def answer(request: Request) -> Response:
        return Response(text, media_type=media_type, headers=_NOT_KEPT)

    return Route(path, answer, methods=["GET"])


def _unfit() -> Refusal:
    return Refusal(400, "invalid_params", "A `code` is wanted, or a `name` and a `password`, and nothing else.")
