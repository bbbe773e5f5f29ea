"""Calls of a running hub over plain HTTP, as a script makes them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import httpx

from e2e.hubs import RunningHub

WAIT_S = 30.0


def address(hub: RunningHub) -> str:
    return f"http://127.0.0.1:{hub.endpoint.websocket_port}"


def bearer(hub: RunningHub) -> dict[str, str]:
    return {"Authorization": f"Bearer {hub.endpoint.token}"}


@contextlib.contextmanager
def script(hub: RunningHub, **headers: str) -> Iterator[httpx.Client]:
    """A client with the hub's token."""
    with httpx.Client(
        base_url=address(hub), headers={**bearer(hub), **headers}, timeout=WAIT_S, trust_env=False
    ) as client:
        yield client


@contextlib.contextmanager
def stranger(hub: RunningHub) -> Iterator[httpx.Client]:
    """A client that has nothing."""
    with httpx.Client(base_url=address(hub), timeout=WAIT_S, trust_env=False) as client:
        yield client


def browser(hub: RunningHub, client: httpx.Client) -> str:
    """Signs a client in as a browser is; the code that it came with, used up."""
    with script(hub) as owner:
        code = owner.post("/api/v1/web/open").json()["url"].partition("#")[2]
    answer = client.post("/api/v1/auth/sign-in", json={"code": code})
    assert answer.status_code == 200, answer.text
    return code


def until(there: Callable[[], object], what: str) -> None:
    """Waits for the thing itself."""
    deadline = time.monotonic() + 2 * WAIT_S
    while not there():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)
