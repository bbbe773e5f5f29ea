"""Several models and keys for one session: what the user decided counts, and when one fails another goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from e2e.hubs import RunningHub, Talk, calc, running, vendor
from isolation import short_folder
from vendor.server import VendorServer

FAILS = {"times": 0}


async def endpoint(talk: Talk, name: str, server: VendorServer, model: str) -> str:
    await talk.call("models/endpoint", {"name": name, "base_url": server.openai_url, "models": [model]})
    return f"openai_compatible/{model}"


async def events(talk: Talk, session_id: str, kind: str) -> list[dict[str, Any]]:
    import json

    exported = await talk.call("session/export", {"session_id": session_id})
    found = [json.loads(one) for one in exported["events"]]
    return [one["body"] for one in found if one["kind"] == kind]


async def start(talk: Talk, folder: Path) -> str:
    return await talk.start(calc(folder), model="")


@pytest.mark.parametrize("behaviour", ["http_500", "http_401", "http_429", "quota", "http_404"])
async def test_the_next_of_the_order_goes_on_and_the_switch_is_told(
    hub: RunningHub, tmp_path: Path, behaviour: str
) -> None:
    limited = {"retry_after": 40} if behaviour == "http_429" else {}
    async with (
        VendorServer([{"behaviour": behaviour, **limited, **FAILS}]) as bad,
        vendor() as good,
        hub.connected() as talk,
    ):
        first, second = await endpoint(talk, "bad", bad, "one"), await endpoint(talk, "good", good, "two")
        for role in ("plan", "code", "critique"):
            await talk.call("models/order", {"role": role, "models": [first, second]})
        session_id = await start(talk, tmp_path / "ws")
        await talk.until(session_id, "proposed")
        switches = await events(talk, session_id, "model_switched")
        assert [(one["model"], one["instead_of"], one["endpoint"]) for one in switches] == [(second, first, "good")]
        calls = await events(talk, session_id, "model_call_intended")
        assert {one["model"] for one in calls[1:]} == {second}
        assert all(one["reason"] for one in calls)
        shown = await talk.entities(session_id)
        assert any(one["title"] == "Another model answers" for (kind, _), one in shown.items() if kind == "step")
        assert bad.requests
        assert good.requests


async def test_two_endpoints_of_one_model_share_the_work_when_one_has_no_allowance_left(
    hub: RunningHub, tmp_path: Path
) -> None:
    async with vendor() as busy, vendor() as free, hub.connected() as talk:
        busy.headers = {
            "x-ratelimit-limit-requests": "100",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "10m0s",
        }
        await endpoint(talk, "busy", busy, "m")
        await endpoint(talk, "free", free, "m")
        session_id = await start(talk, tmp_path / "ws")
        await talk.until(session_id, "proposed")
        assert len(busy.requests) <= 1, "it was asked again although it has no allowance left"
        assert free.requests


async def test_a_price_of_the_users_own_is_what_a_budget_is_kept_with(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        name = await endpoint(talk, "own", model, "m")
        await talk.call("models/facts", {"model": name, "facts": {"input_rate": 10**9, "output_rate": 10**9}})
        session_id = await talk.start(calc(tmp_path / "ws"), model="", limits={"nano_usd": 10**9})
        await talk.until(session_id, "proposed")
        finished = await events(talk, session_id, "model_call_finished")
        assert all(one["cost_nano_usd"] > 0 for one in finished)


async def test_without_a_known_price_a_budget_leaves_no_model_and_says_so(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        await endpoint(talk, "own", model, "m")
        session_id = await talk.start(calc(tmp_path / "ws"), model="", autonomy="auto", limits={"nano_usd": 10**9})
        session = await talk.until(session_id, "stopped")
        assert "price of openai_compatible/m is not known" in session["stopped"]["reason"]
        assert not model.requests


@pytest.mark.parametrize("named", ["", "openai_compatible/m"])
async def test_without_a_known_price_a_budget_is_asked_about_before_any_call(
    hub: RunningHub, tmp_path: Path, named: str
) -> None:
    async with vendor() as model, hub.connected() as talk:
        await endpoint(talk, "own", model, "m")
        session_id = await talk.start(calc(tmp_path / "ws"), model=named, limits={"nano_usd": 10**9})
        await talk.until(session_id, "waiting")
        shown = await talk.entities(session_id)
        (asked,) = [one for (kind, _), one in shown.items() if kind == "decision"]
        assert asked["subject"] == "price"
        assert not model.requests
        answer = {"session_id": session_id, "decision_id": asked["id"], "answer": "go on"}
        await talk.call("decision/answer", answer)
        await talk.until(session_id, "proposed")
        assert model.requests


async def test_settings_survive_the_hub_and_nonsense_is_refused(tmp_path: Path) -> None:
    with short_folder("ds-") as folder:
        with running(folder) as first:
            async with first.connected() as talk:
                await talk.call("models/prefer", {"preference": "cheap"})
                with pytest.raises(Exception, match="http"):
                    await talk.call("models/endpoint", {"name": "x", "base_url": "gopher://x"})
        with running(folder) as second:
            async with second.connected() as talk:
                assert (await talk.call("models/settings", {}))["preference"] == "cheap"
