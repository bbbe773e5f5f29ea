"""Resolves the dependencies of pyproject.toml into the three hash-locked requirements files.

Requirements files rather than a lock of one tool: they name no registry host, so any mirror serves.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
COMMON = ["--universal", "--python-version", "3.11", "--generate-hashes"]
COMMON += ["--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"]
TIMEOUT_S = 600
RUN_LOCK, DEV_LOCK, UV_LOCK = "requirements.lock", "requirements-dev.lock", "requirements-uv.lock"


def compile_lock(sources: list[str], output: str, extra: list[str], stdin: str = "") -> int:
    command = [UV, "pip", "compile", *sources, *COMMON, *extra, "-o", output]
    print(f"lock: {output}", flush=True)
    # `-o` also prints the result, which nobody reads here.
    done = subprocess.run(command, cwd=ROOT, input=stdin, text=True, stdout=subprocess.DEVNULL, timeout=TIMEOUT_S)
    return done.returncode


def main(arguments: list[str]) -> int:
    return (
        compile_lock(["pyproject.toml"], RUN_LOCK, ["--group", "build", *arguments])
        or compile_lock(["pyproject.toml"], DEV_LOCK, ["--group", "dev", "-c", RUN_LOCK, *arguments])
        or compile_lock(["-"], UV_LOCK, arguments, stdin="uv\n")
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
