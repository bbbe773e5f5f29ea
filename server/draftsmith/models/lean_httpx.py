"""The door to httpx: imports it without its command line, and makes clients that start fast.

httpx imports its own command line when click, pygments and rich are installed, which triples its import time;
runner processes are started often and never need it.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from urllib.parse import urlsplit

_COMMAND_LINE = "httpx._main"
if "httpx" not in sys.modules:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # "cannot be imported", which httpx expects
    import httpx

    del sys.modules[_COMMAND_LINE]
else:
    import httpx

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

__all__ = ["LOOPBACK", "httpx", "new_client"]


async def new_client(base_url: str, *, connect_s: float) -> httpx.AsyncClient:
    """A client for one endpoint. Reading is not limited here: who reads has a `Pace`.

    Certificates are loaded only for https (0.1 s, in a thread); a client for http trusts none, so that it can
    never be led to an unverified https address. Proxies are not asked for the machine itself.
    """
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        trust = await asyncio.to_thread(httpx.create_ssl_context)
    else:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(
        verify=trust,
        trust_env=parts.hostname not in LOOPBACK,
        timeout=httpx.Timeout(None, connect=connect_s, write=60.0, pool=connect_s),
    )
