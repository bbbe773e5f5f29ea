"""The server as a wheel, and the settings with which pip installs it without a network."""

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
