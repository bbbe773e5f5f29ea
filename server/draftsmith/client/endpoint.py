"""How a running hub is reached: the file it leaves for its user alone.

Reading it proves nothing about the hub's being alive; only a connection does.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.platform.paths import endpoint_file

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`token` opens everything that the user may do: never print or log it."""

    pid: int
    application_version: str
    protocol_versions: tuple[int, ...]
    websocket_port: int
    grpc_port: int
    token: str = field(repr=False)
    epoch: str

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.websocket_port}/api/v1/ws"


def read_endpoint(state_dir: Path) -> Endpoint | None:
    """What the hub of this state folder last wrote; None when there is nothing, or nothing readable.

    Raises UserError (`endpoint_not_private`) when others may read or have written it.
    """
    path = endpoint_file(state_dir)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123  a descriptor, not a path
        status = os.fstat(handle)
        _refuse_shared(path, status)
        content = file.read(_MAX_BYTES)
    return parse_endpoint(content)


def parse_endpoint(content: bytes) -> Endpoint | None:
    """The endpoint that the bytes describe, or None when they describe none (half written, damaged, foreign)."""
    try:
        fields = json.loads(content)
        endpoint = Endpoint(
            pid=int(fields["pid"]),
            application_version=str(fields["application_version"]),
            protocol_versions=tuple(int(version) for version in fields["protocol_versions"]),
            websocket_port=int(fields["websocket_port"]),
            grpc_port=int(fields["grpc_port"]),
            token=str(fields["token"]),
            epoch=str(fields["epoch"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return endpoint if 0 < endpoint.websocket_port < 65_536 else None


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if not hasattr(os, "getuid"):
        return
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise UserError(
            f"{path} can be read or was written by somebody else.",
            code="endpoint_not_private",
            remedy="Remove it, see that the folder is yours alone (chmod 700), and start again.",
        )
