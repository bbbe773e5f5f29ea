"""File URIs and the paths they name, as clients write them: with and without escapes, with drive letters.

Untitled documents and other schemes have no path.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urlsplit

_PLAIN = "/:@!$&'()*+,;=~-._"
"""Characters of a path that stay as they are (RFC 3986, section 3.3)."""


def path_of(uri: str) -> str | None:
    """The absolute path that a file URI names, without `.` and `..`; None for everything else."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    # urlsplit takes `?` and `#` off, which some clients leave as they are in names.
    rest = uri[len("file:") :]
    if rest.startswith("//"):
        host, slash, tail = rest[2:].partition("/")
        rest = slash + tail
        if host not in ("", "localhost"):
            rest = f"//{host}{rest}"
    path = os.fsdecode(unquote_to_bytes(rest.encode("utf-8", "surrogateescape")))
    if os.name == "nt":
        path = path.lstrip("/") if path[2:3] == ":" else path
    if not Path(path).is_absolute():
        return None
    return os.path.normpath(path)


def uri_of(path: str) -> str:
    """The file URI of an absolute path."""
    name = path.replace("\\", "/") if os.name == "nt" else path
    if not name.startswith("/"):
        name = f"/{name}"
    return "file://" + quote(os.fsencode(name), safe=_PLAIN)
