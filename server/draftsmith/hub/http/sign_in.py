"""How a browser comes in: the page that takes the code out of the address, the exchange for a cookie, signing out."""

from __future__ import annotations

import json
from collections.abc import Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from draftsmith import __version__
from draftsmith.hub.http.bodies import read_object
from draftsmith.hub.http.entrance import Entrance
from draftsmith.hub.http.refusals import Refusal
from draftsmith.protocol.http import PREFIX
from draftsmith.protocol.methods.web import SignInParams

MAX_SIGN_IN = 4_096

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Draftsmith</title>
<script src="open.js" defer></script>
</head>
<body>
<main>
<h1>Draftsmith</h1>
<p id="state" role="status">Signing in …</p>
<noscript><p>Signing in needs JavaScript.</p></noscript>
</main>
</body>
</html>
"""

SCRIPT = """"use strict";
(async () => {
  const say = (text) => { document.getElementById("state").textContent = text; };
  const code = location.hash.slice(1);
  // Out of the address before anything else: it must not stay in the history.
  history.replaceState(null, "", location.pathname);
  if (!code) { say("This address opens nothing by itself. Run `draftsmith web`."); return; }
  try {
    const answer = await fetch("api/v1/auth/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (answer.ok) { location.replace("./"); return; }
    const problem = await answer.json();
    say(`${problem.detail} ${problem.remedy}`);
  } catch {
    say("The hub does not answer. Run `draftsmith web` again.");
  }
})();
"""


class SignIn:
    """`root` is the path under which a proxy shows the hub, empty without one; `secure` when it does so by TLS."""

    def __init__(self, entrance: Entrance, *, root: str, secure: bool, signed_in: Callable[[], None]) -> None:
        self._entrance = entrance
        self._path = root or "/"
        self._secure = secure
        self._on_signed_in = signed_in

    def routes(self) -> list[Route]:
        return [
            Route("/open", self._page, methods=["GET"]),
            Route("/open.js", self._script, methods=["GET"]),
            Route(f"{PREFIX}/auth/sign-in", self._sign_in, methods=["POST"]),
            Route(f"{PREFIX}/auth/sign-out", self._sign_out, methods=["POST"]),
            Route(f"{PREFIX}/auth", self._who, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        return Response(PAGE, media_type="text/html", headers={"cache-control": "no-store"})

    async def _script(self, request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript", headers={"cache-control": "no-store"})

    async def _sign_in(self, request: Request) -> Response:
        given = await read_object(request, limit=MAX_SIGN_IN)
        try:
            params = SignInParams.model_validate(given)
        except ValidationError:
            raise Refusal(400, "invalid_params", "A `code` is wanted, and nothing else.") from None
        secret = self._entrance.web.exchange(params.code.get_secret_value())
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
        answer = Response(b'{"signed_in":true}', media_type="application/json", headers={"cache-control": "no-store"})
        answer.set_cookie(
            self._entrance.cookie, secret, path=self._path, httponly=True, samesite="strict", secure=self._secure
        )
        return answer

    async def _sign_out(self, request: Request) -> Response:
        self._entrance.admit(request)
        await read_object(request, limit=MAX_SIGN_IN)
        self._entrance.web.sign_out(request.cookies.get(self._entrance.cookie, ""))
        answer = Response(b'{"signed_in":false}', media_type="application/json", headers={"cache-control": "no-store"})
        answer.delete_cookie(
            self._entrance.cookie, path=self._path, httponly=True, samesite="strict", secure=self._secure
        )
        return answer

    async def _who(self, request: Request) -> Response:
        """Whether the caller is signed in, for a page that has to know what to show."""
        visitor = self._entrance.admit(request)
        said = {"client": visitor.client, "application_version": __version__}
        return Response(json.dumps(said), media_type="application/json", headers={"cache-control": "no-store"})
