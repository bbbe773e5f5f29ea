"""Connections of the light gateway, over aiohttp: one pool for each endpoint, used again.

Importing aiohttp takes 70 ms, so whoever needs this imports it late. Follows no redirect: it would take the key along.
"""

from __future__ import annotations

import asyncio
import io
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi

from draftsmith import __version__
from draftsmith.models.connection_errors import CertificateRefused, ConnectionBroken, ConnectionTooSlow

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TRUST_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_HEADERS = {"user-agent": f"draftsmith/{__version__}", "accept-encoding": "gzip, deflate"}
_SENT_AT_ONCE = 1 << 20
"""A larger body is written piece by piece, so that the loop is not held up."""


class Response:
    """A response whose head is there. `close` may be called at any time and closes the connection if the body was
    not read to its end."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        """Names in any case."""

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises `ConnectionBroken`."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
            return
        except aiohttp.ClientError as error:
            broken = ConnectionBroken(_words(error), sent=True)
        raise broken  # outside the handler: the library's error can hold the request and with it the key

    def close(self) -> None:
        self._response.close()


class Connections:
    """The pool of one endpoint. Waiting for replies is not limited here: who reads has a `Pace`."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, proxy: str | None, login: Mapping[str, str]
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._proxy = proxy
        self._login = login

    @classmethod
    async def to(cls, base_url: str, *, connect_s: float) -> Connections:
        """A pool for the endpoint at `base_url`. Certificates are loaded for https only (0.1 s, in a thread); a pool
        for http trusts none, so that it can never be led to an unverified https address."""
        parts = urlsplit(base_url)
        if parts.scheme == "https":
            trust = await asyncio.to_thread(trusted)
        else:
            trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        address, login = _without_login(base_url)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_s, sock_connect=connect_s),
        )
        return cls(session, address, proxy_for(base_url), login)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """The response to a request. Raises `ConnectionTooSlow`, `CertificateRefused`, `ConnectionBroken`."""
        failed: Exception
        try:
            response = await self._session.post(
                f"{self._base_url}{path}",
                data=body if len(body) <= _SENT_AT_ONCE else io.BytesIO(body),
                headers={**headers, **self._login},
                proxy=self._proxy,
                allow_redirects=False,
            )
            return Response(response)
        except aiohttp.ConnectionTimeoutError:
            failed = ConnectionTooSlow()
        except aiohttp.ClientConnectorCertificateError as error:
            failed = CertificateRefused(_words(error))
        except (aiohttp.ClientError, ValueError) as error:
            unsent = (aiohttp.ClientConnectorError, aiohttp.InvalidURL, aiohttp.ClientHttpProxyError)
            failed = ConnectionBroken(_words(error), sent=not isinstance(error, unsent))
        raise failed  # outside the handler, as above

    async def close(self) -> None:
        await self._session.close()


def trusted() -> ssl.SSLContext:
    """Trusts what the system trusts, and the usual authorities where the system names none; who sets `SSL_CERT_FILE`
    or `SSL_CERT_DIR` trusts those alone. Reads files."""
    trust = ssl.create_default_context()
    if not any(os.environ.get(name) for name in _TRUST_VARIABLES):
        trust.load_verify_locations(cafile=certifi.where())
    return trust


def proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for this address; never one for the machine itself."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if host in LOOPBACK or proxy_bypass(f"{host}:{parts.port}" if parts.port else host):
        return None
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    return None if not named else named if "://" in named else f"http://{named}"


def _without_login(base_url: str) -> tuple[str, Mapping[str, str]]:
    """The address without user information, and the header that stands for it: with another `authorization`, which
    every endpoint with a key has, aiohttp would refuse it."""
    parts = urlsplit(base_url)
    if parts.username is None and parts.password is None:
        return base_url, {}
    login = aiohttp.encode_basic_auth(unquote(parts.username or ""), unquote(parts.password or ""))
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), {"authorization": login}


def _words(error: Exception) -> str:
    """What happened, without what aiohttp puts around it."""
    inner = error.__cause__ or error.__context__
    match error:
        case aiohttp.ClientConnectorCertificateError():
            said = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
        case aiohttp.ClientConnectorDNSError():
            said = f"the name {error.host} is not known"
        case aiohttp.ClientConnectorError():
            said = error.os_error.strerror or str(error.os_error)
        case _:
            said = str(error) or (str(inner) if inner is not None else "")
    return said or type(error).__name__
