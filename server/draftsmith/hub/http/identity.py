"""Signing in at an identity provider (OpenID Connect, authorization code with PKCE), for users known here by it.

The provider only says who somebody is; whether they may come in, and what they may do, is this hub's to say.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from draftsmith.hub.http.entrance import Entrance
from draftsmith.hub.http.guard import PublicPlace
from draftsmith.hub.http.refusals import Refusal
from draftsmith.hub.http.settings import IdentitySettings
from draftsmith.hub.http.sign_in import SignIn
from draftsmith.hub.http.sign_in_pages import CAME_BACK_PAGE

if TYPE_CHECKING:
    import httpx

log = structlog.get_logger()

ASK_SECONDS = 10.0
FLOW_SECONDS = 600.0
MAX_FLOWS = 200
DISCOVERY_SECONDS = 3_600.0
LEEWAY_SECONDS = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Those with a public key: never one in which the client's own secret would sign."""
BACK = "/identity/back"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flow:
    """A browser on its way to the provider and back; `browser` is the hash of the cookie that it has."""

    browser: str
    nonce: str
    verifier: str
    until: float


class Identity:
    """One for each place where browsers come in."""

    def __init__(self, settings: IdentitySettings, entrance: Entrance, sign_in: SignIn, place: PublicPlace) -> None:
        self._settings = settings
        self._entrance = entrance
        self._sign_in = sign_in
        self._place = place
        self._cookie = f"{entrance.cookie}_way"
        self._flows: dict[str, _Flow] = {}
        self._known: tuple[float, Mapping[str, Any]] | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/identity/sign-in", self._away, methods=["GET"]),
            Route(BACK, self._back, methods=["GET"]),
        ]

    async def _away(self, request: Request) -> Response:
        self._entrance.count_stranger(request)
        provider = await self._provider()
        now = time.monotonic()
        self._flows = {name: flow for name, flow in self._flows.items() if flow.until > now}
        while len(self._flows) >= MAX_FLOWS:
            del self._flows[next(iter(self._flows))]
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        self._flows[state] = _Flow(browser=_hash(browser), nonce=nonce, verifier=verifier, until=now + FLOW_SECONDS)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client,
            "redirect_uri": self._place.address + BACK,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        answer = RedirectResponse(f"{provider['authorization_endpoint']}?{urlencode(asked)}", 302)
        answer.headers["cache-control"] = "no-store"
        # It has to come back with a step from the provider's page, which a cookie of `strict` would not.
        answer.set_cookie(
            self._cookie,
            browser,
            max_age=int(FLOW_SECONDS),
            path=self._place.root or "/",
            httponly=True,
            samesite="lax",
            secure=self._place.secure,
        )
        return answer

    async def _back(self, request: Request) -> Response:
        self._entrance.count_stranger(request)
        flow = self._flows.pop(request.query_params.get("state", ""), None)
        browser = _hash(request.cookies.get(self._cookie, ""))
        if flow is None or flow.until <= time.monotonic() or not hmac.compare_digest(flow.browser, browser):
            raise _refused("This way of signing in was not begun by this browser, or too long ago.")
        code = request.query_params.get("code", "")
        if not code:
            raise _refused("The identity provider did not let you in.")
        claims = await self._claims(code, flow)
        email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
        user = self._entrance.users.known_as(str(claims["sub"]), email)
        if user is None:
            raise _refused("The identity provider knows you, and this hub does not.")
        log.info("signed_in", user=user.name, by="identity")
        answer = Response(CAME_BACK_PAGE, media_type="text/html", headers={"cache-control": "no-store"})
        self._sign_in.put_cookie(answer, self._entrance.web.admit(user.name))
        answer.delete_cookie(self._cookie, path=self._place.root or "/")
        return answer

    async def _claims(self, code: str, flow: _Flow) -> Mapping[str, Any]:
        """What the provider says of who came, checked (OpenID Connect Core, 3.1.3.7). Raises Refusal."""
        # Late: a hub without a provider needs neither.
        import jwt
        from jwt import PyJWK, PyJWTError

        provider = await self._provider()
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._place.address + BACK,
            "client_id": self._settings.client,
            "code_verifier": flow.verifier,
        }
        secret = await asyncio.to_thread(self._settings.secret)
        given = await self._asked("POST", str(provider["token_endpoint"]), sent, secret)
        keys = await self._asked("GET", str(provider["jwks_uri"]))
        try:
            token = str(given["id_token"])
            head = jwt.get_unverified_header(token)
            key = next(one for one in keys["keys"] if head.get("kid") in (None, one.get("kid")))
            claims = cast(
                "Mapping[str, Any]",
                jwt.decode(
                    token,
                    PyJWK(key),
                    algorithms=list(ALGORITHMS),
                    audience=self._settings.client,
                    issuer=self._settings.issuer,
                    leeway=LEEWAY_SECONDS,
                    options={"require": ["exp", "iat", "sub", "aud", "iss"]},
                ),
            )
        except (PyJWTError, KeyError, StopIteration, TypeError, AttributeError) as error:
            log.warning("identity_refused", error=type(error).__name__)
            raise _refused("What the identity provider said cannot be trusted.") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")), flow.nonce):
            raise _refused("What the identity provider said was meant for another browser.")
        return claims

    async def _provider(self) -> Mapping[str, Any]:
        """Its description (OpenID Connect Discovery, 4), asked for anew after a while. Raises Refusal."""
        if self._known is not None and self._known[0] > time.monotonic():
            return self._known[1]
        found = await self._asked("GET", f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != self._settings.issuer or not all(isinstance(found.get(one), str) for one in wanted):
            raise _unavailable("it describes itself as another")
        self._known = (time.monotonic() + DISCOVERY_SECONDS, found)
        return found

    async def _asked(
        self, verb: str, url: str, form: Mapping[str, str] | None = None, secret: str = ""
    ) -> Mapping[str, Any]:
        import httpx

        login = httpx.BasicAuth(self._settings.client, secret) if secret else None
        try:
            async with httpx.AsyncClient(timeout=ASK_SECONDS, verify=self._settings.trusted()) as client:
                answer: httpx.Response = await client.request(verb, url, data=form, auth=login)
                answer.raise_for_status()
                found: object = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            log.warning("identity_provider_failed", error=type(error).__name__)
            raise _unavailable("it does not answer as it should") from error
        if not isinstance(found, dict):
            raise _unavailable("it answers with something else")
        return cast("Mapping[str, Any]", found)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _refused(reason: str) -> Refusal:
    return Refusal(403, "no_identity", reason, remedy="Go back to the page to sign in and try again.")


def _unavailable(reason: str) -> Refusal:
    return Refusal(503, "no_provider", f"The identity provider cannot be used: {reason}.", remedy="Try again later.")
