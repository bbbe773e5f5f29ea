"""The server as a wheel, and the settings with which pip and uv install it without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .toolbox import ROOT


def build_wheel(folder: Path) -> Path:
    """The project as a wheel in the folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def offline() -> dict[str, str]:
    """What the server needs lies in the tests' own environment: nothing is fetched."""
    places = [path for path in sys.path if path.endswith("site-packages")]
    return {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PYTHONPATH": os.pathsep.join(places)}


def offline_uv(folder: Path) -> dict[str, str]:
    """The same for uv, which has a setting for each but one."""
    settings = folder / "uv.toml"
    settings.write_text("[pip]\nno-deps = true\n", encoding="utf-8")
    alone = folder / "uv"
    alone.mkdir()
    (alone / "uv").symlink_to(ROOT / ".venv" / "bin" / "uv")
    return {"UV_CONFIG_FILE": str(settings), "UV_OFFLINE": "1", "UV_NO_INDEX": "1", "UV_FOLDER": str(alone)}
