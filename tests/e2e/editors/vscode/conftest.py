"""What the tests of the VS Code extension share: folders with short paths, a vendor, the environment of a server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .project import MODEL, lay_out_project, write_script
from .servers import remove, vendor
from .toolbox import ROOT


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder; processes that end write their last into it, so it is removed with patience."""
    folder = Path("/tmp") / f"ds-vscode-{os.getpid()}-{os.urandom(3).hex()}"
    folder.mkdir(mode=0o700)
    yield folder
    remove(folder)


@pytest.fixture
def workspace(place: Path) -> Path:
    return lay_out_project(place / "shop")


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is missing: `make system-deps` brings it."
    return found


@pytest.fixture
def draftsmith_environment(place: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A state folder of its own, and the scripted vendor as the endpoint that the user's environment names."""
    options = getattr(request, "param", {})
    state = place / "state"
    state.mkdir()
    with vendor(write_script(place / "script.json", **options)) as url:
        yield {
            "DRAFTSMITH_STATE_DIR": str(state),
            "DRAFTSMITH_BASE_URL": url,
            "DRAFTSMITH_API_KEY": "scripted-key",
            "DRAFTSMITH_MODEL": MODEL,
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
