"""Snapshots and drafts of a large real tree against plain git: `snapshots.py` in a process of its own.

The tree is a published package of 36,487 files, fetched once into the cache.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bench.method import Line
from bench.peers import unpacked

TREE = "homeassistant==2024.3.3"
LIMIT_SECONDS = 1_800.0


async def measure() -> list[Line]:
    script = Path(__file__).parent / "snapshots.py"
    command = [sys.executable, str(script), "--json", "--folder", str(unpacked(TREE))]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(LIMIT_SECONDS):
        output, _ = await process.communicate()
    try:
        found = json.loads(output)
    except ValueError:
        raise RuntimeError(f"{script.name} ended with {process.returncode} and no result.") from None
    return [
        Line(
            what=f"{one['what']}, {found['files']} files",
            unit="ms",
            ours=one["ours"],
            peer=one["peer"],
            theirs=one["theirs"],
            ratio=one["ours"] / one["theirs"],
            bar=one["bar"],
            floor=one["floor"] or None,
        )
        for one in found["lines"]
    ]
