"""Pseudo-terminals and namespaces as Linux's `ioctl` has them. Imported everywhere, so that what only POSIX systems
have is imported when it is called."""

from __future__ import annotations

import array
import os
import struct

_GET_NUMBER, _SET_LOCK = 0x80045430, 0x40045431
"""`TIOCGPTN` and `TIOCSPTLCK`, which Python has no names for."""
_GET_OWNER = 0xB701
"""`NS_GET_USERNS` of linux/nsfs.h."""


def open_terminal(maker: str, *, rows: int, columns: int) -> tuple[int, int]:
    """A new terminal of the `ptmx` file `maker`: the descriptor of its outer side, which does not block, and its number
    beside `maker`. Raises OSError."""
    import fcntl  # POSIX only
    import termios  # the same

    descriptor = os.open(maker, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        number = array.array("i", [0])
        fcntl.ioctl(descriptor, _SET_LOCK, struct.pack("i", 0))
        fcntl.ioctl(descriptor, _GET_NUMBER, number)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, number[0]


def owning_user_namespace(namespace: int) -> int:
    """A descriptor of the user namespace that the open namespace belongs to. Raises OSError."""
    import fcntl  # POSIX only

    owner = fcntl.ioctl(namespace, _GET_OWNER)
    os.set_inheritable(owner, False)
    return owner
