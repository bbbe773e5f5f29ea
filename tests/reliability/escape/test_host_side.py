"""What a command left in the draft, and everything that the host side does with a draft afterwards, for real.

Nothing of it starts, waits, or is followed out of the draft.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.workspace.one_go import apply_hunks

from draftsmith.code.facts.folder import list_folder
from draftsmith.code.index.scan import scan
from draftsmith.domain.errors import DraftsmithError
from draftsmith.ports.sandbox import Command, MountedRoot
from draftsmith.sandbox.bubblewrap import BubblewrapSandbox
from draftsmith.tools.registry import parse_call, run_call
from draftsmith.tools.tool import DraftRoot, ToolContext
from draftsmith.workspace.aside import bring_back, put_aside
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.snapshot import Snapshot, take_snapshot
from draftsmith.workspace.store import ObjectStore
from reliability.escape.attempt import Attempt, attempts

WITHIN_S = 80.0
"""Far beyond what it takes, and less than the shortest time after which something that waits is given up."""
HOSTILE = attempts("host")
BITS = 0o6000
LOOKED_AT = (
    "main.py",
    "fifo",
    "linked.py",
    "zero.py",
    "mem.py",
    "sub.py",
    "notes.py",
    "pkg/notes.txt",
    "root/etc/passwd",
)
WRITTEN_TO = ("pkg/made.py", "notes.py", ".vscode/settings.json", "up/made.py", "sub/.git/hooks/pre-commit", "fifo")


@dataclass(kw_only=True)
class Desk:
    """A user's repository, its object store and a session's draft."""

    folder: Path
    store: ObjectStore
    base: Snapshot
    draft: Draft

    @property
    def workspace(self) -> Path:
        return self.folder / "ws"

    @property
    def ran(self) -> Path:
        return self.folder / "outside" / "ran"

    @classmethod
    async def laid_out(cls, folder: Path) -> Desk:
        for name in ("ws", "outside", "ws/pkg"):
            (folder / name).mkdir()
        (folder / "outside" / "notes.txt").write_text("the user's notes\n")
        for name in ("main.py", "pkg/notes.txt", "data.txt"):
            (folder / "ws" / name).write_text("print('hello')\n")
        (folder / "ws" / "probe").write_text("#!/bin/sh\n")
        git(folder / "ws", "init", "-q")
        git(folder / "ws", "add", ".")
        git(folder / "ws", "commit", "-qm", "first")
        store = ObjectStore.open(folder / "store.git")
        base = await take_snapshot(store, [folder / "ws"], folder / "maps")
        return cls(folder=folder, store=store, base=base, draft=await Draft.create(store, base.tree, folder / "draft"))

    async def run(self, attempt: Attempt) -> str:
        program = attempt.program
        variables = {
            "RAN": str(self.ran),
            "OUTSIDE": str(self.folder / "outside"),
            "WORKSPACE": str(self.workspace),
            "HOST_HOME": str(Path.home()),
            "HOME": "/tmp",
        }
        command = Command(
            run=program,
            cwd=self.workspace,
            roots=(MountedRoot(workspace_path=self.workspace, draft_path=self.draft.roots[0]),),
            output_dir=self.folder / "outputs",
            output_id="c1",
            env=tuple(variables.items()),
        )
        result = await BubblewrapSandbox().run(command)
        return result.stdout.head + result.stderr.head

    async def use(self) -> None:
        """What happens to a draft after a command: recorded, read, searched, judged, proposed, applied, restored."""
        recorded = await self.draft.checkpoint()
        await self._tools()
        await list_folder(self.draft.roots[0])
        await asyncio.to_thread(scan, str(self.draft.roots[0]))
        moved = await put_aside(self.draft, self.folder / "aside")
        await bring_back(self.draft, self.folder / "aside", moved)
        recorded = await self.draft.checkpoint()
        changes = await propose(self.store, self.base.tree, recorded.tree)
        wanted = [hunk.hunk_id for change in changes for hunk in change.hunks]
        await apply_hunks(self.store, [self.workspace], changes, wanted)
        await take_snapshot(self.store, [self.workspace], self.folder / "maps")
        await self.draft.restore(self.base.tree)

    async def _tools(self) -> None:
        root = DraftRoot(name="ws", workspace_path=self.workspace, draft_path=self.draft.roots[0])
        context = ToolContext(roots=(root,), sandbox=BubblewrapSandbox(), output_dir=self.folder / "outputs")
        calls = [("list", {"path": "."}), ("search", {"pattern": "needle"})]
        calls += [("read", {"path": name}) for name in LOOKED_AT]
        calls += [("write", {"path": name, "content": "written\n"}) for name in WRITTEN_TO]
        for name, arguments in calls:
            call = parse_call(name, json.dumps(arguments))
            with contextlib.suppress(DraftsmithError):
                assert "the user's notes" not in (await run_call(call, context)).text


def git(folder: Path, *arguments: str) -> str:
    """The user's own git."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
    return done.stdout.decode("utf-8", "replace")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else b""


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path.relative_to(folder)): (path.lstat().st_mode, _content(path)) for path in folder.rglob("*")}


@pytest.mark.parametrize("attempt", HOSTILE, ids=lambda each: each.name)
async def test_nothing_in_a_draft_starts_or_is_followed_on_the_host_side(attempt: Attempt, tmp_path: Path) -> None:
    desk = await Desk.laid_out(tmp_path)
    said = await desk.run(attempt)
    outside, repository = state_of(desk.folder / "outside"), state_of(desk.workspace / ".git")
    async with asyncio.timeout(WITHIN_S):
        await desk.use()
    assert not desk.ran.exists(), said
    assert state_of(desk.folder / "outside") == outside, said
    assert state_of(desk.workspace / ".git") == repository
    # What the user has now starts nothing either when the user's own git looks at it.
    git(desk.workspace, "status", "--porcelain")
    assert not desk.ran.exists(), said
    assert not [
        name for name, (mode, _) in state_of(desk.workspace).items() if mode & BITS and os.sep + ".git" not in name
    ]
    assert not list(desk.workspace.glob("**/.git/**/evil"))


@pytest.mark.parametrize(
    "attempt", [each for each in HOSTILE if "of one's own" in each.name], ids=lambda each: each.name
)
async def test_a_plain_git_in_that_draft_would_start_them(attempt: Attempt, tmp_path: Path) -> None:
    desk = await Desk.laid_out(tmp_path)
    await desk.run(attempt)
    git(desk.draft.roots[0] / "sub", "status")
    assert desk.ran.exists()
