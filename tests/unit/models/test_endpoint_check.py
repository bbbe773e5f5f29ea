"""An endpoint is looked at before it is added: what is wrong comes back in words, with a remedy, without its key."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from draftsmith.models.endpoint_check import EndpointFindings, check_endpoint
from vendor.certificates import certificates
from vendor.server import VendorServer
from vendor.wire import HttpResponse, read_request

KEY = "sk-verysecretkey0123456789"


@asynccontextmanager
async def answering(status: int, body: bytes, *, content_type: str = "application/json") -> AsyncIterator[str]:
    """A server that says the same to every request; its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_request(reader) is not None:
            await HttpResponse(reader, writer).whole(status, body, content_type=content_type)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def look(address: str, *wanted: str, key: str = "", within_s: float = 10.0) -> EndpointFindings:
    found = await check_endpoint(address, key, wanted, within_s=within_s)
    assert bool(found.trouble) == bool(found.problem) == bool(found.remedy)
    assert KEY not in f"{found}"
    assert KEY[4:10] not in f"{found}"
    return found


async def test_a_sound_endpoint_says_what_it_serves() -> None:
    async with VendorServer([], models=("a", "b")) as server:
        assert await look(server.openai_url, "b") == EndpointFindings(models=("a", "b"))


async def test_a_model_that_is_not_served_is_told_with_those_that_are() -> None:
    async with VendorServer([], models=("a", "b")) as server:
        found = await look(server.openai_url, "c")
    assert found.trouble == "model"
    assert "'c'" in found.problem
    assert found.remedy == "It serves: a, b."


async def test_a_forgotten_path_is_told_with_the_right_address() -> None:
    async with VendorServer([]) as server:
        found = await look(f"{server.url}/api")
        assert found.trouble == "protocol"
        async with answering(404, b"{}") as nothing:
            assert (await look(nothing)).trouble == "protocol"
        found = await look(server.url.replace("/v1", ""))
    assert found.trouble in ("", "address")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_told_without_the_key(status: int) -> None:
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY[:6]}***{KEY[-4:]}."}}).encode()
    async with answering(status, body) as address:
        assert (await look(address, key=KEY)).problem == f"{address} refuses the key."
        assert "wants a key" in (await look(address)).problem


async def test_what_is_no_model_server_is_told_as_such() -> None:
    async with answering(200, b"<html>Log in</html>", content_type="text/html") as address:
        found = await look(address, "m")
    assert found.trouble == "protocol"
    assert "text/html" in found.problem


async def test_a_failing_server_is_told_with_its_words() -> None:
    async with answering(503, b'{"error": {"message": "Loading model"}}') as address:
        found = await look(address)
    assert found.trouble == "server"
    assert "Loading model" in found.problem


async def test_nothing_there_an_unknown_name_and_silence_are_told_apart() -> None:
    assert (await look("http://127.0.0.1:9/v1")).trouble == "address"
    assert (await look("http://no-such-host.invalid/v1")).trouble in ("address", "timeout")

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await look(f"http://127.0.0.1:{port}/v1", within_s=0.3)
    assert found.trouble == "timeout"


@pytest.mark.parametrize("expired", [True, False])
async def test_a_certificate_that_cannot_be_trusted_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expired: bool
) -> None:
    made = certificates(tmp_path, expired=expired)
    if expired:
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    async with VendorServer([], tls=made.context) as server:
        found = await look(server.openai_url)
    assert found.trouble == "certificate"
    assert ("expired" if expired else "issuer") in found.problem


async def test_https_to_a_plain_server_is_told_with_the_way_out() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        found = await look(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    assert found.trouble == "address"
    assert "http://" in found.remedy
