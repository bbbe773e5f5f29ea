"""Limits on what all sessions together spend: never passed, also by sessions side by side, and kept over a restart."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from e2e.hubs import RunningHub, Talk, calc, running, vendor
from isolation import short_folder
from vendor.server import VendorServer

NAME = "openai_compatible/m"
CENT = 10**7


async def priced(talk: Talk, server: VendorServer) -> None:
    """The scripted model at 1 dollar for a million tokens in, 0.1 out: a call reserves about a cent."""
    await talk.call("models/endpoint", {"name": "work", "base_url": server.openai_url, "models": ["m"]})
    await talk.call("models/facts", {"model": NAME, "facts": {"input_rate": 10**9, "output_rate": 10**8}})


async def limit(talk: Talk, scope: str, nano_usd: int | None, label: str = "") -> None:
    await talk.call("models/limit", {"scope": scope, "label": label, "limit_nano_usd": nano_usd})


async def spent(talk: Talk, *session_ids: str) -> int:
    """What the sessions' calls cost by their own events."""
    total = 0
    for session_id in session_ids:
        for text in (await talk.call("session/export", {"session_id": session_id}))["events"]:
            event = json.loads(text)
            if event["kind"] == "model_call_finished":
                total += event["body"]["cost_nano_usd"]
    return total


async def settled(hub: RunningHub, talk: Talk, *session_ids: str) -> list[str]:
    return [(await talk.until(one, "proposed", "stopped"))["status"] for one in session_ids]


@pytest.mark.parametrize(("scope", "label"), [("day", ""), ("month", ""), ("key", "work")])
async def test_a_session_stops_before_the_call_that_could_pass_a_limit(tmp_path: Path, scope: str, label: str) -> None:
    with short_folder("ds-") as folder, running(folder) as hub:
        async with vendor() as model, hub.connected() as talk:
            await priced(talk, model)
            await limit(talk, scope, 1, label)
            session_id = await talk.start(calc(tmp_path / "ws"), model="")
            session = await talk.until(session_id, "stopped")
            assert session["stopped"]["category"] == "budget"
            assert "models limit" in session["stopped"]["way_on"]
            assert not model.requests
            await limit(talk, scope, None, label)
            await talk.call("session/resume", {"session_id": session_id})
            await talk.until(session_id, "proposed")


async def test_sessions_side_by_side_cannot_together_pass_a_limit_also_after_a_restart(tmp_path: Path) -> None:
    most = CENT * 3 // 2
    with short_folder("ds-") as folder:
        async with vendor() as model:
            with running(folder) as hub:
                async with hub.connected() as talk:
                    await priced(talk, model)
                    await limit(talk, "day", most)
                    begun = [talk.start(calc(tmp_path / f"ws{number}"), model="") for number in range(5)]
                    ids = await asyncio.gather(*begun)
                    statuses = await settled(hub, talk, *ids)
                    assert "stopped" in statuses, "the limit struck nobody: it is too high for this test"
                    before = await spent(talk, *ids)
                    assert 0 < before <= most
            with running(folder) as hub:
                async with hub.connected() as talk:
                    more = await talk.start(calc(tmp_path / "more"), model="")
                    await settled(hub, talk, more)
                    assert await spent(talk, *ids, more) <= most


async def test_a_limit_set_later_counts_what_was_spent_before_it(tmp_path: Path) -> None:
    with short_folder("ds-") as folder, running(folder) as hub:
        async with vendor() as model, hub.connected() as talk:
            await priced(talk, model)
            first = await talk.start(calc(tmp_path / "one"), model="")
            await talk.until(first, "proposed")
            cost = await spent(talk, first)
            await limit(talk, "month", cost)
            second = await talk.start(calc(tmp_path / "two"), model="")
            assert (await talk.until(second, "stopped"))["stopped"]["category"] == "budget"
            assert await spent(talk, second) == 0
