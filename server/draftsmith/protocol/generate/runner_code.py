"""Makes the Python code for `protocol/runner.proto` with the compiler that comes with `grpcio-tools`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = "draftsmith/protocol/generated"

_PROTO = f"{PACKAGE}/runner.proto"
_TIMEOUT_S = 120


def runner_code(root: Path) -> dict[str, bytes]:
    """The generated files by name. `root` is the source checkout."""
    with tempfile.TemporaryDirectory(prefix="draftsmith-protoc-") as folder:
        # The mapped path makes the generated modules import each other by their place in the package.
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PACKAGE}=protocol"]
        command += [f"--python_out={folder}", f"--pyi_out={folder}", f"--grpc_python_out={folder}", _PROTO]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"protocol/runner.proto could not be compiled: {done.stderr.strip()}")
        return {path.name: path.read_bytes() for path in sorted((Path(folder) / PACKAGE).iterdir())}
