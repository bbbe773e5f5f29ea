"""Whether a command waits to be typed to, as the kernel sees it: which call each of its processes is blocked in.

It reads the kernel's files only; how long it has to last before it counts is for the caller to say.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from draftsmith.sandbox.usage import Meter

Blocked = Literal["reading", "polling", "no", "unknown"]
"""In a read of its input; in a call that would tell it of input, while nothing else runs; neither; nothing runs, but
what it waits for is hidden from us."""

_POLLED = 1_024
"""Descriptors that are looked at in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calls:
    """System call numbers (asm/unistd.h)."""

    read: frozenset[int]
    poll: frozenset[int]
    select: frozenset[int]
    epoll: frozenset[int]


_CALLS = {
    "x86_64": _Calls(
        read=frozenset({0, 19}),
        poll=frozenset({7, 271}),
        select=frozenset({23, 270}),
        epoll=frozenset({232, 281, 441}),
    ),
    "aarch64": _Calls(
        read=frozenset({63, 65}), poll=frozenset({73}), select=frozenset({72}), epoll=frozenset({22, 441})
    ),
}


def blocked_on_input(meter: Meter, pipe: int | None) -> Blocked:
    """`pipe` is the inode of the pipe that its standard input is; None: its input is a terminal."""
    calls = _CALLS.get(platform.machine())
    polling = busy = hidden = False
    for name, state in meter.processes():
        busy = busy or state in (b"R", b"D")
        try:
            found = _blocked(meter, name, calls, pipe) if calls is not None else "unknown"
        except PermissionError:
            found = "unknown"
        except (OSError, ValueError, IndexError, struct.error):
            continue
        if found == "reading":
            return "reading"
        polling, hidden = polling or found == "polling", hidden or found == "unknown"
    if busy:
        return "no"
    return "polling" if polling else "unknown" if hidden else "no"


def _blocked(meter: Meter, name: str, calls: _Calls, pipe: int | None) -> Blocked:
    words = meter.content(f"{name}/syscall").split()
    if words[0] == b"running" or len(words) < 7:
        return "no"
    number, first, second = int(words[0]), int(words[1], 16), int(words[2], 16)
    if number in calls.read:
        return "reading" if _is_input(meter, name, first, pipe) else "no"
    watched: Iterator[int] = iter(())
    if number in calls.poll:
        watched = _polled(meter, name, first, second)
    elif number in calls.select:
        watched = _selected(meter, name, first, second)
    elif number in calls.epoll:
        watched = _registered(meter, name, first)
    return "polling" if any(_is_input(meter, name, descriptor, pipe) for descriptor in watched) else "no"


def _is_input(meter: Meter, name: str, descriptor: int, pipe: int | None) -> bool:
    try:
        target = meter.link(f"{name}/fd/{descriptor}")
    except OSError:
        return False
    if pipe is None:
        return target.startswith("/dev/pts/") or target in ("/dev/tty", "/dev/console")
    return target == f"pipe:[{pipe}]"


def _polled(meter: Meter, name: str, address: int, count: int) -> Iterator[int]:
    """`struct pollfd`: a descriptor and what is asked of it; POLLIN is 1."""
    data = meter.memory(name, address, min(count, _POLLED) * 8)
    for descriptor, asked, _ in struct.iter_unpack("=iHH", data):
        if descriptor >= 0 and asked & 1:
            yield descriptor


def _selected(meter: Meter, name: str, count: int, address: int) -> Iterator[int]:
    """`fd_set`: one bit for each descriptor below `count`."""
    if address == 0:
        return
    data = meter.memory(name, address, -(-min(count, _POLLED) // 8))
    for descriptor in range(min(count, _POLLED)):
        if data[descriptor // 8] >> (descriptor % 8) & 1:
            yield descriptor


def _registered(meter: Meter, name: str, descriptor: int) -> Iterator[int]:
    """The lines `tfd: 0 events: 19 …` of an epoll descriptor; EPOLLIN is 1."""
    for line in meter.content(f"{name}/fdinfo/{descriptor}").splitlines():
        words = line.split()
        if len(words) >= 4 and words[0] == b"tfd:" and int(words[3], 16) & 1:
            yield int(words[1])
