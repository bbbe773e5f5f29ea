"""The ground on which attempts are made: a user's machine with secrets, listeners, a hub, other drafts.

It lays everything out, and afterwards says what became of it: that, and no attempt's own word, is success.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psutil

from draftsmith.ports.sandbox import MountedRoot
from draftsmith.sandbox.seccomp import denied_calls
from harness.hub import running_hub
from isolation import OF_WIDER_FIXTURES, short_folder

from .listeners import Listeners
from .machine import Shared, forget_key, handle_of, plant_key

PROGRAMS = Path(__file__).parent / "programs"
VICTIM = """
import ctypes, sys, time
kept = ctypes.create_string_buffer(sys.argv[1].encode())
print(hex(ctypes.addressof(kept)), flush=True)
while True:
    time.sleep(60)
"""
NOBODY = 65534


@dataclass(kw_only=True)
class Ground:
    """Made by `laid_out`. `variables` is what attempts are told of it: they know where everything is."""

    folder: Path
    secret: str
    token: str
    listeners: Listeners
    stack: contextlib.ExitStack
    variables: dict[str, str]
    host_home: Path
    state: Path
    _victim: psutil.Process | None = None
    _facts: tuple[object, ...] = ()
    _attempts: int = 0
    _watched: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def workspace(self) -> Path:
        return self.folder / "projects" / "ws"

    @property
    def draft(self) -> Path:
        return self.state / "runner" / "drafts" / "mine" / "roots" / "0"

    @property
    def root(self) -> MountedRoot:
        return MountedRoot(
            workspace_path=self.workspace,
            draft_path=self.draft,
            dependency_folders=(self.workspace / "node_modules",),
        )

    @cached_property
    def environ(self) -> dict[str, str]:
        """The environment of the process that runs commands: with secrets, and the home folder that holds some."""
        return {**os.environ, "HOME": str(self.host_home), "DEPLOY_TOKEN": self.secret, "SSH_AUTH_SOCK": "/x"}

    def next_mark(self) -> str:
        self._attempts += 1
        return f"m{self._attempts}x{secrets.token_hex(4)}"

    def lay_out(self) -> None:
        """Everything that an attempt may have changed is as in the beginning."""
        self._keep_victim()
        for planted in self._planted():
            planted.unlink()
        watched = self._places()
        for name, place in watched.items():
            _empty(place)
            shutil.copytree(self.folder / "templates" / name, place, symlinks=True, dirs_exist_ok=True)
        _empty(self.draft)
        for name in ("main.py", "probe", "setuid-probe"):
            shutil.copy2(self.folder / "templates" / "workspace" / name, self.draft / name)
        if os.geteuid() == 0:
            for place in (self.draft, self.workspace):
                os.chown(place / "setuid-probe", NOBODY, NOBODY)
                (place / "setuid-probe").chmod(0o6755)
        self._watched = {name: _digest(place) for name, place in watched.items()}
        self._facts = _facts()

    def draft_bytes(self) -> int:
        return sum(each.lstat().st_blocks * 512 for each in self.draft.rglob("*"))

    def _keep_victim(self) -> None:
        """A process that attempts are told of; another one when an attempt ended it."""
        if self._victim is None or not _well(self._victim):
            process = self.stack.enter_context(_victim(self.secret))
            assert process.stdout is not None
            self.variables["VICTIM_ADDRESS"] = process.stdout.readline().decode().strip()
            self.variables["VICTIM"] = str(process.pid)
            self._victim = psutil.Process(process.pid)

    def _planted(self) -> list[Path]:
        return [*(self.state / "hub").rglob("planted"), *(self.state / "runner").glob("planted")]

    def _places(self) -> dict[str, Path]:
        return {
            "workspace": self.workspace,
            "beside": self.folder / "projects" / "beside",
            "outside": self.folder / "outside",
            "home": self.host_home,
            "other": self.state / "runner" / "drafts" / "other" / "roots" / "0",
        }

    def effects(self, mark: str, text: str) -> frozenset[str]:
        """What is seen from outside of the attempt with the mark, which wrote the text."""
        self.listeners.settle(f"settled-{secrets.token_hex(8)}")
        found = {
            "secret": self.secret in text,
            "token": self.token in text,
            "database": "SQLite format 3" in text,
            "reached": "REACHED" in text,
            "changed": self.changed(),
            "contact": self.listeners.contacted(mark),
            "alive": any(marked(mark)),
            "victim": self._victim is None or not _well(self._victim),
            "system": self._facts != _facts(),
        }
        if found["system"]:
            _put_back(self._facts)
        return frozenset(name for name, seen in found.items() if seen)

    def changed(self) -> bool:
        return bool(self._planted()) or any(
            _digest(place) != self._watched[name] for name, place in self._places().items()
        )


def _well(process: psutil.Process) -> bool:
    return process.is_running() and process.status() in (psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING)


def marked(mark: str) -> list[psutil.Process]:
    """Living processes with the mark on their command line, in any namespace below ours."""
    return [each for each in psutil.process_iter(["cmdline"]) if mark in " ".join(each.info["cmdline"] or [])]


@contextlib.contextmanager
def laid_out() -> Iterator[Ground]:
    """The whole ground, with its hub running; nothing of it is left afterwards."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(short_folder("ds-esc-"))
        state = folder / "state"
        secret = f"secret-{secrets.token_hex(16)}"
        host_home = folder / "home"
        hub = stack.enter_context(running_hub(state))
        listeners = stack.enter_context(Listeners())
        variables = _doors(listeners, folder)
        listeners.start()
        ground = Ground(
            folder=folder,
            secret=secret,
            token=hub.endpoint.token,
            listeners=listeners,
            stack=stack,
            variables=variables,
            host_home=host_home,
            state=state,
        )
        _templates(folder / "templates", secret)
        ground.lay_out()
        stack.enter_context(_left_open(folder / "outside" / "secret.txt"))
        variables |= _kernels_own(stack, secret)
        variables |= {
            "SECRET_FILE": str(folder / "outside" / "secret.txt"),
            "SECRET_HANDLE": handle_of(folder / "outside" / "secret.txt"),
            "OUTSIDE": str(folder / "outside"),
            "WORKSPACE": str(ground.workspace),
            "HOST_HOME": str(host_home),
            "STATE": str(state),
            "DATABASE": str(next((state / "hub").rglob("*.db"), state / "hub" / "draftsmith.db")),
            "OTHER_DRAFT": str(state / "runner" / "drafts" / "other" / "roots" / "0"),
            "HUB_PORT": str(hub.endpoint.websocket_port),
            "DISK": _disk(),
            "DENIED": ",".join(map(str, denied_calls().values())),
        }
        yield ground


