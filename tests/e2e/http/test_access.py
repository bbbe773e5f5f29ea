"""Who gets in over HTTP, and what is kept out: hosts, pages, tokens, paths, sizes, slowness, crowds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from draftsmith.protocol.http import MAX_BODY, rest_forms
from e2e.http.calling import WAIT_S, address, bearer, browser, script, stranger
from e2e.hubs import RunningHub

OTHERS = [("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/auth"), ("POST", "/api/v1/graphql")]
PLACES = [
    *((form.verb, form.path.replace("{session_id}", "s_1")) for form in rest_forms()),
    *OTHERS,
    ("GET", "/api/v1/sessions/s_1/events"),
]


@pytest.mark.parametrize(("verb", "path"), PLACES)
def test_nothing_is_answered_to_who_is_not_signed_in(hub: RunningHub, verb: str, path: str) -> None:
    with stranger(hub) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {hub.endpoint.token}"}):
            answer = client.request(verb, path, headers=headers)
            assert answer.status_code in (401, 429), answer.text
            assert answer.json()["code"] in ("not_signed_in", "too_many_calls")


@pytest.mark.parametrize(("verb", "path"), [*PLACES, ("GET", "/"), ("GET", "/open"), ("POST", "/api/v1/auth/sign-in")])
def test_a_foreign_host_or_page_is_refused_everywhere(hub: RunningHub, verb: str, path: str) -> None:
    with script(hub) as client:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            answer = client.request(verb, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) in ((403, "wrong_host"), (403, "foreign_page"))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_on_another_port_of_this_machine_cannot_use_the_browser_s_cookie(hub: RunningHub, site: str) -> None:
    with stranger(hub) as client:
        browser(hub, client)
        assert client.get("/api/v1/sessions", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
        assert client.get("/api/v1/sessions", headers={"Sec-Fetch-Site": site}).json()["code"] == "foreign_page"
        assert client.get("/open", headers={"Sec-Fetch-Site": site}).status_code == 200


def test_a_code_opens_once_and_becomes_a_cookie_that_no_script_reads(hub: RunningHub) -> None:
    with stranger(hub) as client:
        assert client.get("/api/v1/auth").status_code == 401
        code = browser(hub, client)
        (cookie,) = client.cookies.jar
        assert cookie.name == f"draftsmith_{hub.endpoint.websocket_port}"
        assert client.get("/api/v1/auth").json()["client"] == "web"
        assert client.post("/api/v1/models/prefer", json={"preference": "best"}).status_code == 200
        with stranger(hub) as late:
            answer = late.post("/api/v1/auth/sign-in", json={"code": code})
            assert (answer.status_code, answer.json()["code"]) == (401, "wrong_token")
            assert "set-cookie" not in answer.headers
        assert client.post("/api/v1/auth/sign-out").status_code == 200
        assert not list(client.cookies.jar)
        assert client.get("/api/v1/auth", headers={"Cookie": f"{cookie.name}={cookie.value}"}).status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(hub: RunningHub) -> None:
    with script(hub) as owner:
        code = owner.post("/api/v1/web/open").json()["url"].partition("#")[2]
    with stranger(hub) as client:
        set_cookie = client.post("/api/v1/auth/sign-in", json={"code": code}).headers["set-cookie"].lower()
    assert all(word in set_cookie for word in ("httponly", "samesite=strict", "path=/"))


def test_codes_cookies_and_tokens_are_in_no_log(hub: RunningHub) -> None:
    with stranger(hub) as client:
        code = browser(hub, client)
        (cookie,) = client.cookies.jar
        client.get(f"/api/v1/sessions?token={hub.endpoint.token}&code={code}")
        client.get("/api/v1/none", params={"cookie": cookie.value})
        client.post("/api/v1/auth/sign-in", json={"code": code, "more": hub.endpoint.token})
        client.post("/api/v1/auth/sign-in", content=json.dumps({"code": hub.endpoint.token}))
    for secret in (code, cookie.value, hub.endpoint.token):
        assert secret
        assert secret not in hub.logged()


async def test_a_browser_s_socket_needs_no_token_and_ends_when_it_signs_out(hub: RunningHub) -> None:
    with stranger(hub) as client:
        browser(hub, client)
        (cookie,) = client.cookies.jar
        url = hub.endpoint.url
        headers = {"Cookie": f"{cookie.name}={cookie.value}", "Origin": address(hub)}
        async with connect(url, proxy=None, additional_headers=headers) as ws:
            assert "result" in await hello(ws, "")
            client.post("/api/v1/auth/sign-out")
            async with asyncio.timeout(WAIT_S):
                with pytest.raises(ConnectionClosed):
                    await ws.recv()
        async with connect(url, proxy=None, additional_headers=headers) as ws:
            assert (await hello(ws, ""))["error"]["data"]["code"] == "wrong_token"
        with pytest.raises(InvalidStatus):
            async with connect(url, proxy=None, additional_headers={**headers, "Origin": "http://127.0.0.1:1"}):
                pass


async def hello(ws: Any, token: str) -> Any:
    params = {"token": token, "client": "web", "versions": [1]}
    await ws.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": params}))
    async with asyncio.timeout(WAIT_S):
        return json.loads(await ws.recv())


@pytest.mark.parametrize("path", ["/", "/open", "/api/v1/sessions", "/api/v1/nothing", "/healthz", "/missing.js"])
def test_every_answer_tells_the_browser_to_be_careful(hub: RunningHub, path: str) -> None:
    with stranger(hub) as client:
        headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/%00",
        "/api/v1/sessions/..%2f..%2fhub",
    ],
)
def test_no_path_leads_out_of_the_folder_of_pages(hub: RunningHub, path: str) -> None:
    answer = raw(hub, f"GET {path} HTTP/1.1", "Connection: close")
    assert b"root:" not in answer
    assert answer.split(b" ", 2)[1] in (b"200", b"400", b"401", b"404")
    assert b"Traceback" not in answer


def raw(hub: RunningHub, *lines: str, body: bytes = b"") -> bytes:
    """Sends a request as it is and reads the answer to its end."""
    head = "\r\n".join((*lines, f"Host: 127.0.0.1:{hub.endpoint.websocket_port}", "", "")).encode()
    with socket.create_connection(("127.0.0.1", hub.endpoint.websocket_port), timeout=WAIT_S) as plain:
        plain.sendall(head)
        with contextlib.suppress(OSError):  # the hub need not read to the end what it refuses
            plain.sendall(body)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := plain.recv(65_536):
                found += piece
        return found


def test_a_body_that_is_announced_too_large_is_refused_before_it_has_come(hub: RunningHub) -> None:
    answer = raw(
        hub,
        "POST /api/v1/sessions HTTP/1.1",
        f"Authorization: Bearer {hub.endpoint.token}",
        f"Content-Length: {MAX_BODY + 1}",
    )
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body_too_large" in answer


def test_a_body_that_grows_too_large_is_cut_off(hub: RunningHub) -> None:
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answer = raw(
        hub,
        "POST /api/v1/sessions HTTP/1.1",
        f"Authorization: Bearer {hub.endpoint.token}",
        "Transfer-Encoding: chunked",
        body=piece * (MAX_BODY // 65_536 + 1),
    )
    assert answer.startswith(b"HTTP/1.1 413") or not answer


def test_a_head_that_is_too_long_is_refused(hub: RunningHub) -> None:
    with stranger(hub) as client:
        answer = client.get("/healthz", headers={"X-Long": "x" * 100_000})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_who_asks_too_often_waits_and_others_do_not(hub: RunningHub) -> None:
    with stranger(hub) as guessing, script(hub) as client:
        answers = [guessing.get("/api/v1/auth", headers={"Authorization": "Bearer guess"}) for _ in range(80)]
        held = [one for one in answers if one.status_code == 429]
        assert held
        assert int(held[0].headers["retry-after"]) >= 1
        assert client.get("/api/v1/auth").status_code == 200
        browser(hub, guessing)


async def test_a_thousand_sockets_are_served_at_once(hub: RunningHub) -> None:
    arrived = 0
    everybody, counted = asyncio.Event(), asyncio.Event()
    opening = asyncio.Semaphore(50)

    async def client() -> None:
        nonlocal arrived
        async with opening:
            ws = await connect(hub.endpoint.url, proxy=None, open_timeout=WAIT_S, ping_interval=None)
            assert "result" in await hello(ws, hub.endpoint.token)
        arrived += 1
        if arrived == 1_000:
            everybody.set()
        async with asyncio.timeout(2 * WAIT_S):
            await counted.wait()
        await ws.close()

    clients = asyncio.gather(*(client() for _ in range(1_000)))
    async with asyncio.timeout(2 * WAIT_S):
        await everybody.wait()
    async with httpx.AsyncClient(base_url=address(hub), headers=bearer(hub), timeout=WAIT_S, trust_env=False) as one:
        assert (await one.get("/api/v1/hub/status")).json()["clients"] == 1_000
    counted.set()
    await clients
