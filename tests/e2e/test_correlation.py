"""One id leads from a client's call to the events, to the hub's log and to the runner's model call."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from draftsmith.client.messages import (
    ExportParams,
    ExportResult,
    OfferCredentialsParams,
    OfferCredentialsResult,
    SessionRef,
    StartParams,
)
from harness.hub import running_hub
from vendor.server import VendorServer

SCRIPT = [{"text": "Nothing.", "times": 0}]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_one_id_leads_from_the_call_to_the_models_call(state_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    with running_hub(state_dir) as hub:
        async with VendorServer(SCRIPT) as vendor:
            client = await hub.connect("cli")
            key = {"provider": "openai_compatible", "label": "x", "value": "k", "origin": "test"}
            offered = OfferCredentialsParams(credentials=[{**key, "base_url": vendor.openai_url}])  # pyright: ignore[reportArgumentType] (a literal of its fields)
            await client.call("credentials/offer", offered, OfferCredentialsResult)
            start = StartParams(folders=[str(tmp_path)], request="Look", model="openai_compatible/m")
            session = (await client.call("session/start", start, SessionRef))["session_id"]
            async with asyncio.timeout(30):
                while vendor.count == 0:  # noqa: ASYNC110 (the vendor has no event for it)
                    await asyncio.sleep(0.05)
            exported = ExportParams(session_id=session, after=0, limit=5)
            first = json.loads((await client.call("session/export", exported, ExportResult))["events"][0])
            await client.close()
        called = [line for line in lines(state_dir / "hub" / "logs" / "hub.log") if line["event"] == "call"]
        asked = [line for line in lines(state_dir / "runner" / "logs" / "runner.log") if line["event"] == "model_call"]
    started = next(line for line in called if line["method"] == "session/start")
    assert started["correlation_id"] == first["correlation_id"] == first["causation_id"]
    assert asked[0]["session_id"] == session
    assert asked[0]["correlation_id"] == started["correlation_id"]
    assert {"event", "level", "timestamp", "process"} <= asked[0].keys()
