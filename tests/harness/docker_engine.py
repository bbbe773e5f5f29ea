"""A Docker engine of the test run's own: started by the first worker that needs it, shared by all, gone with the last.

Everything of it lies in one temporary folder. A supervisor holds it, so that it also ends when the tests are killed.
Without the right to start one, the engine of the machine is used; without any, the tests fail.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.1
PR_SET_CHILD_SUBREAPER = 36


class NoEngine(Exception):
    """No Docker engine can be had; the message says why and what to do."""


@contextmanager
def shared_engine() -> Iterator[str]:
    """The address of an engine (`unix://…`). Raises NoEngine."""
    if os.geteuid() != 0:
        yield _of_the_machine()
        return
    if shutil.which("dockerd") is None:
        raise NoEngine("dockerd is not installed: `make system-deps`, or `apt-get install docker.io`.")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"{os.getpid()}"
    meeting = Path(tempfile.gettempdir()) / f"ds-docker-{run[:12]}"
    with _locked(meeting):
        folder = _current(meeting) or _begin(meeting)
        mark = folder / "users" / f"{_identity(os.getpid())}-{secrets.token_hex(4)}"
        mark.touch()
    try:
        _await_ready(folder)
        yield f"unix://{folder}/engine.sock"
    finally:
        with _locked(meeting):
            mark.unlink(missing_ok=True)
            last = not any((folder / "users").iterdir())
        if last:
            _until(lambda: not folder.exists() or not _supervised(folder), STOP_SECONDS * 2)
            meeting.unlink(missing_ok=True)
            meeting.with_suffix(".lock").unlink(missing_ok=True)


@contextmanager
def own_engine() -> Iterator[tuple[str, Callable[[], None]]]:
    """An engine for one test alone, and how to kill it at once. Raises NoEngine."""
    with tempfile.TemporaryDirectory(prefix="ds-own-") as name:
        meeting = Path(name) / "meeting"
        with _locked(meeting):
            folder = _begin(meeting)
            mark = folder / "users" / f"{_identity(os.getpid())}-own"
            mark.touch()
        try:
            _await_ready(folder)
            pid = int((folder / "engine.pid").read_text())
            yield f"unix://{folder}/engine.sock", lambda: os.kill(pid, signal.SIGKILL)
        finally:
            with _locked(meeting):
                mark.unlink(missing_ok=True)
            _until(lambda: not folder.exists() or not _supervised(folder), STOP_SECONDS * 2)


def _of_the_machine() -> str:
    for address in (os.environ.get("DOCKER_HOST", ""), "unix:///var/run/docker.sock"):
        if address.startswith("unix://") and os.access(address.removeprefix("unix://"), os.R_OK | os.W_OK):
            return address
    raise NoEngine("Only root may start a Docker engine, and there is none that this user may use: run as root.")


@contextmanager
def _locked(meeting: Path) -> Iterator[None]:
    with meeting.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _current(meeting: Path) -> Path | None:
    """The folder of the engine that runs, or None. To be called with the lock."""
    if not meeting.is_file():
        return None
    folder = Path(meeting.read_text())
    return folder if folder.is_dir() and not (folder / "ending").exists() else None


def _begin(meeting: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ds-dockerd-"))
    (folder / "users").mkdir()
    (folder / "engine.json").write_text("{}")
    meeting.write_text(str(folder))
    subprocess.Popen(
        [sys.executable, __file__, str(folder), str(meeting)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "supervisor.log").open("ab"),
        start_new_session=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)},
    )
    return folder


def _await_ready(folder: Path) -> None:
    _until(lambda: (folder / "ready").exists() or (folder / "failed").exists() or not folder.exists(), START_SECONDS)
    if not (folder / "ready").exists():
        why = (folder / "failed").read_text() if (folder / "failed").exists() else "it did not answer in time"
        raise NoEngine(f"dockerd could not be started: {why}")


def _until(condition: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    assert callable(condition)
    while not condition() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _supervised(folder: Path) -> bool:
    """Whether somebody is there to end the engine."""
    pid = (folder / "supervisor.pid").read_text() if (folder / "supervisor.pid").exists() else ""
    return not pid or psutil.pid_exists(int(pid))


def _identity(pid: int) -> str:
    return f"{pid}-{psutil.Process(pid).create_time()}"


# --- the supervisor's side ---


def supervise(folder: Path, meeting: Path) -> None:
    """Runs the engine as long as somebody uses it, then removes all of it."""
    # What the engine leaves to itself comes to us, not to the tests.
    (folder / "supervisor.pid").write_text(str(os.getpid()))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    engine = _start(folder, ())
    if engine is None:
        engine = _start(folder, ("--storage-driver=vfs",))
    if engine is None:
        tail = (folder / "engine.log").read_text(errors="replace")[-1500:]
        (folder / "failed").write_text(tail)
    else:
        (folder / "ready").touch()
    while True:
        time.sleep(POLL_SECONDS)
        _reap()
        with _locked(meeting):
            users = [each for each in (folder / "users").iterdir() if _lives(each.name)]
            if not users:
                (folder / "ending").touch()
                break
    _stop(folder, engine)


def _start(folder: Path, options: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
    engine = subprocess.Popen(
        [
            "dockerd",
            *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/run", "--pidfile", f"{folder}/engine.pid"),
            *("--host", f"unix://{folder}/engine.sock", "--config-file", f"{folder}/engine.json"),
            # Containers here have no network: nothing of the machine's own is touched.
            *("--iptables=false", "--ip6tables=false", "--bridge=none", "--ip-forward=false", "--ip-masq=false"),
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stdout=(folder / "engine.log").open("ab"),
        stderr=subprocess.STDOUT,
    )
    deadline = time.monotonic() + START_SECONDS / 2
    while engine.poll() is None and time.monotonic() < deadline:
        if _answers(folder / "engine.sock"):
            return engine
        time.sleep(POLL_SECONDS)
    engine.kill()
    engine.wait()
    return None


def _answers(place: Path) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(5)
        try:
            asking.connect(str(place))
            asking.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in asking.recv(200)
        except OSError:
            return False


def _stop(folder: Path, engine: subprocess.Popen[bytes] | None) -> None:
    if engine is not None:
        engine.terminate()
        try:
            engine.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            engine.kill()
    left = psutil.Process().children(recursive=True)
    for process in left:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=5)
    for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
        at = line.split()[1]
        if at.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", at], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _lives(identity: str) -> bool:
    pid = int(identity.partition("-")[0])
    try:
        return _identity(pid) == identity.rpartition("-")[0] and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _reap() -> None:
    """What was left to us, but not the engine itself, whose end its own object is to see."""
    for child in psutil.Process().children():
        try:
            if child.status() == psutil.STATUS_ZOMBIE and child.name() != "dockerd":
                os.waitpid(child.pid, os.WNOHANG)
        except (psutil.NoSuchProcess, ChildProcessError):
            continue


if __name__ == "__main__":
    supervise(Path(sys.argv[1]), Path(sys.argv[2]))
