"""A long session in a small window: room is made, what counts is kept, and the prompt's beginning stays the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e.hubs import RunningHub, Talk, calc, running
from harness.prompts import share_of_same_beginning
from harness.replies import script_of
from isolation import short_folder
from vendor.script import Asked, ScriptedCall
from vendor.server import ReceivedRequest, Script, ScriptedReply, VendorServer, load_script

STEPS = 40
WINDOW = 16_000
RULE = "Rule seven: never use tabs."
LONG = 300


@pytest.fixture
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder) as made:
        yield made


def workspace(folder: Path) -> Path:
    calc(folder)
    (folder / "AGENTS.md").write_text(RULE, "utf-8")
    for number in range(STEPS):
        lines = "".join(f"value_{line} = {line + number}\n" for line in range(LONG))
        (folder / f"module{number}.py").write_text(lines, "utf-8")
    return folder


def script(*more: dict[str, Any]) -> list[Any]:
    reads = [{"say": f"I read module {number}.", "read": {"path": f"module{number}.py"}} for number in range(STEPS)]
    edit = {"edit": {"path": "module0.py", "old": "value_0 = 0\n", "new": "value_0 = 100\n"}}
    return list(script_of("m", {"code": [reads[0], edit, *reads[1:], *more, {"finish": {"summary": "Read it all."}}]}))


async def begun(talk: Talk, server: VendorServer, folder: Path, **facts: int) -> str:
    await talk.call("models/endpoint", {"name": "own", "base_url": server.openai_url, "models": ["m"]})
    if facts:
        await talk.call("models/facts", {"model": "openai_compatible/m", "facts": facts})
    return await talk.start(workspace(folder), model="")


class Curious(Script):
    """Asks once for an output that was left out."""

    def __init__(self, replies: Sequence[ScriptedReply]) -> None:
        super().__init__(replies)
        self._asked = False

    def pick(self, asked: Asked) -> ScriptedReply | None:
        found = re.search(r'read_output\(output="(t_\w+)"\)', "\n".join(text for _, text in asked.messages))
        if found is None or self._asked:
            return super().pick(asked)
        self._asked = True
        return ScriptedReply(tool_calls=(ScriptedCall(name="read_output", arguments={"output": found[1]}),))


def coders(server: VendorServer) -> list[ReceivedRequest]:
    return [one for one in server.requests if one.asked is not None and "finish" in one.asked.tools]


async def compactions(talk: Talk, session_id: str) -> list[dict[str, Any]]:
    exported = await talk.call("session/export", {"session_id": session_id})
    found = [json.loads(one) for one in exported["events"]]
    return [one["body"] for one in found if one["kind"] == "context_compacted"]


async def test_a_long_session_stays_in_its_window_and_keeps_what_counts(hub: RunningHub, tmp_path: Path) -> None:
    async with VendorServer(script(), models=("m",)) as model, hub.connected() as talk:
        session_id = await begun(talk, model, tmp_path / "ws", context_window=WINDOW)
        await talk.until(session_id, "proposed")
        made = await compactions(talk, session_id)
        requests = coders(model)
        shown = await talk.entities(session_id)
    assert len(made) >= 2, "the window was never full: the test shows nothing"
    assert all(one["after_tokens"] < one["before_tokens"] for one in made)
    assert any(one["folded_until"] for one in made)
    assert any(one["title"] == "Conversation shortened" for (kind, _), one in shown.items() if kind == "step")
    for request in requests:
        sent = json.dumps(request.body["messages"], ensure_ascii=False)
        assert len(sent) / 3.3 < WINDOW, "the request is longer than the model reads"
        assert RULE in sent
    last = json.dumps(requests[-1].body["messages"], ensure_ascii=False)
    assert "module0.py" in last
    assert "value_0 = 100" not in last, "the test's own words: the edit's text was told in short"
    assert "changed: module0.py" in last
    share, shortened = share_of_same_beginning(requests)
    assert shortened == len(made)
    assert share >= 0.95


async def test_a_model_that_reads_less_than_was_thought_is_told_less(hub: RunningHub, tmp_path: Path) -> None:
    replies = script()
    place = next(number for number, one in enumerate(replies) if one["text"] == "I read module 20.")
    replies.insert(place, {"behaviour": "context_overflow", "when": {"tool": "finish"}})
    async with VendorServer(replies, models=("m",)) as model, hub.connected() as talk:
        session_id = await begun(talk, model, tmp_path / "ws")
        await talk.until(session_id, "proposed")
        made = await compactions(talk, session_id)
        refused = next(n for n, one in enumerate(coders(model)) if one.outcome == "refused")
        sizes = [len(json.dumps(one.body)) for one in coders(model)]
    assert made
    assert sizes[refused + 1] < sizes[refused] * 0.7


async def test_an_output_that_was_left_out_can_be_had_again(hub: RunningHub, tmp_path: Path) -> None:
    async with VendorServer(Curious(load_script(script()).replies), models=("m",)) as model, hub.connected() as talk:
        session_id = await begun(talk, model, tmp_path / "ws", context_window=WINDOW)
        await talk.until(session_id, "proposed")
        sent = [message for request in coders(model) for message in request.body["messages"]]
    answers = [one["content"] for one in sent if one["role"] == "tool" and one.get("name") == "read_output"]
    assert "value_299" in answers[0]
