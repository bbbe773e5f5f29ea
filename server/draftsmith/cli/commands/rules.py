"""`draftsmith rules [list|add|remove]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import click

from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.folders import checked_folders, folders_option
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import AddRuleParams, RemoveRuleParams, RulesOf, RulesResult
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.messages import RuleInfo

    EffectName = Literal["allow", "ask", "deny"]

session_option = click.option("--session", "session_id", default="", metavar="ID", help="Of this session as well.")


@click.group()
def rules() -> None:
    """Which commands the agent runs without asking, is asked about, or never runs.

    Rules are matched with the command as it was parsed (programs, words, paths), never with its text. Deny wins. The
    sandbox confines whatever is allowed.
    """


@command
@folders_option
@session_option
async def listed(call: Invocation, folders: tuple[str, ...], session_id: str) -> ExitCode:
    """The rules of the workspace, and those of a session."""
    hub = await call.hub()
    whose = _whose(folders, session_id)
    return _tell(call, await hub.call("rules/list", whose, RulesResult))


@command
@click.argument("effect", type=click.Choice(("allow", "ask", "deny")))
@click.argument("program")
@click.argument("words", nargs=-1)
@click.option("--path", "paths", multiple=True, metavar="PATTERN", help="Only on these files; may be given again.")
@click.option("--network", multiple=True, metavar="HOST", help="A host that it may reach; may be given again.")
@folders_option
@session_option
async def add(
    call: Invocation,
    effect: str,
    program: str,
    words: tuple[str, ...],
    paths: tuple[str, ...],
    network: tuple[str, ...],
    folders: tuple[str, ...],
    session_id: str,
) -> ExitCode:
    """Allow, ask about or deny PROGRAM when its first words are WORDS; `*`, `?` and `[…]` are patterns.

    Without --session it holds for the workspace. For example: `rules add deny git push`, `rules add allow npm install
    --network packages.example.org`, `rules add ask rm --path 'src/**'`.
    """
    params = AddRuleParams(
        **_whose(folders, session_id),
        scope="session" if session_id else "workspace",
        effect=cast("EffectName", effect),
        program=program,
        words=list(words),
        paths=list(paths),
        network=list(network),
    )
    hub = await call.hub()
    return _tell(call, await hub.call("rules/add", params, RulesResult))


@command
@click.argument("rule", metavar="ID")
@folders_option
@session_option
async def remove(call: Invocation, rule: str, folders: tuple[str, ...], session_id: str) -> ExitCode:
    """Remove a rule; `rules list` shows its ID, of which the beginning is enough."""
    hub = await call.hub()
    whose = _whose(folders, session_id)
    held = await hub.call("rules/list", whose, RulesResult)
    fitting = [one["id"] for one in (*held["session"], *held["workspace"]) if one["id"].startswith(rule)]
    if len(fitting) != 1:
        what = "No rule begins" if not fitting else f"{len(fitting)} rules begin"
        raise UserError(
            f"{what} with {one_line(rule)}.", code="bad_rule", remedy="`draftsmith rules list` shows their ids."
        )
    return _tell(call, await hub.call("rules/remove", RemoveRuleParams(**whose, rule_id=fitting[0]), RulesResult))


def _whose(folders: tuple[str, ...], session_id: str) -> RulesOf:
    return RulesOf(session_id=session_id, folders=[] if session_id else checked_folders(folders))


def _tell(call: Invocation, found: RulesResult) -> ExitCode:
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    rows = [*_rows("session", found["session"]), *_rows("workspace", found["workspace"])]
    if not rows:
        write("No rules: commands run in the sandbox; what publishes, reaches out or destroys is asked about.")
    for text in columns(rows):
        write(text)
    return ExitCode.DONE


def _rows(scope: str, held: list[RuleInfo]) -> list[tuple[str, ...]]:
    return [(one["id"], scope, one["effect"], one_line(one["text"], 200)) for one in held]


rules.add_command(listed, "list")
rules.add_command(add)
rules.add_command(remove)
