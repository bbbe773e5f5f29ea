"""What sessions, clients and the terminal have of the index: the map in the briefing, the tools, the methods."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from e2e.hubs import RunningHub, running
from harness.replies import script_of
from harness.workspace import commit
from unit.code.trees import SHOP, write
from vendor.server import VendorServer

MAP = "# The map of the code"
CODE = [
    {"repo_map": {"words": "the tax in total", "tokens": 300}},
    {"symbols": {"query": "Cart.total"}},
    {"uses": {"name": "shop/prices.py", "kind": "imports"}},
    {"write": {"path": "shop/rebate.py", "content": "def rebate_of(cart):\n    return cart.total(0) // 10\n"}},
    {"symbols": {"query": "rebate_of"}},
    {"structure": {"language": "python", "query": "(function_definition name: (identifier) @n)", "glob": "rebate.py"}},
    {"similar_code": {"path": "shop/cart.py", "line": 12}},
    {"finish": {"summary": "Done."}},
]


def shop(root: Path) -> Path:
    """Large enough to have a map in the briefing."""
    more = {f"shop/part_{number}.py": f"def part_{number}():\n    return {number}\n" for number in range(30)}
    write(root, {**SHOP, **more})
    commit(root)
    return root


def sent(vendor: VendorServer) -> list[dict[str, Any]]:
    return [request.body for request in vendor.requests if request.asked is not None]


def first_words(body: dict[str, Any]) -> str:
    """The briefing: the first message that is not the system's."""
    return next(str(message["content"]) for message in body["messages"] if message["role"] == "user")


def answers(body: dict[str, Any]) -> list[str]:
    return [str(message["content"]) for message in body["messages"] if message["role"] == "tool"]


async def session(hub: RunningHub, folder: Path, **more: object) -> list[dict[str, Any]]:
    """All requests of a session that does the script."""
    async with VendorServer({"replies": script_of("m", {"code": CODE}), "sticky": True}) as vendor:
        async with hub.connected() as talk:
            await talk.offer(vendor.openai_url)
            session_id = await talk.start(folder, request="The tax is missing from the total of a cart", **more)
            await talk.until(session_id, "proposed")
        return sent(vendor)


async def test_a_session_has_the_map_and_the_tools_see_its_own_edits(state_dir: Path, tmp_path: Path) -> None:
    with running(state_dir) as hub:
        unsaved = {"path": str(tmp_path / "shop/part_17.py"), "text": "def part_17():\n    return 1\n"}
        bodies = await session(hub, shop(tmp_path), overlays=[unsaved])
    briefed = [first_words(body) for body in bodies if MAP in first_words(body)]
    assert len({text[text.index(MAP) : text.index("# The request")] for text in briefed}) == 1
    assert "shop/cart.py:" in briefed[0]
    assert "shop/part_17.py:" in briefed[0]
    assert "shop/part_18.py:" not in briefed[0]
    told = max((answers(body) for body in bodies), key=len)
    assert "def total(self, tax):" in told[0]
    assert "shop/cart.py:10-12: method Cart.total" in told[1]
    assert "shop/cart.py:3: from shop.prices import price_of" in told[2]
    assert "shop/rebate.py:1-2: function rebate_of" in told[4]
    assert "shop/rebate.py:1:" in told[5]
    assert told[6]
    assert not (tmp_path / "shop/rebate.py").exists()


async def test_without_an_index_the_session_goes_on_and_says_so(state_dir: Path, tmp_path: Path) -> None:
    # A folder where the lock should be: the process cannot start.
    (state_dir / "index" / "index.lock").mkdir(parents=True)
    with running(state_dir) as hub:
        bodies = await session(hub, shop(tmp_path))
        assert "no_code_map" in hub.logged()
    assert f"{MAP}\nThere is none: The index of code cannot be used." in "".join(map(first_words, bodies))
    assert any("The index of code cannot be used" in text for body in bodies for text in answers(body))


async def test_clients_ask_about_folders_through_the_hub(state_dir: Path, tmp_path: Path) -> None:
    folders = [str(write(tmp_path / "work", SHOP).resolve())]
    with running(state_dir) as hub:
        async with hub.connected() as talk:
            drawn = await talk.call("code/map", {"folders": folders, "words": "stock", "tokens": 200})
            assert "shop/stock.py:" in drawn["text"]
            assert (drawn["indexed_files"], drawn["skipped"], drawn["truncated"]) == (7, [], False)
            asked = {"folders": folders, "query": "cart", "limit": 1}
            page = await talk.call("code/symbols", asked)
            assert (page["symbols"][0]["name"], page["cursor"]) == ("Cart", "1")
            assert (await talk.call("code/symbols", {**asked, "cursor": "1"}))["symbols"][0]["name"] == "CartView"
            used = await talk.call("code/uses", {"folders": folders, "kind": "calls", "name": "take"})
            assert [one["within"] for one in used["uses"]] == ["Cart.reserve"]
            alike = await talk.call("code/similar", {"folders": folders, "text": "price_of(x)"})
            assert alike["symbols"][0]["name"] == "total"
            query = {"language": "typescript", "query": "(call_expression) @c"}
            assert (await talk.call("code/structure", {"folders": folders, **query}))["total"] == 1


async def test_the_hub_answers_while_a_large_tree_is_read(state_dir: Path, tmp_path: Path) -> None:
    files = {f"m{number}.py": f"class C{number}:\n    def f(self): return g()\n" * 60 for number in range(1_500)}
    folders = [str(write(tmp_path / "work", files).resolve())]
    with running(state_dir) as hub:
        async with hub.connected() as talk:
            reading = asyncio.create_task(talk.call("code/map", {"folders": folders, "words": "C7"}))
            asked = 0
            while not reading.done():
                await talk.call("hub/status", {})
                asked += 1
                await asyncio.sleep(0.01)
            assert (await reading)["indexed_files"] == 1_500
    assert asked > 5


TYPED = (
    (("map", "--tokens", "200", "what", "is", "on", "the", "shelf"), "class Stock:"),
    (("symbols", "put_back"), "method  Stock.put_back  shop/stock.py:7"),
    (("symbols", "--calls", "take"), "shop/cart.py:16: stock.take(line)"),
    (("symbols", "--imports", "web/http.ts"), "web/cart.ts:1: import { post } from './http';"),
    (("symbols", "qqqqqqzz"), "Nothing was found."),
)


async def test_the_terminal_shows_maps_and_symbols(state_dir: Path, tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    environ = {**os.environ, "DRAFTSMITH_STATE_DIR": str(state_dir)}

    async def said(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "draftsmith.cli.main", *arguments),
            cwd=tmp_path,
            env=environ,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    with running(state_dir):
        for arguments, wanted in TYPED:
            assert wanted in await said(*arguments)
        assert json.loads(await said("map", "stock", "--json"))["indexed_files"] == 7
        assert json.loads(await said("symbols", "take", "--json"))["total"] == 1
        assert json.loads(await said("symbols", "--calls", "take", "--json"))["total"] == 1
