"""The edge's own log: JSON lines like those of hub and runner, one file for each edge, bounded, without secrets.

Standard library only, because an edge starts with its editor. Several edges write at once, so each has its file.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

LOG_BYTES = 1024 * 1024
LOG_FILES = 2
"""Of one edge, each of LOG_BYTES at most."""
KEPT_EDGES = 20
"""Logs of so many edges are kept, the newest ones."""
LINE_CHARACTERS = 8_000

correlation: ContextVar[str] = ContextVar("correlation", default="")
"""Of the message that is handled; stands in its log lines and in the error that answers it."""

_SECRET = re.compile(
    r"(?i)\b(sk-|xox[a-z]-|gh[pousr]_|AIza|bearer\s+|token[\"'=:\s]+|api[-_]?key[\"'=:\s]+)[\w./+~=-]{8,}"
)
_SHORTEST_SECRET = 6
_secrets: set[str] = set()
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def keep_out(secret: str) -> None:
    """Never write this value."""
    if len(secret) >= _SHORTEST_SECRET:
        _secrets.add(secret)


def redacted(text: str) -> str:
    for secret in _secrets:
        text = text.replace(secret, "[secret]")
    return _SECRET.sub(lambda found: f"{found[1]}[secret]", text)


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "process": "edge",
            "pid": record.process,
            "logger": record.name,
        }
        if found := correlation.get():
            line["correlation_id"] = found
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # What stands in the values is redacted before it is escaped: a secret may hold what JSON escapes.
        return json.dumps({name: _fitted(value) for name, value in line.items()}, ensure_ascii=True)


def _fitted(value: object) -> object:
    return value if isinstance(value, (int, float)) else redacted(str(value))[:LINE_CHARACTERS]


def log_to(folder: Path) -> Path | None:
    """Sends this process's log lines to a file of its own there; None where there can be none."""
    path = folder / f"edge-{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8"
        )
    except OSError as failure:
        logging.getLogger(__name__).warning("no log is written to %s: %s", folder, failure)
        return None
    path.chmod(0o600)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for noisy in ("websockets", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return path


def remove_old(folder: Path) -> None:
    """All but the logs of the newest edges. Asks the disk: call it in a thread."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob("edge-*.log*"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True)[KEPT_EDGES * LOG_FILES :]:
        with contextlib.suppress(OSError):
            path.unlink()
