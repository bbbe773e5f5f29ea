"""A hub's gRPC service in this process, and runners' channels to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
from tests.unit.hub.worlds import World, world

from draftsmith.domain.ids import RunnerId, SessionId, WorkspaceId
from draftsmith.hub.leases import ConnectedRunner
from draftsmith.hub.runner_service import RunnerService, TokenCheck
from draftsmith.platform.clock import new_id
from draftsmith.protocol.generated import runner_pb2_grpc as services
from draftsmith.runner.channel import HubChannel

TOKEN = "runners-token"


class Served:
    """`world` is the hub; `address` is where runners reach it."""

    def __init__(self, there: World, address: str) -> None:
        self.world = there
        self.address = address
        self.channel = HubChannel(address, TOKEN)

    def lease(self, session_id: SessionId) -> int:
        """The session's lease for a runner whose stream is not looked at; its fence."""
        runner = ConnectedRunner(runner_id=RunnerId(new_id("r")), pid=1, capacity=1)
        self.world.hub.leases.join(runner)
        self.world.hub.leases.offer(session_id, WorkspaceId("w1"))
        return runner.sessions[session_id]


@asynccontextmanager
async def served(folder: Path, token: str = TOKEN) -> AsyncIterator[Served]:
    async with world(folder) as there:
        server = grpc.aio.server(interceptors=[TokenCheck(token)], options=[("grpc.so_reuseport", 0)])
        services.add_HubServicer_to_server(RunnerService(there.hub), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        made = Served(there, f"127.0.0.1:{port}")
        try:
            yield made
        finally:
            await made.channel.close()
            await server.stop(grace=0.2)
