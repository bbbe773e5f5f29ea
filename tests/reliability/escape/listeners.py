"""Sockets on the host that hear whether an attempt reached them."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

WITHIN_S = 20.0

Address = tuple[str, int] | str | bytes


@dataclass(frozen=True, slots=True)
class Door:
    """Where one can be reached: `address` is what `connect` or `sendto` takes."""

    family: socket.AddressFamily
    kind: socket.SocketKind
    address: Address


@dataclass(kw_only=True)
class Listeners:
    """One thread that keeps every word it was sent. Use as a context."""

    doors: list[Door] = field(default_factory=list[Door])
    heard: list[str] = field(default_factory=list[str])
    _selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def stream(self, family: socket.AddressFamily, address: Address | Path) -> socket.socket:
        return self._open(family, socket.SOCK_STREAM, address)

    def datagram(self, address: Address | Path) -> socket.socket:
        return self._open(socket.AF_INET, socket.SOCK_DGRAM, address)

    def _open(self, family: socket.AddressFamily, kind: socket.SocketKind, address: Address | Path) -> socket.socket:
        made = socket.socket(family, kind)
        self._selector.register(made, selectors.EVENT_READ)
        if isinstance(address, Path):
            address.parent.mkdir(parents=True, exist_ok=True)
            address = str(address)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        self.doors.append(Door(family, kind, made.getsockname()))
        return made

    def __enter__(self) -> Listeners:
        self._thread = threading.Thread(target=self._listen, name="listeners", daemon=True)
        return self

    def start(self) -> None:
        assert self._thread is not None
        self._stop_read, self._stop_write = os.pipe()
        self._selector.register(self._stop_read, selectors.EVENT_READ)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        assert self._thread is not None
        if self._thread.is_alive():
            os.write(self._stop_write, b"x")
            self._thread.join(WITHIN_S)
            os.close(self._stop_write)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            else:
                os.close(key.fd)
        self._selector.close()

    def _listen(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if not isinstance(key.fileobj, socket.socket):
                    return
                word = b""
                with contextlib.suppress(OSError):
                    word = _word(key.fileobj)
                with self._news:
                    self.heard.append(word.decode("utf-8", "replace"))
                    self._news.notify_all()

    def settle(self, word: str) -> None:
        """Returns when everything that was sent before is heard: each door keeps the order of its callers."""
        for number, door in enumerate(self.doors):
            with socket.socket(door.family, door.kind) as out:
                out.connect(_reachable(door))
                out.sendall(f"{word}-{number}".encode())
        wanted = {f"{word}-{number}" for number in range(len(self.doors))}
        with self._news:
            assert self._news.wait_for(lambda: wanted <= set(self.heard), WITHIN_S), "the listeners do not hear"

    def contacted(self, mark: str) -> bool:
        return any(mark in word for word in self.heard)


def _word(door: socket.socket) -> bytes:
    if door.type == socket.SOCK_DGRAM:
        return door.recv(4096)
    caller, _ = door.accept()
    with caller:
        caller.settimeout(WITHIN_S)
        return caller.recv(4096)


def _reachable(door: Door) -> Address:
    """A door that is open on all addresses is reached by the loopback one."""
    if door.family == socket.AF_INET and isinstance(door.address, tuple):
        return ("127.0.0.1", door.address[1])
    return door.address
