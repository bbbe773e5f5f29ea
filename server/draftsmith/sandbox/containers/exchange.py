"""The engine's stream of a command, where each piece says which of its two outputs it belongs to, taken apart."""

from __future__ import annotations

import asyncio

_HEADER_BYTES = 8
_STDERR = 2
_LIMIT = 1 << 17


class Outputs:
    """Two readers, fed by `part` until the stream ends. Who does not read holds up the command, not our memory."""

    def __init__(self) -> None:
        self._out, self._err = _Valve(), _Valve()
        self.stdout, self.stderr = self._out.reader, self._err.reader

    async def part(self, stream: asyncio.StreamReader) -> None:
        """Of a command without a terminal."""
        try:
            while True:
                header = await stream.readexactly(_HEADER_BYTES)
                left = int.from_bytes(header[4:], "big")
                valve = self._err if header[0] == _STDERR else self._out
                while left and (piece := await stream.read(min(left, _LIMIT))):
                    left -= len(piece)
                    valve.reader.feed_data(piece)
                    await valve.opened.wait()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._end()

    async def whole(self, stream: asyncio.StreamReader) -> None:
        """Of a command with a terminal: all of it is output."""
        try:
            while piece := await stream.read(_LIMIT):
                self.stdout.feed_data(piece)
                await self._out.opened.wait()
        except ConnectionError:
            return
        finally:
            self._end()

    def _end(self) -> None:
        for reader in (self.stdout, self.stderr):
            reader.feed_eof()


class _Valve(asyncio.Transport):
    """What a reader tells that it has enough, and later that it takes more."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.opened.set()
        self.reader = asyncio.StreamReader(limit=_LIMIT)
        self.reader.set_transport(self)

    def pause_reading(self) -> None:
        self.opened.clear()

    def resume_reading(self) -> None:
        self.opened.set()
