"""Pictures that go with a request: shown to models that read them, refused for others, kept with the session."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.domain.images import MAX_IMAGE_BYTES
from e2e.hubs import RunningHub, Talk, calc, vendor
from vendor.server import VendorServer

NAME = "openai_compatible/m"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010100000000376ef9240000000a49444154789c63600000000200015f"
    "e5c2130000000049454e44ae426082"
)
PICTURE = {"name": "shot.png", "data": base64.b64encode(PNG).decode()}


async def endpoint(talk: Talk, server: VendorServer, *, images: bool | None) -> None:
    await talk.call("models/endpoint", {"name": "work", "base_url": server.openai_url, "models": ["m"]})
    if images is not None:
        await talk.call("models/facts", {"model": NAME, "facts": {"images": images}})


def shown(server: VendorServer) -> dict[str, list[str]]:
    """The pictures in the last request of each role, told by a tool that only it has."""
    found: dict[str, list[str]] = {}
    for request in server.requests:
        assert request.asked is not None
        role = next(name for name in ("begin_work", "finish", "submit_review") if name in request.asked.tools)
        parts = [one["content"] for one in request.body["messages"] if isinstance(one["content"], list)]
        found[role] = [part["image_url"]["url"] for some in parts for part in some if part["type"] == "image_url"]
    return found


async def test_a_picture_is_shown_to_those_who_plan_and_do_the_work(hub: RunningHub, tmp_path: Path) -> None:
    async with vendor() as model, hub.connected() as talk:
        await endpoint(talk, model, images=True)
        session_id = await talk.start(calc(tmp_path / "ws"), model="", images=[PICTURE])
        session = await talk.until(session_id, "proposed")
        assert session["images"] == ["shot.png"]
        address = f"data:image/png;base64,{PICTURE['data']}"
        assert shown(model) == {"begin_work": [address], "finish": [address], "submit_review": []}


@pytest.mark.parametrize(("known", "says"), [(None, "not known to read images"), (False, "does not have: images")])
async def test_a_model_that_may_not_read_pictures_is_not_asked_and_that_is_said(
    hub: RunningHub, tmp_path: Path, known: bool | None, says: str
) -> None:
    async with vendor() as model, hub.connected() as talk:
        await endpoint(talk, model, images=known)
        session_id = await talk.start(calc(tmp_path / "ws"), model=NAME, images=[PICTURE])
        stopped = (await talk.until(session_id, "stopped"))["stopped"]
        assert says in stopped["reason"]
        assert not model.requests
        await endpoint(talk, model, images=True)
        await talk.call("session/resume", {"session_id": session_id})
        await talk.until(session_id, "proposed")
        assert shown(model)["finish"]


@pytest.mark.parametrize(
    "images",
    [
        [{"name": "notes.txt", "data": base64.b64encode(b"no picture").decode()}],
        [{"name": "x.png", "data": "not Base64!"}],
        [{"name": "big.png", "data": base64.b64encode(PNG + bytes(MAX_IMAGE_BYTES)).decode()}],
    ],
    ids=["no picture", "no Base64", "too large"],
)
async def test_what_is_no_picture_is_refused_before_there_is_a_session(
    hub: RunningHub, tmp_path: Path, images: list[dict[str, Any]]
) -> None:
    async with hub.connected() as talk:
        with pytest.raises(UserError) as refused:
            await talk.start(calc(tmp_path / "ws"), images=images)
        assert refused.value.code == "bad_image"
        assert (await talk.call("session/list", {}))["sessions"] == []


async def test_the_terminal_sends_pictures_and_looks_at_them_first(hub: RunningHub, tmp_path: Path) -> None:
    async def run(*files: Path) -> tuple[int, str, str]:
        images = [part for file in files for part in ("--image", str(file))]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "draftsmith.cli.main", "run", "Mend add", "--no-wait", "--json"),
            *("--model", NAME, "--workspace", str(tmp_path / "ws"), *images),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "DRAFTSMITH_STATE_DIR": str(hub.state_dir)},
        )
        out, err = await asyncio.wait_for(process.communicate(), 110)
        return process.returncode or 0, out.decode(), err.decode()

    calc(tmp_path / "ws")
    shot, notes = tmp_path / "shot.png", tmp_path / "notes.png"
    shot.write_bytes(PNG)
    notes.write_text("no picture")
    async with vendor() as model, hub.connected() as talk:
        await endpoint(talk, model, images=True)
        for files, says in (
            ((notes,), "bad_image"),
            ((tmp_path / "none.png",), "unreadable_image"),
            ((shot,) * 6, "bad_image"),
        ):
            code, _, told = await run(*files)
            assert code != 0
            assert says in told
        code, out, told = await run(shot)
        assert code == 0, told
        await talk.until(json.loads(out)["session_id"], "proposed")
        assert shown(model)["finish"]
