"""What can go wrong with a connection, without the library that makes it: who catches these imports nothing heavy."""

from __future__ import annotations


class ConnectionTooSlow(Exception):
    """No connection within the time allowed, looking the name up and greeting included."""


class CertificateRefused(Exception):
    """The server's certificate is not one that may be trusted; the text says why."""


class ConnectionBroken(Exception):
    """No connection, or it broke; the text says how. `sent`: the request may have reached the server."""

    def __init__(self, said: str, *, sent: bool = True) -> None:
        super().__init__(said)
        self.sent = sent