def _doors(listeners: Listeners, folder: Path) -> dict[str, str]:
    runtime = folder / "run"
    port4 = listeners.stream(socket.AF_INET, ("0.0.0.0", 0)).getsockname()[1]  # noqa: S104  an attempt tries every address
    port6 = listeners.stream(socket.AF_INET6, ("::1", 0)).getsockname()[1]
    udp = listeners.datagram(("0.0.0.0", 0)).getsockname()[1]  # noqa: S104  the same
    abstract = f"escape-{secrets.token_hex(6)}"
    listeners.stream(socket.AF_UNIX, f"\0{abstract}")
    for name in ("plain", "ssh-agent", "gnupg/S.gpg-agent", "bus", "wayland-0"):
        listeners.stream(socket.AF_UNIX, runtime / name)
    return {
        "PORT4": str(port4),
        "PORT6": str(port6),
        "UDP_PORT": str(udp),
        "ADDRESS4": _own_address(),
        "ABSTRACT_SOCKET": abstract,
        "UNIX_SOCKET": str(runtime / "plain"),
        "RUNTIME": str(runtime),
    }


def _own_address() -> str:
    addresses = [
        each.address for all_ in psutil.net_if_addrs().values() for each in all_ if each.family == socket.AF_INET
    ]
    return next((each for each in addresses if not each.startswith("127.")), "127.0.0.1")


