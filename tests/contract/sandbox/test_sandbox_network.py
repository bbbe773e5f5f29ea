"""Granted network: the hosts that were named are reached through the proxy, and nothing else is by any way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.sandboxes import Site

from draftsmith.ports.sandbox import CommandResult
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.sandbox.proxy import Way, granted, public

PYTHON = "/usr/bin/python3"
ADDRESS = "93.184.215.14"
FETCH = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())"


class Internet:
    """A server that stands for every public address, and the names that lead to it."""

    def __init__(self) -> None:
        self.names: dict[str, Sequence[str]] = {"good.example": (ADDRESS,), "a.many.example": (ADDRESS,)}
        self.reached: list[tuple[str, int]] = []
        self.asked: list[bytes] = []
        self.server: asyncio.Server | None = None

    @property
    def way(self) -> Way:
        return Way(resolve=self._resolve, connect=self._connect)

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        if host not in self.names:
            raise OSError("Name or service not known")
        return self.names[host]

    async def _connect(self, address: str, port: int):
        self.reached.append((address, port))
        assert self.server is not None
        return await asyncio.open_connection(*self.server.sockets[0].getsockname()[:2])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            await writer.drain()
        writer.close()


@pytest.fixture
async def internet() -> AsyncIterator[Internet]:
    made = Internet()
    made.server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    yield made
    made.server.close()


@pytest.fixture
async def site(tmp_path: Path, internet: Internet) -> AsyncIterator[Site]:
    made = Site(tmp_path)
    made.sandbox = BubblewrapSandbox(way=internet.way)
    yield made
    await made.sandbox.end()


async def fetch(site: Site, address: str, *hosts: str) -> CommandResult:
    return await site.run((PYTHON, "-c", FETCH, address), network_hosts=hosts)


async def test_a_granted_host_is_reached(site: Site, internet: Internet) -> None:
    result = await fetch(site, "http://good.example/path?q=1", "good.example")
    assert result.stdout.head == "hello\n", result.stderr.head
    assert internet.reached == [(ADDRESS, 80)]
    head = internet.asked[0].decode()
    assert head.startswith("GET /path?q=1 HTTP/1.1\r\nHost: good.example\r\n")
    assert "roxy-" not in head


async def test_another_host_is_refused_and_named(site: Site, internet: Internet) -> None:
    result = await fetch(site, "http://a.many.example/", "good.example")
    assert "403" in result.stderr.head
    assert internet.reached == []
    assert "It asked for a.many.example:80, which is not granted." in result.notes


async def test_a_tunnel_leads_to_granted_hosts_only(site: Site, internet: Internet) -> None:
    code = (
        "import http.client, os, sys, urllib.parse as u\n"
        "proxy = u.urlsplit(os.environ['HTTPS_PROXY'])\n"
        "import base64; word = base64.b64encode(f'{proxy.username}:{proxy.password}'.encode()).decode()\n"
        "for host in sys.argv[1:]:\n"
        "    there = http.client.HTTPConnection(proxy.hostname, proxy.port, timeout=20)\n"
        "    name, _, port = host.partition(':')\n"
        "    there.set_tunnel(name, int(port or 443), {'Proxy-Authorization': 'Basic ' + word})\n"
        "    try:\n"
        "        there.request('GET', '/'); print(there.getresponse().read())\n"
        "    except OSError as refused: print(refused)\n"
    )
    hosts = ("a.many.example", "many.example", "good.example:22", "good.example:8443", "127.0.0.1", ADDRESS)
    result = await site.run((PYTHON, "-c", code, *hosts), network_hosts=("*.many.example", "good.example:8443"))
    said = result.stdout.head.splitlines()
    assert [("b'hello'" in line) for line in said] == [True, False, False, True, False, False], result
    assert internet.reached == [(ADDRESS, 443), (ADDRESS, 8443)]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1", "fd00::1", "::ffff:127.0.0.1"])
async def test_a_granted_name_that_leads_to_this_network_is_refused(
    site: Site, internet: Internet, address: str
) -> None:
    internet.names["good.example"] = (address,)
    result = await fetch(site, "http://good.example/", "good.example")
    assert "403" in result.stderr.head
    assert internet.reached == []


async def test_without_the_proxy_there_is_still_no_network(site: Site) -> None:
    code = (
        "import socket\n"
        "for family, place in ((2, ('93.184.215.14', 80)), (2, ('169.254.169.254', 80)), (10, ('2606:2800::1', 80))):\n"
        "    try: socket.socket(family).connect(place); print('reached')\n"
        "    except OSError as failure: print(failure.strerror)\n"
        "try: socket.getaddrinfo('good.example', 80); print('resolved')\n"
        "except OSError: print('no name')\n"
    )
    result = await site.run((PYTHON, "-c", code), network_hosts=("good.example",))
    assert "reached" not in result.stdout.head
    assert result.stdout.head.endswith("no name\n")


async def test_the_proxy_is_its_commands_alone(site: Site, internet: Internet) -> None:
    """A server with granted network shares its loopback with later commands, not its grant."""
    line = "echo $HTTP_PROXY > proxy; sleep 90"
    server = await site.sandbox.start(site.command(line, network_hosts=("good.example",), output_id="server"))
    while not (site.draft / "proxy").exists() or not (site.draft / "proxy").read_text():
        await server.until(seconds=0.1)
    with_word = (site.draft / "proxy").read_text().strip()
    without = "http://" + with_word.rpartition("@")[2]
    code = f"import os; os.environ['http_proxy'] = {without!r}\n{FETCH}"
    refused = await site.run((PYTHON, "-c", code, "http://good.example/"))
    assert "407" in refused.stderr.head
    assert internet.reached == []


async def test_no_grant_means_no_proxy(site: Site) -> None:
    assert (await site.run('echo "[$HTTP_PROXY$https_proxy]"')).stdout.head == "[]\n"


@pytest.mark.parametrize(
    ("hosts", "host", "port", "allowed"),
    [
        (("host.example",), "host.example", 443, True),
        (("host.example",), "host.example", 22, False),
        (("Host.Example.",), "host.example", 80, True),
        (("host.example",), "evil-host.example", 443, False),
        (("host.example",), "host.example.evil.example", 443, False),
        (("*.many.example",), "sub.many.example", 443, True),
        (("*.many.example",), "many.example", 443, False),
        (("*.many.example",), "evilmany.example", 443, False),
        (("*.",), "anything.example", 443, False),
        (("*",), "anything.example", 443, False),
        (("host.example:8443",), "host.example", 443, False),
        (("host.example:x",), "host.example", 443, False),
    ],
)
def test_what_a_grant_covers(hosts: tuple[str, ...], host: str, port: int, allowed: bool) -> None:
    assert granted(hosts, host, port) is allowed


@given(st.ip_addresses())
def test_no_address_of_a_private_network_is_public(address: object) -> None:
    inside = getattr(address, "is_private") or getattr(address, "is_loopback") or getattr(address, "is_link_local")  # noqa: B009  of two classes
    assert not (inside and public(str(address)))


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "255.255.255.255", "x"])
def test_disguised_addresses_are_not_public(address: str) -> None:
    assert not public(address)
