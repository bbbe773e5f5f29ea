"""What lies beneath a request: certificates, proxies, redirects, logins in an address, large bodies, many calls."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.gateways import KEY, MORE_SPOKEN, SPOKEN, Spoken, ask, complete, nothing
from draftsmith.domain.conversation import UserMessage
from draftsmith.models.pace import TimeLimits
from draftsmith.models.retrying import RetryPolicy
from draftsmith.ports.models import ModelFailure
from vendor.certificates import certificates
from vendor.server import VendorServer

LIGHT = MORE_SPOKEN["light-custom"]
RETRIES = RetryPolicy(attempts=3, first_wait_s=0.01)
HELLO = [{"text": "Hello.", "times": 0}]


async def refusal(spoken: Spoken, server: VendorServer) -> ModelFailure:
    with pytest.raises(ModelFailure) as caught:
        await complete(spoken, server, retries=RETRIES)
    assert not server.requests, "a request was sent over a connection that cannot be trusted"
    return caught.value


@pytest.mark.parametrize("spoken", SPOKEN.values(), ids=list(SPOKEN))
@pytest.mark.parametrize("fault", ["expired", "untrusted"])
async def test_a_certificate_that_cannot_be_trusted_is_told_and_not_tried_again(
    spoken: Spoken, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificates(tmp_path, expired=fault == "expired")
    if fault == "expired":
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    async with VendorServer(HELLO, tls=made.context) as server:
        failed = await refusal(spoken, server)
    assert failed.category == "certificate"
    assert not failed.retryable
    assert "certificate" in str(failed)
    assert ("expired" in str(failed)) is (fault == "expired")
    assert "SSL_CERT_FILE" in failed.remedy
    assert KEY not in str(failed)


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificates(tmp_path, address="10.9.8.7")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    async with VendorServer(HELLO, tls=made.context) as server:
        failed = await refusal(LIGHT, server)
    assert failed.category == "certificate"
    assert "127.0.0.1" in str(failed)


async def test_an_authority_of_the_users_own_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    async with VendorServer(HELLO, tls=made.context) as server:
        assert (await complete(LIGHT, server)).message.text == "Hello."


@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy for plain HTTP: its address, and the first lines and logins that it was asked with."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        asked.extend(line for line in lines if line.startswith(("POST", "Proxy-Authorization")))
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_the_proxy_of_the_environment_is_used_with_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    async with proxy() as (address, asked):
        monkeypatch.setenv("http_proxy", f"http://name:word@{address}")
        monkeypatch.setenv("no_proxy", "elsewhere.test")
        gateway = LIGHT.gateway()
        with pytest.raises(ModelFailure):
            await gateway.complete(
                ask(LIGHT), credentials=LIGHT.credential_at("http://model.test:81/v1"), on_delta=nothing
            )
        await gateway.aclose()
    assert asked == [
        "POST http://model.test:81/v1/chat/completions HTTP/1.1",
        "Proxy-Authorization: Basic bmFtZTp3b3Jk",
    ]


@pytest.mark.parametrize("excluded", [None, "model.test"])
async def test_no_proxy_is_asked_for_this_machine_or_where_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch, excluded: str | None
) -> None:
    async with proxy() as (address, asked), VendorServer(HELLO) as server:
        monkeypatch.setenv("http_proxy", f"http://{address}")
        monkeypatch.setenv("no_proxy", excluded or "")
        if excluded is None:
            await complete(LIGHT, server)
        else:
            gateway = LIGHT.gateway()
            with pytest.raises(ModelFailure) as caught:
                await gateway.complete(
                    ask(LIGHT), credentials=LIGHT.credential_at("http://model.test:9/v1"), on_delta=nothing
                )
            await gateway.aclose()
            assert caught.value.category == "network"
        assert not asked


async def test_a_redirect_is_not_followed_so_that_the_key_stays_where_it_belongs() -> None:
    followed: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        followed.append(head.split(" ")[1])
        writer.write(b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        gateway = LIGHT.gateway()
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        with pytest.raises(ModelFailure):
            await gateway.complete(ask(LIGHT), credentials=LIGHT.credential_at(address), on_delta=nothing)
        await gateway.aclose()
    assert followed == ["/v1/chat/completions"]


async def test_a_login_in_the_address_is_sent_in_place_of_a_key() -> None:
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower())
        writer.write(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        gateway = LIGHT.gateway()
        address = f"http://me:secret%21@127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        with pytest.raises(ModelFailure) as caught:
            await gateway.complete(ask(LIGHT), credentials=LIGHT.credential_at(address), on_delta=nothing)
        await gateway.aclose()
    assert "authorization: basic bwu6c2vjcmv0iq==" in heads[0]
    assert "secret" not in str(caught.value)


async def test_a_conversation_of_several_megabytes_arrives_whole() -> None:
    text = "word " * 500_000
    async with VendorServer([{"text": "Long."}]) as server:
        reply = await complete(LIGHT, server, request=ask(LIGHT, messages=(UserMessage(text=text),)))
        assert server.requests[0].body["messages"][0]["content"] == text
    assert reply.message.text == "Long."


async def test_an_endpoint_that_takes_no_connection_is_given_up_at_the_limit() -> None:
    # A listening socket whose queue is full: the kernel answers no further connection.
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        held = [socket.socket() for _ in range(4)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(address)
        gateway = LIGHT.gateway(limits=TimeLimits(connect_s=0.5, first_token_s=60, between_tokens_s=60))
        with pytest.raises(ModelFailure) as caught:
            await gateway.complete(
                ask(LIGHT), credentials=LIGHT.credential_at(f"http://127.0.0.1:{address[1]}/v1"), on_delta=nothing
            )
        await gateway.aclose()
        for one in held:
            one.close()
    assert caught.value.category == "timeout"
    assert "no connection within 0.5 s" in str(caught.value)