@contextlib.contextmanager
def _victim(secret: str) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, "VICTIMS_TOKEN": secret}
    command = [sys.executable, "-c", VICTIM, secret]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, start_new_session=True) as process:
        OF_WIDER_FIXTURES.add(process.pid)
        try:
            yield process
        finally:
            process.kill()
            OF_WIDER_FIXTURES.discard(process.pid)


@contextlib.contextmanager
def _left_open(path: Path) -> Iterator[None]:
    """A descriptor that children inherit unless somebody closes it."""
    handle = os.open(path, os.O_RDONLY)
    os.set_inheritable(handle, True)
    try:
        yield
    finally:
        os.close(handle)


def _kernels_own(stack: contextlib.ExitStack, secret: str) -> dict[str, str]:
    name = f"escape-{secrets.token_hex(6)}"
    stack.callback(forget_key, plant_key(name, secret.encode()))
    shared = Shared(secrets.randbelow(1 << 30) + 1, f"/{name}", secret.encode())
    stack.callback(shared.close)
    memory = Path("/dev/shm", name)
    stack.callback(memory.unlink)
    memory.write_text(secret)
    return {"KEY_NAME": name, "SHARED_KEY": str(shared.key), "QUEUE_NAME": shared.queue, "SHARED_NAME": name}


def _disk() -> str:
    device = Path("/").stat().st_dev
    return f"{os.major(device)}:{os.minor(device)}"


def _templates(folder: Path, secret: str) -> None:
    text = f"the {secret} of the host\n"
    for name in (
        *("outside/secret.txt", "outside/notes.txt", "outside/deep/kept.txt", "beside/secret.txt", "other/secret.txt"),
        *("home/.ssh/id_ed25519", "home/.netrc", "home/.config/gh/hosts.yml", "home/.bashrc"),
        *("workspace/ignored-secret.txt",),
    ):
        _write(folder / name, text)
    _write(folder / "workspace" / "main.py", "print('hello')\n")
    _write(folder / "workspace" / "node_modules" / "left-pad" / "index.js", "module.exports = 1\n")
    workspace = folder / "workspace"
    for command in (["init", "-q"], ["add", "main.py"], ["commit", "-qm", "first"]):
        subprocess.run(["git", *_IDENTITY, *command], cwd=workspace, check=True, capture_output=True, timeout=30)
    for name in ("credentials", "hooks/pre-commit"):
        _write(workspace / ".git" / name, text)
    with (workspace / ".git" / "config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = https://user:{secret}@example.org/x.git\n')
        config.write(f'[http]\n\textraHeader = "Authorization: {secret}"\n')
    compiler = shutil.which("cc")
    assert compiler, "the attempts are compiled with cc: `make system-deps` brings it"
    subprocess.run(
        [compiler, "-O1", "-static", "-o", str(workspace / "probe"), *map(str, sorted(PROGRAMS.glob("*.c")))],
        check=True,
        timeout=60,
    )
    shutil.copy2(workspace / "probe", workspace / "setuid-probe")


_IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _empty(folder: Path) -> None:
    """The folder itself stays: it is mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _digest(folder: Path) -> str:
    found = hashlib.sha256()
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted((*names, *folders)):
            path = Path(at, name)
            status = path.lstat()
            found.update(f"{path} {status.st_mode:o} {status.st_uid}".encode())
            if path.is_file() and not path.is_symlink():
                found.update(path.read_bytes())
    return found.hexdigest()


_SWITCHES = ("hostname", "domainname", "core_pattern", "modprobe")


def _facts() -> tuple[object, ...]:
    """What an attempt could change of the machine as a whole. Small steps of the clock are its own keeper's."""
    kernel = Path("/proc/sys/kernel")
    texts = (kernel / name for name in _SWITCHES)
    return (
        *(each.read_text() if each.exists() else "" for each in texts),
        _clock_offset(),
    )


def _clock_offset() -> int:
    offset = time.time() - time.monotonic()
    return round(offset / 86_400)


def _put_back(facts: tuple[object, ...]) -> None:
    """An attempt that succeeded must not leave the machine changed."""
    for name, before in zip(_SWITCHES, facts, strict=False):
        with contextlib.suppress(OSError):
            Path("/proc/sys/kernel", name).write_text(str(before))
