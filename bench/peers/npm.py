"""Packages of the npm registry as folders of files, for benchmarks that need real code in many languages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from bench import ROOT
from bench.peers import CACHE, INSTALL_SECONDS


def unpacked_npm(package: str) -> Path:
    """The content of `name@version` in the cache; no script of it is run. Raises RuntimeError when it cannot be had."""
    folder = CACHE / "npm" / re.sub(r"[^A-Za-z0-9.]+", "-", package).strip("-")
    if folder.exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is missing; install Node.js to have the files of other languages.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"fetching {package} into {folder.relative_to(ROOT)}", file=sys.stderr)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    command = [npm, "pack", package, "--silent", "--ignore-scripts", "--pack-destination", str(part)]
    done = subprocess.run(command, check=False, timeout=INSTALL_SECONDS, capture_output=True, cwd=part)
    archives = list(part.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        raise RuntimeError(f"{package} could not be fetched: {done.stderr.decode('utf-8', 'replace')[-300:]}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(part, filter="data")
    archives[0].unlink()
    part.rename(folder)
    return folder
