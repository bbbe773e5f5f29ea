"""One GET of a list of models, bounded in time and size. For asking what a server serves, never for calling a model."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from draftsmith.models.connection_errors import CertificateRefused, ConnectionBroken, ConnectionTooSlow

MAX_BYTES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What came back, cut at `MAX_BYTES`."""

    status: int
    content_type: str
    body: bytes


async def fetch(url: str, *, within_s: float, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Listed:
    """What the server says to a GET, or to a POST of `body`. Follows no redirect: it would take the key along.

    Raises `ConnectionTooSlow`, `CertificateRefused`, `ConnectionBroken`.
    """
    # Imported late: 70 ms that a runner's start does not need.
    import aiohttp

    from draftsmith.models.connections import proxy_for, trusted

    trust = await asyncio.to_thread(trusted) if url.startswith("https:") else False
    failed: Exception
    try:
        async with (
            asyncio.timeout(within_s),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session,
            session.request(
                "POST" if body else "GET",
                url,
                data=body or None,
                headers=headers,
                ssl=trust,
                proxy=proxy_for(url),
                allow_redirects=False,
            ) as response,
        ):
            read = b""
            async for chunk in response.content.iter_any():
                read = (read + chunk)[:MAX_BYTES]
                if len(read) == MAX_BYTES:
                    break
            return Listed(status=response.status, content_type=response.content_type, body=read)
    except TimeoutError:
        failed = ConnectionTooSlow()
    except aiohttp.ClientConnectorCertificateError as error:
        certificate = error.certificate_error
        failed = CertificateRefused(getattr(certificate, "verify_message", "") or str(certificate))
    except aiohttp.ClientConnectorDNSError as error:
        failed = ConnectionBroken(f"the name {error.host} is not known")
    except aiohttp.ClientConnectorError as error:
        failed = ConnectionBroken(error.os_error.strerror or str(error.os_error))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        failed = ConnectionBroken(str(error) or type(error).__name__)
    raise failed  # outside the handler: the library's error can hold the request and with it the key
