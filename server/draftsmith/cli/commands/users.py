"""`draftsmith users [list|add|role|remove]`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import AddUserParams, UserParams, UserRoleParams, UsersResult
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from typing import Literal

    from draftsmith.cli.invocation import Invocation

    RoleName = Literal["viewer", "reviewer", "owner"]

SHORTEST = 12
LONGEST = 500

role_option = click.option(
    "--role", required=True, type=click.Choice(("viewer", "reviewer", "owner")), help="What the user may do."
)
sees_option = click.option(
    "--sees",
    multiple=True,
    metavar="NAME",
    help="Another user whose sessions are there for this one, too; `local` is you. May be given again.",
)


@click.group()
def users() -> None:
    """Who may come in by name when the hub is reached from elsewhere.

    A viewer reads, a reviewer also answers, steers and accepts, an owner also starts sessions and decides about
    models, keys and rules. Everybody sees their own sessions, and those of users named with --sees.
    """


@command
async def listed(call: Invocation) -> ExitCode:
    """The named users."""
    hub = await call.hub()
    return _tell(call, await hub.call("users/list", {}, UsersResult))


@command
@click.argument("name")
@role_option
@sees_option
@click.option("--identity", default="", metavar="ID", help="What the identity provider calls the user: no password.")
async def add(call: Invocation, name: str, role: str, sees: tuple[str, ...], identity: str) -> ExitCode:
    """Let NAME in, with a password that is asked for (or read from standard input), or by the identity provider.

    For example: `users add ann --role reviewer --sees local`. A user who is there already is replaced.
    """
    params = AddUserParams(name=name, role=cast("RoleName", role), identity=identity, sees=list(sees))
    if not identity:
        params["password"] = await asyncio.to_thread(_password, name)
    hub = await call.hub()
    return _tell(call, await hub.call("users/add", params, UsersResult))


@command
@click.argument("name")
@role_option
@click.option("--sees", multiple=True, metavar="NAME", help="Whose sessions are there, too; left out: as before.")
async def role(call: Invocation, name: str, role: str, sees: tuple[str, ...]) -> ExitCode:
    """Change what NAME may do; NAME signs in anew."""
    params = UserRoleParams(name=name, role=cast("RoleName", role))
    if sees:
        params["sees"] = list(sees)
    hub = await call.hub()
    return _tell(call, await hub.call("users/role", params, UsersResult))


@command
@click.argument("name")
async def remove(call: Invocation, name: str) -> ExitCode:
    """Let NAME in no longer, from this moment; sessions stay."""
    hub = await call.hub()
    return _tell(call, await hub.call("users/remove", UserParams(name=name), UsersResult))


def _password(name: str) -> str:
    """Raises UserError (`bad_user`). It is never shown, and on no command line."""
    if sys.stdin.isatty():
        # Imported here: only a terminal needs it.
        from getpass import getpass

        given = getpass(f"Password for {name} (not shown): ")
        if given != getpass("The same once more: "):
            raise UserError("The two are not the same.", code="bad_user", remedy="Try again.")
    else:
        given = sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
    if not SHORTEST <= len(given) <= LONGEST:
        raise UserError(
            f"The password has {len(given)} characters.",
            code="bad_user",
            remedy=f"Give {SHORTEST} to {LONGEST}; several words are easy to keep in mind.",
        )
    return given


def _tell(call: Invocation, found: UsersResult) -> ExitCode:
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    if not found["users"]:
        write("No named users: the hub is yours alone.")
    rows = [
        (
            one["name"],
            one["role"],
            "password" if one["password"] else one_line(one["identity"]),
            f"sees {', '.join(one['sees'])}" if one["sees"] else "",
        )
        for one in found["users"]
    ]
    for text in columns(rows):
        write(text)
    return ExitCode.DONE


users.add_command(listed, "list")
users.add_command(add)
users.add_command(role)
users.add_command(remove)
