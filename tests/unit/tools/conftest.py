"""The fixture of the tools' tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.tools.toolbench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
