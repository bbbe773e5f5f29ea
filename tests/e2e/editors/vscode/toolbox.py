"""Node, the extension's packages, and a real VS Code server: installed once from their locks, found again by a stamp.

Node is the one in the Python environment, the one that pyright runs on. Nothing is built and no install script runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tools.vsix import EXTENSION, NODE, NPM, ROOT

HERE = Path(__file__).resolve().parent
TOOLS = ROOT / ".cache" / "vscode"
VSCODE = TOOLS / "node_modules" / "code-server" / "lib" / "vscode"
VSIX = EXTENSION / "dist" / "draftsmith.vsix"

INSTALL_S = 400.0
RUN_S = 200.0
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def environment(**more: str) -> dict[str, str]:
    """That of the test with our Node first on PATH."""
    path = more.pop("PATH", os.environ["PATH"])
    return {**os.environ, **more, "PATH": f"{NODE.parent}{os.pathsep}{path}"}


def node(
    *arguments: str | Path, cwd: Path = EXTENSION, env: Mapping[str, str] | None = None, within: float = RUN_S
) -> str:
    """Run a script to its end and give what it said; raises AssertionError with it when it failed."""
    command = [str(NODE), *map(str, arguments)]
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=within)
    finally:
        # A browser that it started goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, f"{' '.join(command[1:3])} failed:\n{said[-6000:]}"
    return said


def _npm(*arguments: str, cwd: Path) -> None:
    """With the user's own npm settings, which say where packages come from: a test's home has none."""
    settings = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".npmrc"
    more = {"npm_config_userconfig": str(settings)} if settings.is_file() else {}
    node(NPM, *arguments, *QUIET, cwd=cwd, env=environment(**more), within=INSTALL_S)


def extension_packages() -> None:
    """What the extension is made with, exactly as its lock says."""

    def install() -> None:
        _npm("ci", cwd=EXTENSION)

    _once("extension", [EXTENSION / "package-lock.json"], EXTENSION / "node_modules", install)


def vscode_server() -> None:
    """The server of VS Code with its real extension host, and the driver for the browser."""

    def install() -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, TOOLS / name)
        _npm("ci", cwd=TOOLS)
        _npm("install", "--omit=dev", cwd=VSCODE)

    _once("server", [HERE / "package-lock.json"], TOOLS / "node_modules", install)


def bundle() -> None:
    """The extension and its tests as they are now. Made once for all workers: who uses them never sees half of one."""
    _built()


def package() -> Path:
    """The .vsix as `make vsix` makes it."""
    _built()
    return VSIX


def _built() -> None:
    extension_packages()

    def build() -> None:
        node("package.mjs")
        node("esbuild.mjs", "--tests")

    _once("bundle", _sources(), VSIX, build)


def _sources() -> list[Path]:
    """Everything that the package and the tests are made of."""
    made = {"node_modules", "dist", "build"}
    return sorted(
        path
        for path in EXTENSION.rglob("*")
        if path.relative_to(EXTENSION).parts[0] not in made and not path.is_symlink() and path.is_file()
    )


def _once(name: str, inputs: Sequence[Path], made: Path, work: Callable[[], None]) -> None:
    """Does the work when what it made is missing, or the inputs changed since it last ended well."""
    digest = hashlib.sha256(b"".join(b"%s\0%s\0" % (str(path).encode(), path.read_bytes()) for path in inputs))
    stamp = TOOLS / f"{name}.stamp"
    with _locked(name):
        if made.exists() and stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return
        stamp.unlink(missing_ok=True)
        work()
        stamp.write_text(digest.hexdigest())


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    """One worker at a time; the next finds the work done."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / f"{name}.lock").open("w") as handle:
        deadline = time.monotonic() + INSTALL_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                assert time.monotonic() < deadline, f"{name} is held by another worker for too long"
                time.sleep(0.1)
        yield
