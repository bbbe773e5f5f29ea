"""`draftsmith models` by itself: what can be used, how it is, and which of it each role would get."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from draftsmith.cli import amounts
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import columns, write, write_json
from draftsmith.cli.untrusted import one_line
from draftsmith.client.credentials import model_in
from draftsmith.client.messages import HealthInfo, ModelInfo, ModelsResult, RatesInfo, RecordInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from draftsmith.cli.invocation import Invocation

_WAIT_SECONDS = 90.0
_INDENT = "    "


async def list_models(call: Invocation) -> ExitCode:
    """Exit code 3 when there is no model."""
    found = await known_models(call)
    if call.json:
        write_json({**found})
    else:
        for line in model_lines(found):
            write(line)
    return ExitCode.DONE if found["models"] else ExitCode.NOTHING_TO_DO


async def known_models(call: Invocation) -> ModelsResult:
    """What the hub's runner finds, with the model that this environment names."""
    hub = await call.hub()
    named = model_in(os.environ)
    also = [named] if named else []
    return await hub.call("models/list", {"also": also}, ModelsResult, within=_WAIT_SECONDS)


def model_lines(found: ModelsResult) -> Iterator[str]:
    """The whole answer for people."""
    if not found["models"]:
        yield "There is no model that can be used."
        yield ""
        yield from found.get("guide", "").splitlines()
        return
    for model in found["models"]:
        yield from _model(model)
        yield ""
    rows = [(one["role"], _taken(one["model"], one.get("endpoint", "")), one["reason"]) for one in found["choices"]]
    yield "A request of usual size would go to"
    yield from columns([(f"  {role}", one_line(model), one_line(reason, 300)) for role, model, reason in rows])


def _taken(model: str, endpoint: str) -> str:
    if not model:
        return "none"
    return f"{model} ({endpoint})" if endpoint else model


def _model(model: ModelInfo) -> Iterator[str]:
    where = f"{model['endpoint']}" + (f", {model['origin']}" if model["origin"] != model["endpoint"] else "")
    yield one_line(f"{model['model']}  ({where})", 300)
    if model["sent_as"] != model["model"]:
        yield one_line(f"{_INDENT}pinned to {model['sent_as']}", 300)
    if newer := model.get("newer", []):
        yield one_line(f"{_INDENT}newer: {', '.join(newer)}; try it with `draftsmith models try {newer[0]}`", 300)
    window, output = model["context_window"], model["output_limit"]
    sizes = f"window {window:,}" if window else "window unknown"
    sizes += f", output {output:,}" if output else ""
    yield f"{_INDENT}{sizes}; {_price(model['rates'], local=model['local'])}"
    abilities = [one["name"].replace("_", " ") for one in model["abilities"] if one["has"]]
    lacking = [one["name"].replace("_", " ") for one in model["abilities"] if not one["has"]]
    if abilities or lacking:
        without = f"; without {', '.join(lacking)}" if lacking else ""
        yield f"{_INDENT}{', '.join(abilities) or 'nothing special'}{without}"
    yield f"{_INDENT}{_health(model['health'])}"
    for record in model.get("record", []):
        yield f"{_INDENT}{_record(record)}"


def _price(rates: RatesInfo, *, local: bool) -> str:
    """What is not known is said to be unknown."""
    if local:
        return "free, on this machine"
    if rates["input"] is None or rates["output"] is None:
        return "price unknown"
    cached = f", {amounts.dollars(rates['cached'])} cached" if rates["cached"] is not None else ""
    return f"{amounts.dollars(rates['input'])} in, {amounts.dollars(rates['output'])} out{cached} a million tokens"


def _health(health: HealthInfo) -> str:
    state = {
        "untried": "not called yet",
        "closed": "answers",
        "half_open": "being tried again after failures",
        "open": "left alone for a while after failures",
        "refused": "refused for good",
    }[health["state"]]
    failure = f" ({health.get('last_failure')})" if health["state"] not in ("untried", "closed") else ""
    left = [
        f"{one['left']:,}{_of(one['limit'])} {one['unit']} left for {amounts.duration(one['resets_in_ms'])}"
        for one in health.get("allowances", [])
    ]
    return "; ".join((f"{state}{failure}", *left))


def _of(limit: int | None) -> str:
    return f" of {limit:,}" if limit else ""


def _record(one: RecordInfo) -> str:
    said = [f"{one['good_tasks']} of {amounts.count(one['tasks'], 'task')} went well"] if one["tasks"] else []
    if one["gates"]:
        said.append(f"{one['passed_gates']} of {amounts.count(one['gates'], 'gate')} passed")
    said += [f"{edit['good']} of {edit['tried']} {edit['format']} edits fitted" for edit in one.get("edits", [])]
    if one["tool_calls"]:
        valid = one["tool_calls"] - one["invalid_tool_calls"]
        said.append(f"{valid} of {amounts.count(one['tool_calls'], 'tool call')} valid")
    if (first := one.get("first_token_ms")) is not None:
        said.append(f"first token after {amounts.duration(first)}")
    if (speed := one.get("tokens_a_minute")) is not None:
        said.append(f"{speed / 60:.0f} tokens a second")
    said.append(amounts.cost(one["cost_nano_usd"], one["unpriced_calls"]))
    return f"{one['role']}: {', '.join(said)}"
