"""Titles, commit messages and summaries by the quick role: to a schema, within budgets, and never needed."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e.hubs import WAIT_S, RunningHub, Talk, calc, replies, running
from e2e.models.test_context import RULE, coders, compactions, script, workspace
from e2e.models.test_pins import draftsmith
from isolation import short_folder
from vendor.server import ReceivedRequest, VendorServer

NAME, CHEAP = "openai_compatible/m", "openai_compatible/q"
OF_PROPOSAL, OF_DIGEST = "You name a finished change", "You shorten the notes"
WRITTEN = {"title": "Add adds.", "subject": "Let add add", "body": "It took one from the other.\n\nThe test says so."}
DESCRIBES = {"when": {"system": OF_PROPOSAL}, "text": json.dumps(WRITTEN), "times": 0}


@pytest.fixture
def hub() -> Iterator[RunningHub]:
    environment = {**os.environ, "DRAFTSMITH_RUNNER_QUICK": "on"}
    with short_folder("ds-") as folder, running(folder, environment=environment) as made:
        yield made


def vendor(*quick: dict[str, Any]) -> VendorServer:
    return VendorServer({"replies": [*quick, *replies()["replies"]]})


async def endpoint(talk: Talk, server: VendorServer, *models: str) -> None:
    await talk.call("models/endpoint", {"name": "work", "base_url": server.openai_url, "models": list(models)})


async def proposed(talk: Talk, folder: Path, **more: Any) -> tuple[str, dict[str, Any]]:
    session_id = await talk.start(calc(folder), model="", **more)
    return session_id, await talk.until(session_id, "proposed")


def asked(server: VendorServer, system: str) -> list[ReceivedRequest]:
    return [one for one in server.requests if one.asked is not None and one.asked.system.startswith(system)]


async def test_a_proposal_gets_a_title_and_a_commit_message_by_a_schema(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor(DESCRIBES) as model, hub.connected() as talk:
        await endpoint(talk, model, "m")
        session_id, session = await proposed(talk, tmp_path / "ws")
        assert session["title"] == "Add adds"
        assert session["commit_message"] == f"{WRITTEN['subject']}\n\n{WRITTEN['body']}"
        assert session["described_by"] == NAME
        (request,) = asked(model, OF_PROPOSAL)
        assert request.body["response_format"]["json_schema"]["schema"]["required"] == ["title", "subject", "body"]
        sent = request.body["messages"][-1]["content"]
        assert "Mend add" in sent
        assert "+    return a + b" in sent
        code, out, _ = await draftsmith(hub, "show", session_id)
        assert code == 0
        assert "Commit message (by openai_compatible/m)\n  Let add add\n\n  It took one" in out
        by_role = (await talk.call("usage/read", {"by": "role", "session_id": session_id}))["lines"]
        assert next(one for one in by_role if one["name"] == "quick")["figures"]["calls"] == 1
        listed = (await talk.call("models/list", {"local": False}))["models"][0]["record"]
        quick = next(one for one in listed if one["role"] == "quick")
        assert (quick["tasks"], quick["good_tasks"]) == (1, 1)


@pytest.mark.parametrize("reply", [{"behaviour": "bad_request"}, {"text": "Gladly!"}, {"text": '{"subject": ""}'}])
async def test_without_a_usable_reply_the_commit_message_is_made_by_rule(
    hub: RunningHub, tmp_path: Path, reply: dict[str, Any]
) -> None:
    async with vendor({**reply, "when": {"system": OF_PROPOSAL}, "times": 0}) as model, hub.connected() as talk:
        await endpoint(talk, model, "m")
        _, session = await proposed(talk, tmp_path / "ws")
        assert session["commit_message"] == "Mend add\n\nadd adds"
        assert session["described_by"] == ""
        assert len(asked(model, OF_PROPOSAL)) == 1


async def test_short_texts_go_to_the_users_model_for_them_and_never_past_a_budget(
    hub: RunningHub, tmp_path: Path
) -> None:
    async with vendor({**DESCRIBES, "when": {"model": "q"}}) as model, hub.connected() as talk:
        await endpoint(talk, model, "m", "q")
        for role, name in (("plan", NAME), ("code", NAME), ("critique", NAME), ("quick", CHEAP)):
            await talk.call("models/order", {"role": role, "models": [name]})
        rates = {"input_rate": 10**6, "output_rate": 10**6}
        for name in (NAME, CHEAP):
            await talk.call("models/facts", {"model": name, "facts": rates})
        _, session = await proposed(talk, tmp_path / "one", limits={"nano_usd": 10**9})
        assert session["described_by"] == CHEAP
        assert {one.body["model"] for one in asked(model, OF_PROPOSAL)} == {"q"}
        dear = {"input_rate": 10**15 // 10, "output_rate": 10**15 // 10}
        await talk.call("models/facts", {"model": CHEAP, "facts": dear})
        session_id, session = await proposed(talk, tmp_path / "two", limits={"nano_usd": 10**9})
        assert session["described_by"] == ""
        assert session["commit_message"]
        assert len(asked(model, OF_PROPOSAL)) == 1
        await talk.call("models/facts", {"model": CHEAP, "facts": None})
        _, session = await proposed(talk, tmp_path / "three", limits={"nano_usd": 10**9})
        assert session["described_by"] == "", "a model without a known price was asked under a budget"
        usage = (await talk.entities(session_id))["usage", session_id]
        assert usage["cost_nano_usd"] <= 10**9


SILENT = {"when": {"system": OF_PROPOSAL}, "behaviour": "stall_before"}


async def being_described(talk: Talk, server: VendorServer, folder: Path) -> str:
    """A session whose commit message is being waited for."""
    await endpoint(talk, server, "m")
    await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": 10**9, "output_rate": 10**9}})
    session_id = await talk.start(calc(folder), model="")
    async with asyncio.timeout(WAIT_S):
        while True:
            if asked(server, OF_PROPOSAL):
                return session_id
            await asyncio.sleep(0.05)


async def test_who_cancels_while_a_commit_message_is_written_waits_for_nothing(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor(SILENT) as model, hub.connected() as talk:
        session_id = await being_described(talk, model, tmp_path / "ws")
        await talk.call("session/cancel", {"session_id": session_id})
        (request,) = asked(model, OF_PROPOSAL)
        await asyncio.wait_for(request.done.wait(), WAIT_S)
        assert request.outcome == "disconnected"
        assert (await talk.session(session_id))["status"] == "cancelled"


async def test_a_crash_while_a_commit_message_is_written_is_charged_and_made_good(tmp_path: Path) -> None:
    environment = {**os.environ, "DRAFTSMITH_RUNNER_QUICK": "on"}
    with short_folder("ds-") as folder:
        async with vendor(SILENT, DESCRIBES) as model:
            with running(folder, environment=environment) as hub:
                async with hub.connected() as talk:
                    session_id = await being_described(talk, model, tmp_path / "ws")
                    hub.kill()
            with running(folder, environment=environment) as hub:
                async with hub.connected() as talk:
                    session = await talk.until(session_id, "proposed")
                    assert session["described_by"] == NAME
                    found = await talk.call("usage/read", {"by": "request", "session_id": session_id})
        lost, again = found["lines"][-2:]
        assert (lost["role"], lost["title"]) == ("quick", "failed")
        assert lost["figures"]["cost_nano_usd"] > again["figures"]["cost_nano_usd"] > 0


def digests(*some: dict[str, Any]) -> list[dict[str, Any]]:
    made = [{"when": {"system": OF_DIGEST, "model": "m"}, **one} for one in some]
    return [*made, {"when": {"system": OF_DIGEST, "model": "m"}, "text": "Learnt: SUMMARY-LAST.", "times": 0}]


async def long_session(talk: Talk, server: VendorServer, folder: Path) -> str:
    await endpoint(talk, server, "m")
    await talk.call("models/facts", {"model": NAME, "facts": {"context_window": 16_000}})
    session_id = await talk.start(workspace(folder), model="", request="Read it all. Never touch setup.py.")
    await talk.until(session_id, "proposed")
    return session_id


def notes_of(requests: Sequence[ReceivedRequest]) -> list[set[str]]:
    """Which modules' reading each request for a summary tells of."""
    last = [one.asked.last.partition("# The notes to be summarised")[2] for one in requests if one.asked is not None]
    return [set(re.findall(r"I read module (\d+)\.", one)) for one in last]


