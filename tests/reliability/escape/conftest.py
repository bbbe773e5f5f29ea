"""The ground, and the sandboxes that stand on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability.escape.engines import Engine, opened
from reliability.escape.ground import Ground, laid_out


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These come last, one after the other: the ground is not to stand while others' tests run beside it."""
    here = Path(__file__).parent
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")  # others' tests may come between, on one worker
def ground() -> Iterator[Ground]:
    with laid_out() as made:
        yield made


@pytest.fixture(scope="session")  # others' tests may come between, on one worker
def engine(request: pytest.FixtureRequest, ground: Ground) -> Iterator[Engine]:
    with asyncio.Runner() as runner, opened(request.param, ground, runner) as made:
        yield made
