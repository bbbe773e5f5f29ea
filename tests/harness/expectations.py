"""What must hold of a case, at its end or in the middle of its story.

    status: finished
    stopped: {category: budget, reason: part of it}
    events: [plan_proposed, {task_finished: {outcome: done}}]  # in this order, others may stand between
    absent: [plan_proposed]
    files: {calc.py: "…"}       # of the workspace; every file not named holds what the user last gave it
    diff: |                     # of the proposal: path:line of the base, then the lines
    hunks: {calc.py: [on_disk, rejected]}; change: {calc.py: modify}
    tasks: {t1: done}; gates: {tests: passed}; findings: […]; checkpoints: […]; usage: {model_calls: 3}
    summary, verified, unverified, asked: texts that must be said there
    told: [{role: code, text: …}]; untold: […]      # what the scripted model was sent
    models: {openai_compatible/x: 4}

Texts are contained, also in lists; a text that begins with `=` is meant exactly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from draftsmith.client.messages import EntityKind, HunkTextsResult
from harness.play import Play
from harness.replies import role_of
from harness.watcher import Entities, Watcher
from harness.workspace import FileState, Raw, read_all, state_of

Check = Callable[[Play, Watcher, Any], Awaitable[None]]


async def check(play: Play, watcher: Watcher, expected: Mapping[str, Any]) -> None:
    """Raises AssertionError with how things stand. Files are compared even when none is named."""
    await watcher.catch_up(await play.client())
    try:
        for name, value in {"files": {}, **expected}.items():
            await CHECKS[name](play, watcher, value)
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n\n{play.describe()}\n\n{failure}") from None


def says(found: object, wanted: object) -> bool:
    """Whether a value is the wanted one; a text may be longer."""
    if isinstance(found, Mapping) and "preview" in found and isinstance(wanted, str):
        found = found["preview"]
    if isinstance(wanted, str) and isinstance(found, str):
        return found == wanted[1:] if wanted.startswith("=") else wanted in found
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(name in found and says(found[name], value) for name, value in wanted.items())
    if isinstance(found, list) and isinstance(wanted, str):
        return any(says(one, wanted) for one in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(says, found, wanted))
    return found == wanted


# --- the session ---


async def _status(_play: Play, watcher: Watcher, value: str) -> None:
    assert watcher.status == value, f"the session is {watcher.status}, not {value}"


async def _stopped(_play: Play, watcher: Watcher, value: Mapping[str, str]) -> None:
    found = watcher.session.get("stopped")
    assert says(found, value), f"stopped: {found}"


def _session_text(name: str) -> Check:
    async def look(_play: Play, watcher: Watcher, value: str | list[str]) -> None:
        found = watcher.session[name]
        for wanted in [value] if isinstance(value, str) else value:
            assert says(found, wanted), f"{name} does not say {wanted!r}: {found!r}"

    return look


async def _asked(_play: Play, watcher: Watcher, value: list[str]) -> None:
    prompts = [one["prompt"] for one in watcher.entities("decision")]
    assert says(prompts, value), f"asked: {prompts}"


async def _events(play: Play, watcher: Watcher, value: Sequence[str | Mapping[str, Any]]) -> None:
    events = await watcher.events(await play.client())
    left = iter(events)
    for wanted in value:
        kind, fields = (wanted, {}) if isinstance(wanted, str) else next(iter(wanted.items()))
        found = any(one["kind"] == kind and says(one["body"], fields) for one in left)
        assert found, f"no {kind} {fields} after the ones before it, in: {_kinds(events)}"


async def _absent(play: Play, watcher: Watcher, value: Sequence[str]) -> None:
    events = await watcher.events(await play.client())
    found = {one["kind"] for one in events} & set(value)
    assert not found, f"these were not to happen: {sorted(found)}"


def _kinds(events: Entities) -> str:
    return ", ".join(one["kind"] for one in events)


# --- the workspace and the proposal ---


async def _files(play: Play, _watcher: Watcher, value: Mapping[str, Raw]) -> None:
    wanted: dict[str, FileState] = {**play.left_alone}
    for name, raw in value.items():
        wanted.pop(name, None)
        if raw is not None:
            wanted[name] = state_of(raw)
    found = read_all(play.files_folder)
    wrong = [
        f"{name}: {found.get(name)} is not {wanted.get(name)}"
        for name in sorted(found | wanted)
        if found.get(name) != wanted.get(name)
    ]
    assert not wrong, "files of the workspace:\n" + "\n".join(wrong)


async def _diff(play: Play, watcher: Watcher, value: str) -> None:
    params = {"session_id": watcher.session_id}
    result = await (await play.client()).call("proposal/hunks", params, HunkTextsResult)
    lines: list[str] = []
    for hunk in result["hunks"]:
        lines.append(f"{hunk['path']}:{hunk['base_start']}")
        lines += (f"-{line}" for line in hunk["before"].splitlines())
        lines += (f"+{line}" for line in hunk["after"].splitlines())
    assert lines == value.splitlines(), "the proposal is:\n" + "\n".join(lines)


async def _hunks(_play: Play, watcher: Watcher, value: Mapping[str, list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for hunk in watcher.entities("hunk"):
        found.setdefault(hunk["path"], []).append(hunk["status"])
    assert found == value, f"hunks: {found}"


async def _notes(_play: Play, watcher: Watcher, value: str) -> None:
    found = [hunk["note"] for hunk in watcher.entities("hunk")]
    assert says(found, value), f"notes of hunks: {found}"


def _by_name(kind: EntityKind, name: str, field: str) -> Check:
    async def look(_play: Play, watcher: Watcher, value: Mapping[str, str]) -> None:
        found = {one[name]: one[field] for one in watcher.entities(kind)}
        wrong = {key: found.get(key) for key in value if not says(found.get(key), value[key])}
        assert not wrong, f"{kind}: {wrong} of {found}"

    return look


def _list(kind: EntityKind, field: str) -> Check:
    async def look(_play: Play, watcher: Watcher, value: list[str]) -> None:
        found = [one[field] for one in watcher.entities(kind)]
        assert says(found, value), f"{kind}: {found}"

    return look


async def _usage(_play: Play, watcher: Watcher, value: Mapping[str, int]) -> None:
    found = watcher.entities("usage")[0]
    assert says(found, value), f"usage: {found}"


# --- the model ---


async def _told(play: Play, _watcher: Watcher, value: Sequence[Mapping[str, str]]) -> None:
    for wanted in value:
        assert _was_told(play, wanted), f"no {wanted.get('role', 'model')} was told {wanted['text']!r}; {_heard(play)}"


async def _untold(play: Play, _watcher: Watcher, value: Sequence[Mapping[str, str]]) -> None:
    for wanted in value:
        assert not _was_told(play, wanted), f"a model was told {wanted['text']!r}"


def _was_told(play: Play, wanted: Mapping[str, str]) -> bool:
    for request in play.vendor.requests:
        asked = request.asked
        if asked is None or wanted.get("role", role_of(asked)) != role_of(asked):
            continue
        texts = [asked.system] if wanted.get("by") == "system" else []
        texts += (text for role, text in asked.messages if wanted.get("by", role) == role)
        if any(wanted["text"] in text for text in texts):
            return True
    return False


def _heard(play: Play) -> str:
    """The last request of each role, for the report."""
    last = {role_of(one.asked): one.asked for one in play.vendor.requests if one.asked is not None}
    parts = [
        f"{role}: " + "\n".join(f"[{who}] {text[:1_500]}" for who, text in one.messages[1:])
        for role, one in last.items()
    ]
    return "the last requests were\n" + "\n\n".join(parts)


CHECKS: Mapping[str, Check] = {
    "status": _status,
    "stopped": _stopped,
    "summary": _session_text("summary"),
    "verified": _session_text("verified"),
    "unverified": _session_text("unverified"),
    "skipped": _session_text("skipped"),
    "asked": _asked,
    "events": _events,
    "absent": _absent,
    "files": _files,
    "diff": _diff,
    "hunks": _hunks,
    "notes": _notes,
    "change": _by_name("file", "path", "change"),
    "tasks": _by_name("task", "id", "status"),
    "gates": _by_name("gate", "gate", "verdict"),
    "findings": _list("finding", "message"),
    "checkpoints": _list("checkpoint", "label"),
    "usage": _usage,
    "told": _told,
    "untold": _untold,
}
