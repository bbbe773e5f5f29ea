"""A hub for one test of models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.hubs import RunningHub, running
from isolation import short_folder


@pytest.fixture
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder) as made:
        yield made
