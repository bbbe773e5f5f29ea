"""What the ground needs of the kernel that Python has no words for: keys, shared memory, queues, handles."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_NUMBERS = {"x86_64": (248, 250), "aarch64": (217, 219)}
"""`add_key` and `keyctl`."""
_AT_FDCWD = -100
_JOIN_SESSION_KEYRING, _SESSION_KEYRING, _INVALIDATE = 1, -3, 21


def _checked(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def plant_key(name: str, content: bytes) -> int:
    """Puts a key into a session keyring of this process's own, which its children inherit."""
    add_key, keyctl = _NUMBERS[platform.machine()]
    _checked(_libc.syscall(keyctl, _JOIN_SESSION_KEYRING, None), "keyctl")
    key = _libc.syscall(add_key, b"user", name.encode(), content, len(content), _SESSION_KEYRING)
    return _checked(key, "add_key")


def forget_key(key: int) -> None:
    _libc.syscall(_NUMBERS[platform.machine()][1], _INVALIDATE, key)


class Shared:
    """A System V segment and a POSIX queue with the content; `close` takes them away."""

    def __init__(self, key: int, queue: str, content: bytes) -> None:
        self.key, self.queue = key, queue
        self._segment = _checked(_libc.shmget(key, 4096, 0o1600), "shmget")
        _libc.shmat.restype = ctypes.c_void_p
        at = ctypes.c_void_p(_libc.shmat(self._segment, None, 0))
        ctypes.memmove(at, content, len(content))
        _libc.shmdt(at)
        attributes = struct.pack("8l", 0, 4, 512, 0, 0, 0, 0, 0)
        opened = _checked(_libc.mq_open(queue.encode(), os.O_CREAT | os.O_RDWR, 0o600, attributes), "mq_open")
        # A reader takes a message away: there are several.
        for _ in range(4):
            _checked(_libc.mq_send(opened, content, len(content), 0), "mq_send")
        _libc.mq_close(opened)

    def close(self) -> None:
        _libc.shmctl(self._segment, 0, None)
        _libc.mq_unlink(self.queue.encode())


def handle_of(path: Path) -> str:
    """The file's handle as `type:hex`, as `open_by_handle_at` takes it."""
    room = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.c_int()
    named = _libc.name_to_handle_at(_AT_FDCWD, os.fsencode(path), room, ctypes.byref(mount), 0)
    _checked(named, "name_to_handle_at")
    size, kind = struct.unpack_from("Ii", room.raw)
    return f"{kind}:{room.raw[8 : 8 + size].hex()}"
