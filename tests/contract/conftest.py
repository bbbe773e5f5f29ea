"""The adapters of the sandbox port, each as its contract tests want it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.contract.sandboxes import Adapter, Site, bubblewrap, docker, unconfined

from harness.docker_engine import shared_engine


@pytest.fixture(scope="session")
def docker_address() -> Iterator[str]:
    with shared_engine() as address:
        yield address


def _adapter(name: str, request: pytest.FixtureRequest) -> Adapter:
    match name:
        case "docker":
            return docker(request.getfixturevalue("docker_address"))
        case "unconfined":
            return unconfined()
        case _:
            return bubblewrap()


# Of the session, so that the engine is there before a test begins and is no process that the test left behind.
@pytest.fixture(scope="session", params=["bubblewrap", "docker", "unconfined"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return _adapter(request.param, request)


@pytest.fixture(scope="session", params=["bubblewrap", "docker"])
def wall(request: pytest.FixtureRequest) -> Adapter:
    return _adapter(request.param, request)


@pytest.fixture
async def site(adapter: Adapter, tmp_path: Path) -> AsyncIterator[Site]:
    """With each adapter."""
    made = Site(tmp_path, adapter)
    yield made
    await made.close()


@pytest.fixture
async def walled(wall: Adapter, tmp_path: Path) -> AsyncIterator[Site]:
    """With each adapter that confines."""
    made = Site(tmp_path, wall)
    yield made
    await made.close()
