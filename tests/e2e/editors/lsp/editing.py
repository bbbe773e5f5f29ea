"""A small project in an editor of ours: hub, scripted model, edge and client, put together for a test."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from draftsmith.client.connection import HubConnection
from e2e import hubs
from harness.lsp_client import Buffer, Json, LspClient, lsp_client
from harness.replies import Role, script_of
from vendor.server import VendorServer

PROJECT = {
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return a + a + a\n",
    "test_calc.py": (
        "import unittest\n\nfrom calc import add, double\n\n\nclass CalcTest(unittest.TestCase):\n"
        "    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n\n"
        "    def test_double(self):\n        self.assertEqual(double(2), 4)\n"
    ),
}
"""Two defects, far enough from each other for two hunks."""

MEND: list[Json] = [
    {
        "calls": [
            {"edit": {"path": "calc.py", "old": "a - b", "new": "a + b"}},
            {"edit": {"path": "calc.py", "old": "a + a + a", "new": "a + a"}},
        ]
    },
    {"finish": {"summary": "add adds, double doubles."}},
]
"""What the coder does, in the notation of `harness.replies`."""


def script(code: Sequence[Json] = MEND, **roles: Sequence[Json]) -> VendorServer:
    """A model that replies so, in the notation of `harness.replies`; each reply is given once."""
    sections = cast("Mapping[Role, Sequence[Json]]", {"code": code, **roles})
    return VendorServer({"replies": script_of("m", sections)})


@dataclass(frozen=True, kw_only=True)
class Editing:
    state_dir: Path
    root: Path
    hub: hubs.RunningHub
    vendor: VendorServer
    client: LspClient

    def open(self, name: str = "calc.py", language: str = "python") -> Buffer:
        path = self.root / name
        return Buffer(self.client, path, path.read_text(), language)

    def disk(self, name: str = "calc.py") -> str:
        return (self.root / name).read_text()

    @contextlib.asynccontextmanager
    async def another(self, **initialize: Any) -> AsyncIterator[LspClient]:
        """One more editor on the same hub."""
        async with lsp_client(self.state_dir, environment(self.vendor)) as client:
            await client.initialize(self.root, **initialize)
            yield client

    async def terminal(self) -> HubConnection:
        """A connection as the terminal's commands make it."""
        return await HubConnection.open(self.hub.endpoint, client="cli")


def environment(vendor: VendorServer) -> Mapping[str, str]:
    """A model by the environment, as a user sets it."""
    return {"DRAFTSMITH_BASE_URL": vendor.openai_url, "DRAFTSMITH_API_KEY": "k", "DRAFTSMITH_MODEL": "m"}


def lay_out(root: Path, files: Mapping[str, str] = PROJECT) -> Path:
    root.mkdir(parents=True)
    for name, text in files.items():
        (root / name).write_text(text)
    return root


@contextlib.asynccontextmanager
async def editing(
    state_dir: Path,
    root: Path,
    vendor: VendorServer | None = None,
    *,
    files: Mapping[str, str] = PROJECT,
    capabilities: Json | None = None,
    options: Json | None = None,
) -> AsyncIterator[Editing]:
    lay_out(root, files)
    async with vendor or script() as model:
        with hubs.running(state_dir) as hub:
            async with lsp_client(state_dir, environment(model)) as client:
                await client.initialize(root, capabilities=capabilities, options=options)
                yield Editing(state_dir=state_dir, root=root, hub=hub, vendor=model, client=client)


async def lenses(buffer: Buffer, count: int) -> list[Json]:
    """The buffer's lenses, once there are this many: asked for anew whenever the edge says so."""
    while True:
        refreshed = _refreshes(buffer.client)
        found = await buffer.lenses()
        if len(found) == count:
            return found
        what = f"{count} lenses (now {[one['command']['title'] for one in found]})"
        await buffer.client.until(functools.partial(_more_than, buffer.client, refreshed), what)


def _refreshes(client: LspClient) -> int:
    return sum(name == "workspace/codeLens/refresh" for name, _ in client.requests)


def _more_than(client: LspClient, count: int) -> bool:
    return _refreshes(client) > count


def titled(items: list[Json], start: str) -> Json:
    """The only lens or action whose title begins so."""
    found = [one for one in items if (one.get("title") or one["command"]["title"]).startswith(start)]
    assert len(found) == 1, f"{start!r}: {[one.get('title') or one['command']['title'] for one in items]}"
    return found[0]


def applied(buffer: Buffer, params: Json) -> Json:
    """Make an edit of one document that the edge asks for, as an editor does: only of the version it speaks of."""
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"]["uri"] == buffer.uri
    if change["textDocument"]["version"] != buffer.version:
        return {"applied": False, "failureReason": "The document moved on."}
    buffer.edit(change["edits"])
    return {"applied": True}
