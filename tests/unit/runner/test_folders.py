"""The runner's folders are bounded: the oldest sessions go, with what only they kept."""

from __future__ import annotations

import os
from pathlib import Path

from draftsmith.domain.ids import SessionId, WorkspaceId
from draftsmith.runner.folders import KEPT_DRAFTS, Folders
from draftsmith.workspace.snapshot import take_snapshot

WORKSPACE = WorkspaceId("w_1")


async def test_the_oldest_sessions_go_with_their_snapshots_and_those_in_use_stay(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "runner")
    store = await folders.store(WORKSPACE)
    root = tmp_path / "root"
    root.mkdir()
    names = [SessionId(f"s_{number:02}") for number in range(KEPT_DRAFTS + 3)]
    for number, name in enumerate(names):
        (root / "a").write_text(str(number))
        taken = await take_snapshot(store, [root], tmp_path / "maps")
        store.pin(name, taken.tree)
        os.utime(folders.session(name), (number, number))
    await folders.tidy({names[0]})
    left = {folder.name for folder in (tmp_path / "runner" / "sessions").iterdir()}
    assert left == {names[0], *names[4:]}
    assert not store.pins_of(names[1])
    assert store.pins_of(names[0])
    assert store.pins_of(names[-1])
