"""Names of files for people and JSON."""

from __future__ import annotations


def shown(name: str) -> str:
    """Bytes that are not UTF-8 (surrogate escapes) become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
