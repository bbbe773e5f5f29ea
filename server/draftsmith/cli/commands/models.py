"""`draftsmith models`: what can be used, and what the user decides about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from draftsmith.cli import amounts
from draftsmith.cli.command import command
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.invocation import Invocation, run
from draftsmith.cli.models.adding import checked_models
from draftsmith.cli.models.keys import keep, kept_words, key
from draftsmith.cli.models.listing import list_models
from draftsmith.cli.models.pins import try_
from draftsmith.cli.models.secrets import read_secret
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import EndpointInfo, MethodName, ModelSettingsResult, OwnFactsInfo
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = ("plan", "code", "critique", "quick")


@click.group(invoke_without_command=True)
@click.option("--json", "json", is_flag=True, help="Write JSON for scripts, errors too (on standard error).")
@click.pass_context
def models(context: click.Context, json: bool) -> None:
    """Which models work for you: by itself what can be used, how it does, and which each role would get."""
    if context.invoked_subcommand is None:
        call = Invocation(json=json)
        sys.exit(run(call, list_models(call)))


@command
async def settings(call: Invocation) -> ExitCode:
    """What you decided about models."""
    return _tell(call, await _ask(call, "models/settings", {}))


@command
@click.argument("name")
@click.argument("address", metavar="URL")
@click.option("--model", "names", multiple=True, metavar="NAME", help="A model that it serves; may be repeated.")
@click.option("--key", "with_key", is_flag=True, help="It wants a key: asked for, or read from standard input.")
@click.option("--unchecked", is_flag=True, help="Add it without looking whether it answers.")
async def add(
    call: Invocation, name: str, address: str, names: tuple[str, ...], with_key: bool, unchecked: bool
) -> ExitCode:
    """Add an OpenAI-compatible endpoint, or change the one called NAME.

    It is looked at first. Without --model you are told what it serves; when that is one model, it is taken.
    """
    value = await read_secret(name) if with_key else ""
    hub = await call.hub()
    chosen = list(names) if unchecked else await checked_models(hub, name, address, list(names), value)
    endpoint = EndpointInfo(name=name, base_url=address, models=chosen)
    found = await hub.call("models/endpoint", endpoint, ModelSettingsResult)
    if value:
        kept = await keep(hub, name, value)
        if not call.json:
            write(kept_words(name, kept))
    return _tell(call, found)


@command
@click.argument("name")
async def remove(call: Invocation, name: str) -> ExitCode:
    """Forget the endpoint NAME."""
    return _tell(call, await _ask(call, "models/forget", {"name": name}))


@command
@click.argument("role", type=click.Choice(ROLES))
@click.argument("names", nargs=-1, metavar="[MODEL]...")
async def order(call: Invocation, role: str, names: tuple[str, ...]) -> ExitCode:
    """Which models take ROLE, first choice first; without any, one is chosen for each request."""
    return _tell(call, await _ask(call, "models/order", {"role": role, "models": list(names)}))


@command
@click.argument("preference", type=click.Choice(("best", "balanced", "cheap", "local")))
async def prefer(call: Invocation, preference: str) -> ExitCode:
    """What counts when a model is chosen for a request."""
    return _tell(call, await _ask(call, "models/prefer", {"preference": preference}))


@command
@click.argument("model")
@click.option("--window", type=click.IntRange(min=1), help="Tokens that it reads and writes together.")
@click.option("--output", type=click.IntRange(min=1), help="Tokens that it writes at most.")
@click.option("--input-price", metavar="DOLLARS", help="For a million tokens read.")
@click.option("--output-price", metavar="DOLLARS", help="For a million tokens written.")
@click.option("--cached-price", metavar="DOLLARS", help="For a million tokens read from the vendor's cache.")
@click.option("--reasoning-price", metavar="DOLLARS", help="For a million tokens of reasoning, where it differs.")
@click.option("--tools/--no-tools", default=None, help="Whether it calls tools.")
@click.option("--images/--no-images", default=None, help="Whether it reads images.")
@click.option("--json-schema/--no-json-schema", default=None, help="Whether it keeps to a JSON schema that is sent.")
@click.option("--forget", is_flag=True, help="Take your facts of it back.")
async def facts(
    call: Invocation,
    model: str,
    window: int | None,
    output: int | None,
    input_price: str | None,
    output_price: str | None,
    cached_price: str | None,
    reasoning_price: str | None,
    tools: bool | None,
    images: bool | None,
    json_schema: bool | None,
    forget: bool,
) -> ExitCode:
    """Say what MODEL is like where it is not known, or known wrongly. What is left out stays as known."""
    given: OwnFactsInfo | None = None
    if not forget:
        given = OwnFactsInfo(
            context_window=window,
            output_limit=output,
            input_rate=_money(input_price),
            output_rate=_money(output_price),
            cached_rate=_money(cached_price),
            reasoning_rate=_money(reasoning_price),
            tools=tools,
            images=images,
            json_schema=json_schema,
        )
        if all(value is None for value in given.values()):
            remedy = "Give a window, a price or an ability."
            raise UserError("Nothing is said of the model.", code="usage", remedy=remedy)
    return _tell(call, await _ask(call, "models/facts", {"model": model, "facts": given}))


@command
@click.argument("model")
@click.argument("version", required=False)
async def pin(call: Invocation, model: str, version: str | None) -> ExitCode:
    """Let requests for MODEL go to VERSION of it; without VERSION to the one that is shipped as pinned."""
    return _tell(call, await _ask(call, "models/pin", {"model": model, "pinned": version}))


@command
@click.argument("model")
async def unpin(call: Invocation, model: str) -> ExitCode:
    """Take the last pin of MODEL back: requests go to what they went to before it."""
    return _tell(call, await _ask(call, "models/unpin", {"model": model}))


@command
@click.argument("scope", type=click.Choice(("day", "month", "key")))
@click.argument("amount", metavar="DOLLARS|none")
@click.option("--key", "label", default="", metavar="LABEL", help="Which key, for scope `key`.")
async def limit(call: Invocation, scope: str, amount: str, label: str) -> ExitCode:
    """A hard limit on what all sessions together may spend: in a day, a month, or a month with one key (UTC)."""
    money = None if amount == "none" else _money(amount)
    return _tell(call, await _ask(call, "models/limit", {"scope": scope, "label": label, "limit_nano_usd": money}))


async def _ask(call: Invocation, method: MethodName, params: Mapping[str, object]) -> ModelSettingsResult:
    hub = await call.hub()
    return await hub.call(method, params, ModelSettingsResult)


def _money(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return amounts.nano_usd(text)
    except ValueError as error:
        raise UserError(f"{error}.", code="usage", remedy="For example 0.25.") from error


def _tell(call: Invocation, found: ModelSettingsResult) -> ExitCode:
    if call.json:
        write_json({**found})
        return ExitCode.DONE
    rows = [("preference", found["preference"])]
    rows += [
        ("endpoint", f"{one['name']}: {one['base_url']} ({', '.join(one.get('models', ())) or 'no model named yet'})")
        for one in found["endpoints"]
    ]
    rows += [(f"order of {one['role']}", ", ".join(one["models"])) for one in found["order"]]
    rows += [("facts", f"{one['model']}: {_facts(one['facts'])}") for one in found["facts"]]
    rows += [("pinned", f"{one['model']} to {one['pinned']}") for one in found["pins"]]
    rows += [
        (f"limit a {one['scope']}", f"{amounts.dollars(one['limit_nano_usd'])} {one['label']}".rstrip())
        for one in found["limits"]
    ]
    rows += [("key in the keyring", one) for one in found.get("keys", [])]
    for text in columns([(name, one_line(value)) for name, value in rows]):
        write(text)
    return ExitCode.DONE


def _facts(held: OwnFactsInfo) -> str:
    def price(value: int | None, what: str) -> str:
        return "" if value is None else f"{amounts.dollars(value)} {what}"

    window, output = held.get("context_window"), held.get("output_limit")
    said = [
        f"window {window:,}" if window else "",
        f"output {output:,}" if output else "",
        price(held.get("input_rate"), "in"),
        price(held.get("output_rate"), "out"),
        price(held.get("cached_rate"), "cached"),
        price(held.get("reasoning_rate"), "reasoning"),
        *(_ability(held.get(name), name) for name in ("tools", "images", "json_schema", "reasoning")),
    ]
    return ", ".join(part for part in said if part)


def _ability(has: object, name: str) -> str:
    words = name.replace("_", " ")
    return "" if has is None else words if has else f"no {words}"


for _command in (settings, add, remove, key, order, prefer, facts, try_, pin, unpin, limit):
    models.add_command(_command)
