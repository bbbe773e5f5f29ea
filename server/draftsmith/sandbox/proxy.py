"""The one way out of a sandbox with granted network: a proxy for HTTP and HTTPS that knows which hosts may be reached.

Names are resolved here and nowhere else, and what is connected to is the address that was looked at: never this
machine, its networks or a cloud's metadata, whatever a granted name resolves to. It reads no encrypted content.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_HEAD_BYTES = 32_768
_HEAD_SECONDS = 30.0
_CONNECT_SECONDS = 20.0
_CHUNK = 1 << 16
_CONNECTIONS = 200
_WEB_PORTS = (80, 443)
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses behind NAT64."""
_ONLY_HERE = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"host"})
_USER = "draftsmith"
REFUSED_KEPT = 20

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name; raises OSError."""
Connect = Callable[[str, int], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""To an address that was found to be public; raises OSError."""


async def resolve_name(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def connect_to(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(address, port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How names become addresses, and addresses connections."""

    resolve: Resolve = resolve_name
    connect: Connect = connect_to


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    """Status and reason for the command, in one line."""

    status: str
    reason: str


def granted(hosts: Sequence[str], host: str, port: int) -> bool:
    """Whether `hosts`, as `Command.network_hosts` has them, let the host be reached at the port."""
    for one in hosts:
        name, _, wanted = one.lower().strip().rstrip(".").partition(":")
        if port not in ((int(wanted),) if wanted.isdigit() else () if wanted else _WEB_PORTS):
            continue
        if host == name or (name.startswith("*.") and len(name) > 2 and host.endswith(name[1:])):
            return True
    return False


def public(address: str) -> bool:
    """Whether the address is one of the Internet: not this machine, not its networks, not reserved."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


class FilteringProxy:
    """Serves one command until `close`. `refused` are the hosts that were asked for and not granted. Others may share
    the command's network: who does not know `word` gets nothing."""

    def __init__(self, hosts: Sequence[str], way: Way | None = None) -> None:
        self.refused: list[str] = []
        self.word = secrets.token_urlsafe(18)
        self._expected = b"Basic " + base64.b64encode(f"{_USER}:{self.word}".encode())
        self._hosts = tuple(hosts)
        self._way = way or Way()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def address(self, host: str, port: int) -> str:
        """For the variables that name it."""
        return f"http://{_USER}:{self.word}@{host}:{port}"

    async def serve(self, listening: socket.socket) -> None:
        """Takes connections from the listening socket, which is the proxy's from now on."""
        self._server = await asyncio.start_server(self._take, sock=listening, limit=_HEAD_BYTES)

    async def close(self) -> None:
        """Ends every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  narrows a type: this runs in one
        self._tasks.add(task)
        try:
            if len(self._tasks) > _CONNECTIONS:
                raise _Refused("503 Service Unavailable", "Too many connections at one time.")
            await self._answer(reader, writer)
        except _Refused as refusal:
            body = f"Draftsmith: {refusal.reason}\n".encode()
            head = f"HTTP/1.1 {refusal.status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
            with contextlib.suppress(OSError):
                writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one of both ends is gone, or says nothing that could be answered
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")[:-2]
        words = lines[0].split()
        if len(words) != 3:
            raise _Refused("400 Bad Request", "That is no request to a proxy.")
        method, target, version = words
        shown = {_value(line) for line in lines[1:] if _name(line) == b"proxy-authorization"}
        if not any(hmac.compare_digest(one, self._expected) for one in shown):
            raise _Refused(
                '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="draftsmith"',
                "The address of the proxy, with its password, is in HTTPS_PROXY.",
            )
        if method == b"CONNECT":
            host, port = _authority(target.decode("ascii", "replace"), None)
            there = await self._reach(host, port)
            await _between(reader, writer, *there, greeting=b"HTTP/1.1 200 Connection established\r\n\r\n")
            return
        asked = urlsplit(target.decode("ascii", "replace"))
        if asked.scheme != "http" or not asked.netloc:
            raise _Refused("400 Bad Request", "This proxy takes http:// addresses and CONNECT.")
        host, port = _authority(asked.netloc.rpartition("@")[2], 80)
        length = _length(lines[1:])
        upstream, out = await self._reach(host, port)
        path = (asked.path or "/") + (f"?{asked.query}" if asked.query else "")
        sent = [b" ".join((method, path.encode("ascii", "replace"), version))]
        sent.append(b"Host: " + (host if port == 80 else f"{host}:{port}").encode())
        # One request for each connection: a second one could name another host, which nobody would look at.
        sent += [line for line in lines[1:] if _name(line) not in _ONLY_HERE]
        out.write(b"\r\n".join([*sent, b"Connection: close", b"", b""]))
        await _between(reader, writer, upstream, out, length=length)

    async def _reach(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not granted(self._hosts, host, port):
            if len(self.refused) < REFUSED_KEPT and f"{host}:{port}" not in self.refused:
                self.refused.append(f"{host}:{port}")
            allowed = ", ".join(self._hosts)
            raise _Refused("403 Forbidden", f"{host}:{port} is not among the granted hosts: {allowed}.")
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                addresses = [one for one in await self._way.resolve(host, port) if public(one)]
                if not addresses:
                    raise _Refused(
                        "403 Forbidden", f"{host} is no host of the Internet: it leads to a private address."
                    )
                return await self._first(addresses, port)
        except (OSError, TimeoutError) as failure:
            raise _Refused(
                "502 Bad Gateway", f"{host}:{port} cannot be reached: {failure or 'no answer'}."
            ) from failure

    async def _first(self, addresses: Sequence[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return await self._way.connect(address, port)
        return await self._way.connect(addresses[-1], port)


def _authority(text: str, default: int | None) -> tuple[str, int]:
    """Host and port. Addresses are refused: what is granted are names."""
    name, _, port = text.partition(":")
    name = name.lower().rstrip(".")
    if not (port.isdigit() or (not port and default is not None)) or len(port) > 5:
        raise _Refused("400 Bad Request", f"{text!r} is no host with a port.")
    if not _NAME.fullmatch(name) or _is_address(name):
        raise _Refused("403 Forbidden", f"{name!r} is no host name; hosts are granted by name only.")
    return name, int(port) if port else default or 0


def _is_address(name: str) -> bool:
    """Also in the old forms that resolvers take: `127.1`, `0x7f000001`, `2130706433`."""
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


def _name(header: bytes) -> bytes:
    return header.partition(b":")[0].strip().lower()


def _value(header: bytes) -> bytes:
    return header.partition(b":")[2].strip()


def _length(headers: Sequence[bytes]) -> int:
    """Bytes of the request's body."""
    lengths: set[bytes] = set()
    for line in headers:
        if _name(line) == b"transfer-encoding":
            raise _Refused("411 Length Required", "A body needs a Content-Length here.")
        if _name(line) == b"content-length":
            lengths.add(_value(line))
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit():
        raise _Refused("400 Bad Request", "The request contradicts itself on its length.")
    return int(length)


async def _between(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream: asyncio.StreamReader,
    out: asyncio.StreamWriter,
    *,
    greeting: bytes = b"",
    length: int | None = None,
) -> None:
    """Carries bytes both ways until both sides have said all; `length` of them at most to the far one."""
    try:
        writer.write(greeting)
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(_carry(reader, out, length))
            await _carry(upstream, writer, None)
            sending.cancel()
    except* OSError:
        pass
    finally:
        out.close()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, length: int | None) -> None:
    left = length
    while left is None or left > 0:
        chunk = await source.read(_CHUNK if left is None else min(left, _CHUNK))
        if not chunk:
            break
        sink.write(chunk)
        await sink.drain()
        left = None if left is None else left - len(chunk)
    if length is None and sink.can_write_eof():
        with contextlib.suppress(OSError):
            sink.write_eof()
