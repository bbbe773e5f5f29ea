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

The hub answers HTTP on loopback, on the port that its endpoint file (`hub/endpoint.json` in the state folder) names;
for named users also elsewhere, when you say so.
This page is generated from the source by `make generate`; the same as OpenAPI 3.1 is in
[openapi.json](../protocol/openapi.json) and served at `{PREFIX}/openapi.json`.

## Coming in
- A script sends `Authorization: Bearer TOKEN` with the token of the endpoint file, which only its user can read.
- A browser: `draftsmith web` opens it, signed in; `draftsmith web --print` prints the address, for machines without a
  screen. The address opens once, within a minute. Its code stands in the fragment, which is sent to nobody, and becomes
  a cookie (HttpOnly, SameSite=Strict) that ends with `POST {PREFIX}/auth/sign-out`, after a day without use or after
  two weeks. The next hub knows it too, by its hash, and takes the same port when that is free.
- Requests under another Host, from another page's Origin or, by the browser's own
  word (`Sec-Fetch-Site`), from another site or port are refused. There is no CORS.
- Behind a proxy: `DRAFTSMITH_WEB_PORT` and `DRAFTSMITH_WEB_URL` in [configuration](configuration.md). The path of that
  address may be passed on or taken away.

```console
$ PORT=$(jq .websocket_port hub/endpoint.json)
$ curl -H "Authorization: Bearer $(jq -r .token hub/endpoint.json)" "http://127.0.0.1:$PORT{PREFIX}/sessions?limit=5"
```

On a machine that others use too, give curl the header from a file (`-H @file`): command lines can be read by everybody.

## Other people
`DRAFTSMITH_WEB_LISTEN=0.0.0.0:8443` with a certificate, a key and the name browsers use (see
[configuration](configuration.md)) opens the hub to **named users**, and to nobody else: its token and the codes of
`draftsmith web` count on loopback only. Without TLS it does not start, unless you set `DRAFTSMITH_WEB_PLAIN=1`.

```console
$ draftsmith users add ann --role reviewer --sees local
```

- A **viewer** reads; a **reviewer** also answers, steers, accepts and rejects; an **owner** also starts, resumes and
  deletes sessions and decides about models, keys and rules. Each method names the least it needs (the
  [client protocol](protocol.md) lists them); `local` methods are for you alone, on this machine.
- Everybody sees the sessions that they started, and those of users named with `--sees` (`local` is you): over REST,
  GraphQL, WebSocket and events alike, and in sums of costs. Another's session is not there.
- People sign in at `/sign-in` with name and password (kept as argon2 hashes in `hub/users.json`), or at your identity
  provider (`--identity`, the provider's `sub` or a verified address). A script does `POST {PREFIX}/auth/sign-in` with
  `name` and `password` and keeps the cookie. From one address ten tries are free, then one every ten seconds.
- Whoever is removed, or gets another role or password, is signed out everywhere at once, open sockets too.
- All of them work as the one user that the hub runs as: an owner can start a session on any folder which that user can
  read, and models, keys and prices are the hub's, not each user's. A long text is read by whoever knows its hash.

## Calling
- A method that only reads is a GET with its parameters in the query; a list is a parameter that stands several times.
  Every other one is a POST with a JSON object, or a DELETE. Results are those of the [client protocol](protocol.md).
- A GET has an `ETag`; with `If-None-Match` the answer is 304 while nothing changed. Where there is a next page, `Link`
  names it.
- A command with an `{KEY_HEADER}` is done once: the same key gives the same answer (`Idempotency-Replayed: true`),
  another body under it is refused. Keys are kept for a day, over restarts of the hub too. Of a command that a hub had
  begun when it was killed nobody knows the end: `outcome_unknown` says so, and it is not done again. A command is
  carried through when its caller goes away.
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
