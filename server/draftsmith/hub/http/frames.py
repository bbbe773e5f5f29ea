"""The server's WebSocket protocol with a way to send a text that is ready as bytes, to many clients, without waiting.

It writes only what the protocol would write itself for an open, uncompressed connection; all else it leaves to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

EXTENSION = "draftsmith.at_once"
"""In the scope's extensions: `AtOnce` of the connection."""

AtOnce = Callable[[bytes], bool]
"""Takes a frame of `text_frame`; False when it cannot go out now, and then nothing of it has."""


def text_frame(text: str) -> bytes:
    """A whole text message as a server sends it (RFC 6455, 5.2)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class QuickProtocol(WebSocketsSansIOProtocol):
    """`at_once` stands in the scope of each connection that may use it."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            # The application runs later: its task was only made.
            scope["extensions"][EXTENSION] = self.at_once

    def at_once(self, frame: bytes) -> bool:
        if (
            self.close_sent
            or not self.handshake_complete
            or not self.writable.is_set()
            or self.transport.is_closing()
            or self.conn.state is not State.OPEN
            or self.conn.extensions
        ):
            return False
        self.transport.write(frame)
        return True
