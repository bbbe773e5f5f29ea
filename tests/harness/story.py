"""What the user of a case does, step by step. Each step is one of the functions below, by its name:

    - until: proposed                                   # a status, `over`, or a mapping: see `until`
    - write: {calc.py: "…"}                             # the user's own edit in the workspace
    - accept: all | [calc.py, "calc.py#2"]              # hunks: all of a file, or its nth
    - answer: approve | {answer: reject, text: why}     # the open question
    - cancel | undo | reject | edit_hunk | edit_plan | message | resume | restore | fork | offer_key | rule | expect

A step may say `session:` (default: the first), `as:` (the client) and `refused:` (words of the refusal that must come).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from draftsmith.client.messages import DecideResult, EditPlanResult, EditResult, PlanText, RulesResult, SessionRef
from draftsmith.domain.errors import UserError
from harness.expectations import check
from harness.play import FIRST_CLIENT, SECRET, Play, offer_key
from harness.watcher import Watcher
from harness.workspace import lay_out, read_all

Step = Callable[[Play, Watcher, str, Any], Awaitable[None]]

OVER = ("proposed", "finished", "stopped", "cancelled")
_MODIFIERS = ("session", "as", "refused")


async def tell(play: Play, steps: Sequence[Mapping[str, Any]]) -> None:
    """Does the steps one after another."""
    for raw in steps:
        [(name, value)] = [(key, value) for key, value in raw.items() if key not in _MODIFIERS]
        watcher = play.session(raw.get("session"))
        await _do(STEPS[name], play, watcher, raw.get("as", FIRST_CLIENT), value, raw.get("refused"))


async def _do(step: Step, play: Play, watcher: Watcher, client: str, value: object, refused: str | None) -> None:
    said = ""
    try:
        await step(play, watcher, client, value)
    except UserError as refusal:
        said = str(refusal)
    assert bool(said) == bool(refused), f"refused with {said!r} instead of {refused!r}\n{play.describe()}"
    assert (refused or "") in said, f"refused with other words: {said}"


async def until(play: Play, watcher: Watcher, _client: str, value: Any) -> None:
    """A status; `over`; or what is seen of one thing, as `{step: {title: …, text: …}}`, where texts are contained,
    `{hunks: status}` for all hunks, or `{disconnected: n}` at the vendor."""
    await watcher.catch_up(await play.client())
    if value == "over":
        await watcher.until(lambda: watcher.status in OVER, "the end of the session")
    elif isinstance(value, str):
        await watcher.until(lambda: watcher.status in (value, *OVER), f"status {value!r}")
        assert watcher.status == value, watcher.describe()
    elif "hunks" in value:
        await watcher.until(lambda: _all_hunks(watcher, value["hunks"]), f"hunks {value['hunks']}")
    elif "disconnected" in value:
        await _disconnected(play, value["disconnected"])
    else:
        [(kind, fields)] = value.items()
        await watcher.until(lambda: any(_like(one, fields) for one in watcher.entities(kind)), f"{kind} {fields}")


def _all_hunks(watcher: Watcher, status: str) -> bool:
    hunks = watcher.entities("hunk")
    return bool(hunks) and all(hunk["status"] == status for hunk in hunks)


async def _disconnected(play: Play, count: int) -> None:
    """Every request that the vendor has got comes to its end, and so many by the client's going away."""
    for request in play.vendor.requests:
        await request.done.wait()
    found = [request.outcome for request in play.vendor.requests]
    assert found.count("disconnected") == count, found


