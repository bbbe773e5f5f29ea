"""A runner that shares nothing with the hub works, and so does the next one that takes its sessions over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from draftsmith.client.connection import HubConnection
from draftsmith.client.held import HeldSession
from isolation import short_folder
from reliability import story
from reliability.apart import Apart
from reliability.user import User
from vendor.server import VendorServer

MODEL = "openai_compatible/scripted"


@pytest.fixture
def apart() -> Iterator[Apart]:
    with short_folder("ds-apart-") as folder:
        made = Apart(folder)
        story.make_workspace(made.workspace)
        yield made


def gates(held: HeldSession) -> dict[str, tuple[str, str]]:
    return {gate["gate"]: (gate["verdict"], gate["reason"]) for gate in held.of("gate", dict)}


def accepted(apart: Apart) -> None:
    """The whole story is in the user's files, once."""
    for name, content in story.AFTER.items():
        wanted = story.USER_LINE + content if name == "settings.ini" else content
        assert (apart.workspace / name).read_text(encoding="utf-8") == wanted


async def test_a_runner_that_sees_nothing_of_the_hub_ends_a_session_with_its_gates(apart: Apart) -> None:
    async with VendorServer(story.script()) as vendor, apart.hub():
        user = User(apart.connect, apart.workspace, model=MODEL, base_url=vendor.openai_url)
        await (await apart.connect()).close()
        await apart.start_runner("runner")
        held = await user.end()
        assert list(apart.view("runner").values()) == [[]], "the runner sees the hub's side"
        found = gates(held)
        assert found.keys() == {"applies", "parses", "quality", "secrets", "tests"}
        assert {verdict for verdict, _ in found.values()} == {"passed"}, found
    assert user.untouched
    accepted(apart)


async def test_gates_that_need_a_dependency_folder_of_the_workspace_say_not_verified(apart: Apart) -> None:
    (apart.workspace / ".gitignore").write_text(".venv/\n", encoding="utf-8")
    (apart.workspace / "test_calc.py").write_text("import unittest\n", encoding="utf-8")
    interpreter = apart.workspace / ".venv" / "bin" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    interpreter.chmod(0o755)
    async with VendorServer(story.script()) as vendor, apart.hub():
        user = User(apart.connect, apart.workspace, model=MODEL, base_url=vendor.openai_url)
        await (await apart.connect()).close()
        await apart.start_runner("runner")
        found = gates(await user.end())
    assert found["tests"][0] == "not_verified", found
    assert ".venv" in found["tests"][1]
    accepted(apart)


class Swapping(User):
    """While the agent's question waits, the runner's machine is lost for ever and another one comes."""

    apart: Apart
    swapped = False

    async def _act(self, connection: HubConnection, held: HeldSession) -> bool:
        decisions: list[dict[str, Any]] = held.of("decision", dict)
        if not self.swapped and any(one["subject"] == "question" for one in decisions):
            self.swapped = True
            await self.apart.kill_runner("first")
            await self.apart.start_runner("second")
        return await super()._act(connection, held)


async def test_a_second_runner_that_has_nothing_rebuilds_the_draft_and_goes_on(apart: Apart, tmp_path: Path) -> None:
    async with VendorServer(story.script()) as vendor, apart.hub():
        user = Swapping(apart.connect, apart.workspace, model=MODEL, base_url=vendor.openai_url)
        user.apart = apart
        await (await apart.connect()).close()
        await apart.start_runner("first")
        held = await user.end()
        assert user.swapped
        assert {verdict for verdict, _ in gates(held).values()} == {"passed"}
        assert vendor.count == story.MODEL_CALLS
    accepted(apart)
