"""One hub for all tests of the terminal; for each test a folder of code and a scripted vendor."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.terminal.pseudo_terminal import PseudoTerminal, terminal
from harness.hub import HubProcess, running_hub
from harness.replies import Role, script_of
from harness.workspace import commit, lay_out
from isolation import short_folder
from vendor.server import VendorServer

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return a * 2\n",
    "test_calc.py": (
        "import unittest\nfrom calc import add\n\n\nclass AddTest(unittest.TestCase):\n"
        "    def test_adds(self):\n        self.assertEqual(add(2, 3), 5)\n"
    ),
}
FIX: Mapping[Role, Sequence[Mapping[str, Any]]] = {
    "plan": [{"begin_work": {"title": "Fix add"}}],
    "code": [
        {"say": "The sign is wrong.", "edit": {"path": "calc.py", "old": "return a - b", "new": "return a + b"}},
        {"finish": {"summary": "add subtracted; it adds now."}},
    ],
    "critique": [{"submit_review": {"approved": True, "summary": "The sign was the fault."}}],
}


@dataclass(frozen=True, kw_only=True)
class Finished:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Somebody's project, and their shell in it."""

    folder: Path
    environ: Mapping[str, str]
    vendor: VendorServer

    async def draftsmith(self, *arguments: str, folder: Path | None = None, **environ: str) -> Finished:
        """The command without a terminal, as a script runs it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "draftsmith.cli.main", *arguments),
            cwd=folder or self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        return Finished(code=process.returncode or 0, out=out.decode(), err=err.decode())

    @asynccontextmanager
    async def terminal(self, *arguments: str, **environ: str) -> AsyncIterator[PseudoTerminal]:
        async with terminal(*arguments, folder=self.folder, environ={**self.environ, **environ}) as shown:
            yield shown

    async def proposal(self) -> str:
        """A session that has its proposal; its id."""
        done = await self.draftsmith("run", "Fix the test", "--json")
        assert done.code == 0, done
        return done.lines[-1]["session_id"]

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture(scope="session")
def hub() -> Iterator[HubProcess]:
    with short_folder("ds-terminal-") as folder, running_hub(folder / "state") as process:
        yield process


@asynccontextmanager
async def desk_with(
    state_dir: Path, replies: Mapping[Role, Sequence[Mapping[str, Any]]], model: str
) -> AsyncIterator[Desk]:
    with short_folder("ds-work-") as folder:
        lay_out(folder, FILES)
        commit(folder)
        # Sticky: a call that is repeated after a crash gets the same answer.
        script = {"replies": script_of(model, replies), "key": "terminal-key", "sticky": True}
        async with VendorServer(script) as vendor:
            environ = {
                **{
                    name: os.environ[name] for name in ("PATH", "HOME", "DRAFTSMITH_RUNNER_QUICK") if name in os.environ
                },
                "DRAFTSMITH_STATE_DIR": str(state_dir),
                "DRAFTSMITH_BASE_URL": vendor.openai_url,
                "DRAFTSMITH_API_KEY": "terminal-key",
                "DRAFTSMITH_MODEL": model,
                "PYTHONUTF8": "1",
            }
            yield Desk(folder=folder.resolve(), environ=environ, vendor=vendor)
