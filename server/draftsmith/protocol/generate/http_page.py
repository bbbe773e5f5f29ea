"""Writes `docs/http.md`: how to come in, and every method with its path."""

from __future__ import annotations

from draftsmith.protocol.http import (
    CORRELATION_HEADER,
    HTTP_CODES,
    KEY_HEADER,
    MAX_BODY,
    PREFIX,
    RestForm,
    rest_forms,
)
from draftsmith.protocol.registry import METHODS

_OPENING = f"""# HTTP

The hub answers HTTP on loopback, on the port that its endpoint file (`hub/endpoint.json` in the state folder) names.
This page is generated from the source by `make generate`; the same as OpenAPI 3.1 is in
[openapi.json](../protocol/openapi.json) and served at `{PREFIX}/openapi.json`.

## Coming in
- A script sends `Authorization: Bearer TOKEN` with the token of the endpoint file, which only its user can read.
- A browser: `draftsmith web` opens it, signed in; `draftsmith web --print` prints the address, for machines without a
  screen. The address opens once, within a minute. Its code stands in the fragment, which is sent to nobody, and becomes
  a cookie (HttpOnly, SameSite=Strict) that ends with the hub, with `POST {PREFIX}/auth/sign-out`, after a day without
  use or after two weeks.
- The hub listens on loopback only. Requests under another Host, from another page's Origin or, by the browser's own
  word (`Sec-Fetch-Site`), from another site or port are refused. There is no CORS.
- Behind a proxy: `DRAFTSMITH_WEB_PORT` and `DRAFTSMITH_WEB_URL` in [configuration](configuration.md). The path of that
  address may be passed on or taken away.

```console
$ PORT=$(jq .websocket_port hub/endpoint.json)
$ curl -H "Authorization: Bearer $(jq -r .token hub/endpoint.json)" "http://127.0.0.1:$PORT{PREFIX}/sessions?limit=5"
```

On a machine that others use too, give curl the header from a file (`-H @file`): command lines can be read by everybody.

## Calling
- A method that only reads is a GET with its parameters in the query; a list is a parameter that stands several times.
  Every other one is a POST with a JSON object, or a DELETE. Results are those of the [client protocol](protocol.md).
- A GET has an `ETag`; with `If-None-Match` the answer is 304 while nothing changed. Where there is a next page, `Link`
  names it.
- A command with an `{KEY_HEADER}` is done once: the same key gives the same answer (`Idempotency-Replayed: true`),
  another body under it is refused. Keys are kept in memory until the hub ends, for a day at most. A command is carried
  through when its caller goes away.
- `{CORRELATION_HEADER}` names the call in logs and events; a caller may send one of its own.
- Errors are problem details (RFC 9457) with our stable `code`, and `remedy`: what to do.
- A body has at most {MAX_BODY} bytes and 20 seconds, a request's head 32 kB and 15 seconds. A client may make 1,000
  calls at once and 200 a second from then on.

## Events
`GET {PREFIX}/sessions/{{session_id}}/events` are server-sent events: first a `snapshot`, then `update`s, as on the
WebSocket. Each has an `id`; who comes back with it as `Last-Event-ID` gets what was missed, or a snapshot. A comment
comes every 15 seconds when nothing else does. Who does not read is never waited for.

```console
$ curl -N -H @header "http://127.0.0.1:$PORT{PREFIX}/sessions/$SESSION/events"
```

## WebSocket
`{PREFIX}/ws` speaks the [client protocol](protocol.md). The first message is `hello`, within 5 seconds; a browser that
is signed in leaves its token empty. The hub pings every 20 seconds and closes what does not answer.
"""


def http_page() -> str:
    """The text of `docs/http.md`."""
    forms = "".join(_row(form) for form in rest_forms())
    bound = ", ".join(f"`{method.name}`" for method in METHODS if method.bound)
    codes = "".join(f"| `{code}` | {HTTP_CODES[code]} |\n" for code in sorted(HTTP_CODES))
    return (
        f"{_OPENING}\n## Methods\n\n| method | verb | path |\n| --- | --- | --- |\n{forms}\n"
        f"{bound} are about a lasting connection and have no form here.\n\n"
        "## Errors\n\nBeside the codes of the methods:\n\n"
        f"| code | meaning |\n| --- | --- |\n{codes}"
    )


def _row(form: RestForm) -> str:
    return f"| `{form.method.name}` | {form.verb} | `{form.path}` |\n"
