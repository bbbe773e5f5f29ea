"""Who sends slowly, or nothing, holds nothing for long."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path

import httpx
import pytest
from tests.unit.hub.http.serving import WAIT_S, served
from tests.unit.hub.worlds import TOKEN, world

from draftsmith.hub.http import bodies, rest, wire


async def sent(client: httpx.AsyncClient, *pieces: bytes) -> bytes:
    """What comes back, to its end, for a request that is never finished."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(WAIT_S):
            return await reader.read()
    finally:
        writer.close()


async def test_a_slow_body_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "read_object", functools.partial(bodies.read_object, within=0.2))
    async with world(tmp_path) as made, served(made, pages=tmp_path / "none") as client:
        head = (
            "POST /api/v1/models/prefer HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{client.base_url.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        answer = await sent(client, head.encode())
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body_too_slow" in answer


@pytest.mark.parametrize("pieces", [(), (b"GET / HT",), (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Slow: 1\r\n")])
async def test_a_head_that_does_not_come_to_its_end_closes_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    async with world(tmp_path) as made, served(made, pages=tmp_path / "none") as client:
        assert await sent(client, *pieces) == b""
        assert (await client.get("/healthz")).status_code == 200


async def test_a_connection_that_goes_on_after_a_request_is_watched_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    async with world(tmp_path) as made, served(made, pages=tmp_path / "none") as client:
        request = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{client.base_url.port}\r\n\r\n".encode()
        answer = await sent(client, request, b"GET /healthz HTT")
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_what_is_no_http_is_a_problem(tmp_path: Path) -> None:
    async with world(tmp_path) as made, served(made, pages=tmp_path / "none") as client:
        answer = await sent(client, b"\x00\x01\x02 nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer
