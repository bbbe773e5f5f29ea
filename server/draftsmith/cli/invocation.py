"""One call of a command: its options, its connection to the hub, its errors and exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from draftsmith.cli.exit_codes import ExitCode, exit_code_of
from draftsmith.cli.output import write_error
from draftsmith.domain.errors import AdapterError, DraftsmithError
from draftsmith.platform.waking import signals_wake

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from draftsmith.client.connection import HubConnection
    from draftsmith.client.failures import HubLost

CLIENT_NAME = "cli"


class Invocation:
    """What every command gets. `json` asks for output that scripts read."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._connections: list[HubConnection] = []

    @property
    def state_dir(self) -> Path:
        from draftsmith.platform.paths import state_dir

        return state_dir()

    async def hub(self) -> HubConnection:
        """A connection to the hub, started if none runs; closed when the command ends."""
        connection = await self._connect()
        self._connections.append(connection)
        return connection

    async def running_hub(self) -> HubConnection | None:
        """A connection to the hub if one runs."""
        from draftsmith.client.start import connect_running

        connection = await connect_running(self.state_dir, client=CLIENT_NAME)
        if connection is not None:
            self._connections.append(connection)
        return connection

    async def reconnect(self, lost: HubLost | None) -> HubConnection | None:
        """For a view: a hub that stopped in order is waited for, one that vanished is started again."""
        if lost is not None and lost.stopping:
            from draftsmith.client.start import connect_running

            connection = await connect_running(self.state_dir, client=CLIENT_NAME)
            if connection is not None:
                await offer_keys(connection)
            return connection
        return await self._connect()

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()

    async def _connect(self) -> HubConnection:
        from draftsmith.client.start import connect_hub

        connection = await connect_hub(self.state_dir, client=CLIENT_NAME, on_start=self._starting)
        await offer_keys(connection)
        return connection

    def _starting(self) -> None:
        if not self.json and sys.stderr.isatty():
            print("Starting the hub …", file=sys.stderr)


async def offer_keys(connection: HubConnection) -> None:
    """Hand over the keys of this environment: the hub keeps them in memory for its runner."""
    from draftsmith.client.credentials import credentials_in
    from draftsmith.client.messages import OfferCredentialsParams, OfferCredentialsResult

    found = credentials_in(os.environ)
    if found:
        await connection.call("credentials/offer", OfferCredentialsParams(credentials=found), OfferCredentialsResult)


def run(call: Invocation, work: Awaitable[ExitCode]) -> ExitCode:
    """Run a command to its end and say what went wrong, if anything did."""
    try:
        return asyncio.run(_closing(call, work))
    except DraftsmithError as error:
        exit_code = exit_code_of(error.code, adapter=isinstance(error, AdapterError))
        write_error(error, as_json=call.json, exit_code=exit_code)
        return exit_code
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more may be written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE


async def _closing(call: Invocation, work: Awaitable[ExitCode]) -> ExitCode:
    with signals_wake(asyncio.get_running_loop()):
        try:
            return await work
        finally:
            await call.close()
