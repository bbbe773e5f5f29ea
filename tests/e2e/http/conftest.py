"""One hub for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.hubs import RunningHub, running
from isolation import short_folder


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder, "--no-runner") as made:
        yield made