def _like(entity: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return all(str(wanted) in str(entity[name]) for name, wanted in fields.items())


async def write(play: Play, _watcher: Watcher, _client: str, value: Any) -> None:
    """The user changes files of the workspace."""
    lay_out(play.files_folder, value)
    now = read_all(play.files_folder)
    play.left_alone = {name: state for name, state in play.left_alone.items() if name not in value}
    play.left_alone |= {name: now[name] for name in value if name in now}


async def answer(play: Play, watcher: Watcher, client: str, value: Any) -> None:
    """Answers the open question, or the last answered one when a second client is late."""
    await watcher.catch_up(await play.client())
    said = {"answer": value} if isinstance(value, str) else value
    questions = watcher.entities("decision")
    open_ones = [one for one in questions if one["state"] == "open"]
    assert questions, f"nothing was asked\n{play.describe()}"
    decision = (open_ones or questions)[-1]["id"]
    params = {"session_id": watcher.session_id, "decision_id": decision, **said}
    await (await play.client(client)).acknowledge("decision/answer", params)


async def edit_plan(play: Play, watcher: Watcher, client: str, value: Mapping[str, str] | str) -> None:
    """The user's own plan as text, or `{replace: what, by: what}` in the one that is read."""
    hub = await play.client(client)
    found = await hub.call("plan/read", {"session_id": watcher.session_id}, PlanText)
    text = value if isinstance(value, str) else found["text"].replace(value["replace"], value["by"])
    assert text != found["text"], f"nothing was edited in {found['text']!r}"
    params = {"session_id": watcher.session_id, "decision_id": found["decision_id"] or "none", "text": text}
    await hub.call("plan/edit", params, EditPlanResult)


async def accept(play: Play, watcher: Watcher, client: str, value: Any) -> None:
    await _decide(play, watcher, client, "proposal/accept", value)


async def reject(play: Play, watcher: Watcher, client: str, value: Any) -> None:
    await _decide(play, watcher, client, "proposal/reject", value)


async def _decide(play: Play, watcher: Watcher, client: str, method: Any, value: Any) -> None:
    await watcher.catch_up(await play.client())
    params = {"session_id": watcher.session_id, "hunk_ids": _chosen(watcher, value)}
    await (await play.client(client)).call(method, params, DecideResult)


def _chosen(watcher: Watcher, value: str | Sequence[str]) -> list[str]:
    hunks = watcher.entities("hunk")
    if value == "all":
        return [hunk["id"] for hunk in hunks]
    chosen: list[str] = []
    for name in value:
        path, _, number = name.partition("#")
        of_file = [hunk["id"] for hunk in hunks if hunk["path"] == path]
        assert of_file, f"the proposal has no hunk in {path}: {[hunk['path'] for hunk in hunks]}"
        chosen += [of_file[int(number) - 1]] if number else of_file
    return chosen


async def edit_hunk(play: Play, watcher: Watcher, client: str, value: Mapping[str, str]) -> None:
    """`{hunk: a.txt, text: …}`: what the hunk is to write instead."""
    await watcher.catch_up(await play.client())
    [hunk_id] = _chosen(watcher, [value["hunk"]])
    params = {"session_id": watcher.session_id, "hunk_id": hunk_id, "text": value["text"]}
    await (await play.client(client)).call("proposal/edit", params, EditResult)


async def undo(play: Play, watcher: Watcher, client: str, _value: Any) -> None:
    """Takes the last apply back."""
    await (await play.client(client)).call("proposal/undo", {"session_id": watcher.session_id}, DecideResult)


async def cancel(play: Play, watcher: Watcher, client: str, _value: Any) -> None:
    await (await play.client(client)).acknowledge("session/cancel", {"session_id": watcher.session_id})


async def message(play: Play, watcher: Watcher, client: str, value: str) -> None:
    params = {"session_id": watcher.session_id, "text": value}
    await (await play.client(client)).acknowledge("session/message", params)


async def resume(play: Play, watcher: Watcher, client: str, value: Mapping[str, Any] | None) -> None:
    """With other limits, perhaps: `{limits: {steps: 20}}`."""
    params = {"session_id": watcher.session_id, **(value or {})}
    await (await play.client(client)).acknowledge("session/resume", params)


async def restore(play: Play, watcher: Watcher, client: str, value: str) -> None:
    """The draft goes back to the newest checkpoint whose label contains the text."""
    params = {"session_id": watcher.session_id, "checkpoint_id": await _checkpoint(play, watcher, value)}
    await (await play.client(client)).acknowledge("session/restore", params)


async def fork(play: Play, watcher: Watcher, client: str, value: Mapping[str, str]) -> None:
    """`{to: name of the new session, at: label of a checkpoint, request: …}`."""
    params = {"session_id": watcher.session_id}
    if "at" in value:
        params["checkpoint_id"] = await _checkpoint(play, watcher, value["at"])
    if "request" in value:
        params["request"] = value["request"]
    forked = await (await play.client(client)).call("session/fork", params, SessionRef)
    await play.watch(value["to"], forked["session_id"])


async def _checkpoint(play: Play, watcher: Watcher, label: str) -> str:
    await watcher.catch_up(await play.client())
    found = [point["id"] for point in watcher.entities("checkpoint") if label in point["label"]]
    assert found, f"no checkpoint {label!r} in {[point['label'] for point in watcher.entities('checkpoint')]}"
    return str(found[-1])


async def offer(play: Play, _watcher: Watcher, client: str, value: Mapping[str, str] | None) -> None:
    """A client hands over a key, by default the right one."""
    given = value or {}
    key = given.get("value", play.case.key or SECRET)
    await offer_key(play, await play.client(client), key, label=given.get("label", "scenario"))


async def rule(play: Play, watcher: Watcher, client: str, value: Mapping[str, Any]) -> None:
    """A rule on commands: `{scope: workspace, effect: deny, program: git, words: [push]}`."""
    params = {"session_id": watcher.session_id, **value}
    await (await play.client(client)).call("rules/add", params, RulesResult)


async def expect(play: Play, watcher: Watcher, _client: str, value: Mapping[str, Any]) -> None:
    await check(play, watcher, value)


STEPS: Mapping[str, Step] = {
    "until": until,
    "write": write,
    "answer": answer,
    "edit_plan": edit_plan,
    "accept": accept,
    "reject": reject,
    "edit_hunk": edit_hunk,
    "undo": undo,
    "cancel": cancel,
    "message": message,
    "resume": resume,
    "restore": restore,
    "fork": fork,
    "offer_key": offer,
    "rule": rule,
    "expect": expect,
}
