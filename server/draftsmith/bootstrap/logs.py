"""One log format for every process: structured JSON lines, one event each, in a file that rotates."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

import structlog

LOG_BYTES = 5 * 1024 * 1024
LOG_FILES = 4


def log_to(path: Path, *, process: str) -> None:
    """Sends this process's log lines to `path`; at most LOG_FILES files of LOG_BYTES are kept."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # Libraries that log each request or each retry in full, addresses and all.
    for noisy in ("aiohttp", "httpx", "httpcore", "LiteLLM", "uvicorn", "grpc", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
