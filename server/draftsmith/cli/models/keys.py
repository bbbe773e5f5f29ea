"""`draftsmith models key set|remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.models.secrets import read_secret
from draftsmith.cli.output import write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import KeepKeyParams, KeptKey

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection

_WAIT_SECONDS = 150.0
"""A locked keyring asks for its password first."""


@click.group()
def key() -> None:
    """Keys in the system's keyring: for a vendor (anthropic, openai, gemini) or an endpoint of yours."""


@command
@click.argument("name")
async def set_(call: Invocation, name: str) -> ExitCode:
    """Keep the key for NAME. It is asked for without being shown, or read from standard input."""
    value = await read_secret(name)
    kept = await keep(await call.hub(), name, value)
    if call.json:
        write_json({**kept})
    else:
        write(kept_words(name, kept))
    return ExitCode.DONE


@command
@click.argument("name")
async def remove(call: Invocation, name: str) -> ExitCode:
    """Take the key for NAME out of the keyring."""
    hub = await call.hub()
    gone = await hub.call("credentials/drop", {"name": name}, KeptKey, within=_WAIT_SECONDS)
    if call.json:
        write_json({**gone})
    elif reason := gone.get("reason", ""):
        write(f"The key for {one_line(name)} is not used any more; the keyring did not give it up: {one_line(reason)}.")
    else:
        write(f"The key for {one_line(name)} is gone.")
    return ExitCode.DONE


async def keep(hub: HubConnection, name: str, value: str) -> KeptKey:
    """Hands a key to the hub for the keyring."""
    params = KeepKeyParams(name=name, value=value)
    return await hub.call("credentials/keep", params, KeptKey, within=_WAIT_SECONDS)


def kept_words(name: str, kept: KeptKey) -> str:
    """Where the key is now, for people."""
    if kept["kept_in"] == "keyring":
        return f"The key for {one_line(name)} is in the keyring."
    reason = one_line(kept.get("reason", ""), 300)
    return (
        f"There is no keyring that can be used here ({reason}): the key for {one_line(name)} is held in memory and"
        " gone when the hub ends. The environment variable of the vendor works without a keyring."
    )


key.add_command(set_)
key.add_command(remove)
