"""The peer: a server of `websockets` that sends the same bytes, made in the same process, by its own `broadcast`."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

from bench.streaming.pacing import paced
from bench.streaming.words import FILLER, Phase, commands, say

TEMPLATE = (
    '{"jsonrpc":"2.0","method":"session/update","params":{"session_id":"s_01m85h2ys18551vcvzvm",'
    '"epoch":"h_01m85h2yrenbh1c3nr6r","seq":%d,"entities":[],"removed":[],'
    '"appends":[{"entity_id":"m_01m85h2ys18551vcvzvm","field":"text","offset":%d,"text":"%s"}]}}'
)


async def main() -> None:
    here: list[ServerConnection] = []

    async def serve_one(connection: ServerConnection) -> None:
        await connection.recv()
        here.append(connection)
        await connection.send('{"jsonrpc":"2.0","id":1,"result":{}}')
        await connection.wait_closed()

    numbers: list[int] = []

    def send(stream: int, text: str) -> None:
        numbers[stream] += 1
        broadcast([here[stream]], TEMPLATE % (numbers[stream], numbers[stream] * (len(FILLER) + 16), text))

    async with serve(serve_one, "127.0.0.1", 0, compression=None, max_queue=None, backlog=1_024) as server:
        say({"port": next(iter(server.sockets)).getsockname()[1]})
        asked = await commands()
        while (command := await asked.get())["do"] != "end":
            numbers += [0] * (len(here) - len(numbers))
            phase = Phase(rate=command["rate"], seconds=command["seconds"])
            say({"sent": await paced(len(here), phase, send)})
        for connection in here:
            connection.transport.abort()


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
