"""A key, read without being shown: from a hidden prompt, or from standard input when that is no terminal."""

from __future__ import annotations

import asyncio
import sys

from draftsmith.domain.errors import UserError

_LONGEST = 10_000


async def read_secret(what: str) -> str:
    """The key; raises UserError when there is none."""
    text = (await asyncio.to_thread(_read, what)).strip()
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise UserError(
            "No usable key was given." if text else "The key is empty.",
            code="bad_key",
            remedy="Type it when asked, or pipe it in: `pass show anthropic | draftsmith models key set anthropic`.",
        )
    return text


def _read(what: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST + 2)
    # Imported here: only a terminal needs it.
    from getpass import getpass

    try:
        return getpass(f"Key for {what} (not shown): ")
    except EOFError:
        return ""