async def test_older_talk_is_summed_up_by_a_model_and_what_counts_stays_whole(hub: RunningHub, tmp_path: Path) -> None:
    made = [{"text": f"Learnt: SUMMARY-{number}."} for number in range(1, 3)]
    server = VendorServer([*digests(*made), *script(), DESCRIBES], models=("m",))
    async with server as model, hub.connected() as talk:
        session_id = await long_session(talk, model, tmp_path / "ws")
        folds = await compactions(talk, session_id)
        requests, summaries = coders(model), asked(model, OF_DIGEST)
    written = [one["digest"]["preview"] for one in folds if one["digest"]["length"]]
    assert written[0] == "Learnt: SUMMARY-1."
    assert len(written) >= 2, "the window was hardly ever full: the test shows nothing"
    assert len(written) == len(summaries)
    shown = [json.dumps(one.body["messages"], ensure_ascii=False) for one in requests]
    first = next(number for number, one in enumerate(shown) if "SUMMARY-1" in one)
    assert "I read module 1." not in shown[first]
    assert "SUMMARY-1" not in shown[-1], "the second summary continues the first and stands in its place"
    for text in shown[first:]:
        assert RULE in text
        assert "Never touch setup.py." in text
        assert "changed: module0.py" in text
    assert "SUMMARY-1" in str(summaries[1].body["messages"][-1]["content"])
    told = notes_of(summaries)
    assert all(told), "a summary was made of nothing"
    assert len(set.union(*told)) == sum(map(len, told)), "a part of the conversation was sent to be summed up twice"


async def test_a_summary_that_fails_is_not_asked_for_again_and_the_session_goes_on(
    hub: RunningHub, tmp_path: Path
) -> None:
    server = VendorServer([*digests({"behaviour": "bad_request"}), *script(), DESCRIBES], models=("m",))
    async with server as model, hub.connected() as talk:
        session_id = await long_session(talk, model, tmp_path / "ws")
        folds = [one for one in await compactions(talk, session_id) if one["folded_until"]]
        requests, summaries = coders(model), asked(model, OF_DIGEST)
    lengths = [one["digest"]["length"] for one in folds]
    assert lengths[0] == 0
    assert any(lengths[1:]), "no later part was summed up"
    told = notes_of(summaries)
    assert len(set.union(*told)) == sum(map(len, told)), "the part that failed was sent again"
    later = str(summaries[1].body["messages"][-1]["content"])
    assert "# Then, in short" in later
    assert "You said: I read module 0." in later
    assert "SUMMARY-LAST" in json.dumps(requests[-1].body["messages"])
