"""Time and fresh identifiers: what the pure core is given as arguments."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def now_ms() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def new_id(prefix: str) -> str:
    """`prefix_` and 20 characters: ten for the time, so that ids sort by it, and ten (50 bits) at random."""
    return f"{prefix}_{_base32(now_ms(), 10)}{_base32(secrets.randbits(50), 10)}"


def _base32(number: int, width: int) -> str:
    digits: list[str] = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
