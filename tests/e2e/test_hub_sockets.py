"""What reaches the hub's ports: only the user's own clients get in, and no garbage takes it down."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from draftsmith.protocol.model import MAX_FRAME
from e2e.hubs import RunningHub, running
from isolation import short_folder

FRAMES = json.loads((Path(__file__).parents[2] / "protocol/golden/frames.json").read_text())["examples"]
NUMBERS = {"parse_error": -32700, "invalid_request": -32600}
WAIT_S = 30.0


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder, "--no-runner") as made:
        yield made


@pytest.fixture(autouse=True)
async def alive_afterwards(hub: RunningHub) -> AsyncIterator[None]:
    """Whatever a test sends, the hub goes on, and forgets who is gone."""
    yield
    async with asyncio.timeout(WAIT_S), hub.connected() as talk:
        while (await talk.call("hub/status", {}))["clients"] > 1:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.02)
    assert hub.process.poll() is None


def socket_to(hub: RunningHub, **options: Any) -> connect:
    return connect(hub.endpoint.url, proxy=None, **options)


async def ask(ws: ClientConnection, method: str, params: object, number: int = 1) -> Any:
    await ws.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
    async with asyncio.timeout(WAIT_S):
        return json.loads(await ws.recv())


def hello(hub: RunningHub, **changes: object) -> dict[str, object]:
    return {"token": hub.endpoint.token, "client": "cli", "versions": [1], **changes}


async def closed_with(ws: ClientConnection) -> int:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await ws.recv()
            except ConnectionClosed:
                return ws.close_code or 0


@pytest.mark.parametrize("token", ["", "wrong", "ünïcode", "x" * 10_000])
async def test_a_wrong_token_opens_nothing(hub: RunningHub, token: str) -> None:
    async with socket_to(hub) as ws:
        answer = await ask(ws, "hello", hello(hub, token=token))
        assert answer["error"]["data"]["code"] in ("wrong_token", "invalid_params")
        assert hub.endpoint.token not in json.dumps(answer)
        assert await closed_with(ws) == 4401


@pytest.mark.parametrize("params", [{}, {"client": "cli", "versions": [1]}, {"token": None}])
async def test_a_hello_without_a_token_opens_nothing(hub: RunningHub, params: dict[str, object]) -> None:
    async with socket_to(hub) as ws:
        assert (await ask(ws, "hello", params))["error"]["data"]["code"] == "invalid_params"
        assert await closed_with(ws) == 4401


@pytest.mark.parametrize("method", ["hub/status", "session/list", "credentials/offer", "hub/stop", "no/such"])
async def test_nothing_is_answered_before_the_hello(hub: RunningHub, method: str) -> None:
    async with socket_to(hub) as ws:
        assert (await ask(ws, method, {}))["error"]["data"]["code"] == "not_signed_in"
        assert await closed_with(ws) == 4401


async def test_a_protocol_that_the_hub_does_not_speak_is_named(hub: RunningHub) -> None:
    async with socket_to(hub) as ws:
        answer = await ask(ws, "hello", hello(hub, versions=[999]))
        assert answer["error"]["data"]["code"] == "protocol_mismatch"
        assert answer["error"]["data"]["remedy"]


async def test_a_client_that_never_says_hello_is_closed(hub: RunningHub) -> None:
    async with socket_to(hub) as ws:
        assert await closed_with(ws) == 4408


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:{port}", "127.0.0.1:1", "", "localhost"])
def test_a_request_under_another_name_is_refused(hub: RunningHub, host: str) -> None:
    port = hub.endpoint.websocket_port
    assert _status(port, "/healthz", {"Host": host.format(port=port)}) == 403
    assert _status(port, "/healthz", {"Host": f"localhost:{port}"}) == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
async def test_a_page_of_somebody_else_is_refused(hub: RunningHub, origin: str) -> None:
    assert _status(hub.endpoint.websocket_port, "/healthz", {"Origin": origin}) == 403
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(hub, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_the_hub_s_own_page_is_let_in(hub: RunningHub) -> None:
    async with socket_to(hub, origin=f"http://localhost:{hub.endpoint.websocket_port}") as ws:
        assert "result" in await ask(ws, "hello", hello(hub))


def _status(port: int, path: str, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    try:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


async def test_frames_that_are_no_requests_are_answered_and_the_connection_goes_on(hub: RunningHub) -> None:
    async with socket_to(hub) as ws:
        await ask(ws, "hello", hello(hub))
        for frame in FRAMES:
            await ws.send(frame["text"])
            if "error" in frame:
                answer = json.loads(await ws.recv())
                assert answer["error"]["code"] == NUMBERS[frame["error"]], frame["name"]
                assert answer["id"] is None
            elif "id" in frame["request"]:
                answer = json.loads(await ws.recv())
                assert answer["id"] == frame["request"]["id"], frame["name"]
        assert (await ask(ws, "hub/status", {}, number=777))["id"] == 777


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("no/such", {}, "unknown_method"),
        ("session/start", {"folders": [], "request": "x"}, "invalid_params"),
        ("session/start", {"folders": ["/"], "request": ""}, "invalid_params"),
        ("session/attach", {"session_id": 5}, "invalid_params"),
        ("session/attach", {"session_id": "s_none"}, "unknown_session"),
        ("session/attach", {"session_id": "../../etc/passwd"}, "unknown_session"),
        ("session/attach", {"session_id": "s_none", "surprise": 1}, "invalid_params"),
        ("session/list", {"cursor": "nonsense"}, "bad_cursor"),
        ("document/read", {"document_id": "0" * 64}, "unknown_document"),
        ("document/read", {"document_id": "../x"}, "invalid_params"),
        ("session/list", {"limit": 10**9}, "invalid_params"),
    ],
)
async def test_a_call_that_makes_no_sense_is_answered_with_its_reason(
    hub: RunningHub, method: str, params: dict[str, object], code: str
) -> None:
    async with socket_to(hub) as ws:
        await ask(ws, "hello", hello(hub))
        error = (await ask(ws, method, params))["error"]
        assert error["data"]["code"] == code
        assert error["message"]
        assert "Traceback" not in json.dumps(error)


async def test_a_frame_over_the_limit_closes_its_connection_only(hub: RunningHub) -> None:
    async with socket_to(hub) as other, socket_to(hub) as ws:
        await ask(other, "hello", hello(hub))
        await ask(ws, "hello", hello(hub))
        big = {"jsonrpc": "2.0", "id": 1, "method": "session/message", "params": {"text": "x" * MAX_FRAME}}
        with suppress(ConnectionClosed):
            await ws.send(json.dumps(big))
        assert await closed_with(ws) == 1009
        assert "result" in await ask(other, "hub/status", {})


async def test_a_binary_frame_closes_its_connection(hub: RunningHub) -> None:
    for signed_in in (False, True):
        async with socket_to(hub) as ws:
            if signed_in:
                await ask(ws, "hello", hello(hub))
            await ws.send(b"\x00\x01")
            assert await closed_with(ws) == 1009


async def test_text_that_is_not_utf8_closes_its_connection(hub: RunningHub) -> None:
    async with socket_to(hub) as ws:
        await ask(ws, "hello", hello(hub))
        await ws.send(b"\xff\xfe", text=True)
        assert await closed_with(ws) == 1007


@pytest.mark.parametrize("noise", [b"", b"\x00" * 100, bytes(range(256)) * 16, b"GET / HTTP/1.1\r\nHost: x\r\n"])
@pytest.mark.parametrize("port", ["websocket_port", "grpc_port"])
def test_noise_on_a_port_is_shaken_off(hub: RunningHub, port: str, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", getattr(hub.endpoint, port)), timeout=WAIT_S) as plain:
        plain.sendall(noise)


async def test_two_hundred_clients_are_served_at_once(hub: RunningHub) -> None:
    async def client(number: int) -> int:
        async with socket_to(hub) as ws:
            assert "result" in await ask(ws, "hello", hello(hub))
            arrived.append(number)
            if len(arrived) == 200:
                everybody.set()
            async with asyncio.timeout(WAIT_S):
                await everybody.wait()
            return (await ask(ws, "hub/status", {}))["result"]["clients"]

    arrived: list[int] = []
    everybody = asyncio.Event()
    counts = await asyncio.gather(*(client(number) for number in range(200)))
    assert max(counts) == 200


async def test_a_thousand_calls_that_nobody_reads_the_answers_of_hold_up_nobody(hub: RunningHub) -> None:
    async with socket_to(hub, max_queue=1) as greedy, socket_to(hub) as ws:
        await ask(greedy, "hello", hello(hub))
        await ask(ws, "hello", hello(hub))
        flood = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hub/status", "params": {}})
        sending = asyncio.gather(*(greedy.send(flood) for _ in range(1_000)), return_exceptions=True)
        for number in range(20):
            assert "result" in await ask(ws, "hub/status", {}, number=number)
        greedy.transport.abort()
        await sending


def test_what_lets_one_in_is_for_the_user_alone(hub: RunningHub) -> None:
    folder = hub.state_dir / "hub"
    assert stat.S_IMODE((folder / "endpoint.json").stat().st_mode) == 0o600
    for place in (hub.state_dir, folder):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    others = [
        path
        for path in hub.state_dir.rglob("*")
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077 and path.parent == folder
    ]
    assert others == [], "others may read what the hub keeps"


def test_both_ports_are_open_on_this_machine_only(hub: RunningHub) -> None:
    listening = {
        one.laddr.port: one.laddr.ip
        for one in psutil.Process(hub.process.pid).net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }
    assert listening.keys() == {hub.endpoint.websocket_port, hub.endpoint.grpc_port}
    assert {address.removeprefix("::ffff:") for address in listening.values()} == {"127.0.0.1"}
