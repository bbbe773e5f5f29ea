"""Many WebSockets that only count what comes and look at the times in it: as little work for each frame as can be.

`python -m bench.streaming.receivers PORT PATH < commands`: first the frames that each socket sends, one a line.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import sys
import time

from bench.streaming.words import DIGITS, MARK, Seen, as_words, commands, say

NO_APPENDS = b'"appends":[]}}'
SNAPSHOT = b'{"jsonrpc":"2.0","method":"session/snapshot"'


class Receiver(asyncio.Protocol):
    """One socket, from its handshake on."""

    def __init__(self, port: int, path: str, greetings: list[str], times: list[float]) -> None:
        self._times = times
        self._greetings = greetings
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._held = b""
        self._open = False
        self.frames = self.updates = 0
        self.first_seq = self.last_seq = 0
        self.snapshots = 0
        self.lost = False
        self.ready = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.ready.set()

    def data_received(self, data: bytes) -> None:
        held = self._held + data if self._held else data
        at = 0
        if not self._open:
            end = held.find(b"\r\n\r\n")
            if end < 0:
                self._held = held
                return
            self._open, at = True, end + 4
            for text in self._greetings:
                self.transport.write(masked(text.encode()))
        now = time.perf_counter_ns() / 1_000_000
        size = len(held)
        while size - at >= 2:
            length, head = held[at + 1], 2
            if length == 126:
                if size - at < 4:
                    break
                length, head = int.from_bytes(held[at + 2 : at + 4], "big"), 4
            elif length == 127:
                if size - at < 10:
                    break
                length, head = int.from_bytes(held[at + 2 : at + 10], "big"), 10
            if size - at < head + length:
                break
            self._frame(held, at + head, at + head + length, held[at] & 15, now)
            at += head + length
        self._held = held[at:]

    def _frame(self, held: bytes, begin: int, end: int, opcode: int, now: float) -> None:
        if opcode == 9:
            self.transport.write(masked(held[begin:end], opcode=10))
        if opcode != 1:
            return
        if held.startswith(b'{"jsonrpc":"2.0","id":', begin):
            self._answered(held[begin:end])
            return
        sequence = held.find(b'"seq":', begin, end) + 6
        self.last_seq = int(held[sequence : held.find(b",", sequence)])
        if not self.first_seq:
            self.first_seq = self.last_seq
        self.updates += 1
        if held.find(NO_APPENDS, end - len(NO_APPENDS), end) >= 0:
            self.snapshots += held.startswith(SNAPSHOT, begin)
            return
        mark = held.find(MARK, begin, end) + len(MARK)
        self.frames += 1
        self._times.append(now - int(held[mark : mark + DIGITS]) / 1_000)

    def _answered(self, body: bytes) -> None:
        answer = json.loads(body)
        if "error" in answer:
            raise RuntimeError(f"refused: {answer['error']}")
        if answer["id"] == len(self._greetings):
            self.ready.set()


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A frame as clients send it, under the key 0, which changes nothing."""
    if len(payload) < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload))
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(payload))
    return head + b"\0\0\0\0" + payload


async def main(port: int, path: str) -> None:
    asked = await commands()
    greetings: list[list[str]] = (await asked.get())["greetings"]
    times: list[float] = []
    loop = asyncio.get_running_loop()
    receivers: list[Receiver] = []
    begun = 0
    for own in greetings:
        _, receiver = await loop.create_connection(lambda own=own: Receiver(port, path, own, times), "127.0.0.1", port)
        await receiver.ready.wait()
        receivers.append(receiver)
    say({"ready": len(receivers)})
    while (command := await asked.get())["do"] != "end":
        match command["do"]:
            case "begin":
                times.clear()
                begun = sum(one.frames for one in receivers)
            case "seen":
                expected = begun + command["expected"]
                deadline = loop.time() + command["wait"]
                while sum(one.frames for one in receivers) < expected and loop.time() < deadline:  # noqa: ASYNC110 (it would cost)
                    await asyncio.sleep(0.05)
                say(told(receivers, begun, times))


def told(receivers: list[Receiver], begun: int, times: list[float]) -> dict[str, object]:
    found = sorted(times)
    count = len(found)
    seen = Seen(
        frames=sum(one.frames for one in receivers) - begun,
        p50=found[count // 2] if count else 0.0,
        p99=found[int(count * 0.99)] if count else 0.0,
        worst=found[-1] if count else 0.0,
    )
    whole = all(one.updates == one.last_seq - one.first_seq + 1 for one in receivers)
    return {**as_words(seen), "whole": whole and not any(one.lost or one.snapshots for one in receivers)}


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
