"""Text search as the agent and clients get it, against the same ripgrep alone on the same query and tree."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from bench.method import Line, in_turns
from bench.peers import unpacked
from draftsmith.code.textsearch import Query, SearchPlace, pages, ripgrep, search_text

TREE = "homeassistant==2024.3.3"
BAR = 1.2
ROUNDS = 9
"""More than elsewhere: a search is short, and other work on the machine weighs more."""
QUERIES: dict[str, Query] = {
    "a rare name": Query(pattern="async_forward_entry_setups_unload"),
    "a function's name": Query(pattern="async_setup_platform"),
    "an expression": Query(pattern=r"class \w+Coordinator\(", regex=True),
    "a frequent word, 3 lines around": Query(pattern="ConfigEntryNotReady", context=3),
}


async def measure() -> list[Line]:
    folder = await asyncio.to_thread(unpacked, TREE)
    return [await _compared(folder, name, query) for name, query in QUERIES.items()]


async def _compared(folder: Path, name: str, query: Query) -> Line:
    place = SearchPlace(folder=folder, below="", show=os.fsdecode)
    total = 0

    async def ours() -> float:
        nonlocal total
        begun = time.perf_counter()
        found = await search_text([place], query)
        pages(found, 100, None)
        total = found.total
        return (time.perf_counter() - begun) * 1_000

    plain = [ripgrep(), "--no-config", "--hidden", "--line-number", *([] if query.regex else ["--fixed-strings"])]
    plain += [f"--context={query.context}"] if query.context else []
    plain += ["--regexp", query.pattern, "./"]

    async def theirs() -> float:
        begun = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*plain, cwd=folder, stdout=asyncio.subprocess.PIPE)
        await process.communicate()
        return (time.perf_counter() - begun) * 1_000

    await ours()
    await theirs()
    mine, its, ratio = await in_turns(ours, theirs, ROUNDS)
    return Line(
        what=f"search for {name}, {total} lines", unit="ms", ours=mine, peer="rg", theirs=its, ratio=ratio, bar=BAR
    )
