"""The whole main job in a real Neovim, headless, with its own LSP client and no plugin."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from e2e import hubs
from e2e.editors.lsp.editing import PROJECT, environment, lay_out, script

LIMIT_S = 110


async def neovim(state_dir: Path, root: Path, lua: Path, result: Path, extra: dict[str, str]) -> dict[str, Any]:
    program = shutil.which("nvim")
    assert program, "Neovim is missing; `make system-deps` installs it (Debian: apt-get install neovim)."
    process = await asyncio.create_subprocess_exec(
        *(program, "--headless", "--clean", "-c", f"luafile {lua}", "calc.py"),
        cwd=root,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            **extra,
            "DRAFTSMITH_STATE_DIR": str(state_dir),
            "PYTHON": sys.executable,
            "RESULT": str(result),
        },
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert result.exists(), said.decode("utf-8", "replace")
    return json.loads(result.read_text())


async def test_the_main_job_in_neovim(state_dir: Path, tmp_path: Path) -> None:
    root = lay_out(tmp_path / "ws")
    lua = Path(__file__).with_name("main_job.lua")
    async with script() as vendor:
        with hubs.running(state_dir):
            found = await neovim(state_dir, root, lua, tmp_path / "result.json", dict(environment(vendor)))
    assert found.get("failure") is None, json.dumps(found, indent=1)
    assert found["lenses"][:3] == ["✓ Accept +1 −1", "✗ Reject", "Why?"]
    assert any(one.startswith("Draftsmith: ") for one in found["progress"])
    assert "passed: tests" in json.dumps(found["hover"])
    mended = PROJECT["calc.py"].replace("a - b", "a + b").rstrip("\n")
    assert found["accepted"] == mended
    assert found["undone"] is True
    assert found["saved"] == mended
    assert (root / "calc.py").read_text() == f"{mended}\n"
