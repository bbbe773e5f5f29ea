"""The index process as its clients see it: started when needed, shared, killed, gone when nobody needs it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from draftsmith.code.index.client import IndexClient, endpoint_file, index_environment
from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.ports.code_index import CodeFolder
from unit.code.trees import SHOP, folder, write

WAIT_S = 30.0


@pytest.fixture
def shop(tmp_path: Path) -> list[CodeFolder]:
    return [folder(write(tmp_path / "work", SHOP))]


@asynccontextmanager
async def client(state: Path) -> AsyncIterator[IndexClient]:
    made = IndexClient(state / "index", index_environment())
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture(autouse=True)
async def gone(state_dir: Path) -> AsyncIterator[None]:
    """Waits until no process holds the folder: it ends by itself."""
    yield
    async with asyncio.timeout(WAIT_S):
        while processes(state_dir):  # noqa: ASYNC110  another process: there is no event
            await asyncio.sleep(0.05)


def processes(state: Path) -> list[psutil.Process]:
    """The index processes of the folder, without their workers."""
    found: list[psutil.Process] = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "draftsmith.bootstrap.index" in line and str(state / "index") in line:
            found.append(process)
    return found


def indexed(state: Path) -> int:
    """How often the process read code, by its log."""
    text = (state / "index" / "logs" / "index.log").read_text("utf-8")
    return sum(json.loads(line)["event"] == "indexed" for line in text.splitlines())


async def test_it_is_started_by_the_first_question_and_ends_when_nobody_is_connected(
    state_dir: Path, shop: list[CodeFolder]
) -> None:
    async with client(state_dir) as index:
        assert processes(state_dir) == []
        assert "shop/cart.py:" in (await index.map(shop, words="cart total", budget=300)).text
        assert len(processes(state_dir)) == 1
        assert endpoint_file(state_dir / "index").stat().st_mode & 0o077 == 0
    async with asyncio.timeout(WAIT_S):
        while processes(state_dir):  # noqa: ASYNC110  another process: there is no event
            await asyncio.sleep(0.05)
    assert not endpoint_file(state_dir / "index").exists()


async def test_clients_share_one_process_and_ask_at_the_same_time(state_dir: Path, shop: list[CodeFolder]) -> None:
    async with client(state_dir) as one, client(state_dir) as two:
        found = await asyncio.gather(
            one.symbols(shop, "Cart"),
            two.symbols(shop, "put_back"),
            one.uses(shop, "calls", "Cart"),
            two.similar(shop, path="shop/cart.py", line=12),
            one.structure(shop, language="python", query="(class_definition name: (identifier) @a)"),
        )
        # Whoever lost the race to start it is on its way out.
        async with asyncio.timeout(WAIT_S):
            while len(processes(state_dir)) != 1:  # noqa: ASYNC110  another process: there is no event
                await asyncio.sleep(0.05)
        assert [page.total > 0 for page in (found[0], found[1], found[2], found[4])] == [True] * 4


async def test_a_killed_process_is_started_again_and_has_lost_nothing(state_dir: Path, shop: list[CodeFolder]) -> None:
    async with client(state_dir) as index:
        before = await index.map(shop, words="cart", budget=400)
        # What was read is on disk as soon as it is quiet.
        async with asyncio.timeout(WAIT_S):
            while not list((state_dir / "index").glob("*.table")):  # noqa: ASYNC110  another process
                await asyncio.sleep(0.05)
        for process in processes(state_dir):
            process.kill()
        assert await index.map(shop, words="cart", budget=400) == before
        assert indexed(state_dir) == 1


async def test_a_process_killed_at_any_moment_of_a_first_reading_does_no_harm(state_dir: Path, tmp_path: Path) -> None:
    files = {f"m{number}.py": f"def f{number}():\n    return g{number}()\n" * 40 for number in range(300)}
    folders = [folder(write(tmp_path / "work", files))]
    async with client(state_dir) as index:
        await index.symbols([folder(write(tmp_path / "other", SHOP))], "Cart")
        for pause in (0.0, 0.1, 0.3):
            asking = asyncio.create_task(index.symbols(folders, "f299"))
            await asyncio.sleep(pause)
            for process in processes(state_dir):
                process.kill()
            assert (await asking).symbols[0].name == "f299"
        found = await index.map(folders, words="f7", budget=500)
        assert (found.indexed_files, found.notices) == (300, ())


async def test_errors_come_back_as_they_were_raised(state_dir: Path, shop: list[CodeFolder], tmp_path: Path) -> None:
    async with client(state_dir) as index:
        with pytest.raises(UserError) as caught:
            await index.symbols([folder(tmp_path / "gone")], "a")
        assert caught.value.code == "unknown_folder"
        with pytest.raises(UserError) as caught:
            await index.structure(shop, language="python", query="(")
        assert (caught.value.code, bool(caught.value.remedy)) == ("bad_query", True)


async def test_a_process_that_cannot_start_is_said_with_its_reason(state_dir: Path, shop: list[CodeFolder]) -> None:
    (state_dir / "index").mkdir()
    (state_dir / "index" / "index.lock").mkdir()
    async with client(state_dir) as index:
        with pytest.raises(AdapterError) as caught:
            await index.map(shop, words="", budget=100)
    assert caught.value.code == "index_unavailable"
    assert "index.lock" in caught.value.message


async def test_nobody_gets_in_without_the_token(state_dir: Path, shop: list[CodeFolder]) -> None:
    async with client(state_dir) as index:
        await index.symbols(shop, "Cart")
        port = json.loads(endpoint_file(state_dir / "index").read_bytes())["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = {"id": 1, "method": "symbols", "params": {"folders": [], "query": "a", "limit": 1, "cursor": None}}
        writer.write(b"wrong\n" + json.dumps(request).encode() + b"\n")
        async with asyncio.timeout(WAIT_S):
            assert await reader.read() == b""
        writer.close()


def test_no_key_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("DRAFTSMITH_API_KEY", "secret")
    assert "secret" not in index_environment().values()
    assert index_environment()["PATH"] == os.environ["PATH"]
