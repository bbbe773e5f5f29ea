"""A session that is deleted leaves nothing behind, and takes nothing of another's along."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from tests.unit.domain import histories as h
from tests.unit.hub.worlds import Client, World, world

from draftsmith.domain.envelope import Actor
from draftsmith.domain.errors import DraftsmithError, IllegalCommand
from draftsmith.domain.ids import DocumentId, SessionId, WorkspaceId, session_stream
from draftsmith.domain.roots import Root
from draftsmith.domain.session.commands import SendMessage
from draftsmith.domain.text import Text
from draftsmith.hub.ledgers import session_scope
from draftsmith.platform.clock import new_id
from draftsmith.store import forgetting
from draftsmith.workspace.store import RECENT

WORKSPACE = WorkspaceId("w1")


def text(content: bytes) -> Text:
    name = DocumentId(hashlib.sha256(content).hexdigest())
    return Text(preview="…", length=len(content), document=name)


async def session(there: World, folder: Path, *documents: bytes, over: bool = True) -> tuple[SessionId, str]:
    """A session with a snapshot of the folder and messages that are long; its id and the snapshot's."""
    session_id = await there.started(workspace_id=WORKSPACE)
    taken = await there.hub.workspaces.snapshot(
        WORKSPACE, session_id, [Root(name="p", path=str(folder))], (), allow_home=False
    )
    for content in documents:
        await there.append(session_id, h.e.MessageReceived(text=text(content)), documents=(content,))
    call = h.model_intended("m1")
    await there.append(session_id, call, h.model_finished("m1"))
    if over:
        await there.append(session_id, h.stopped())
    return session_id, taken.tree


def folder_with(tmp_path: Path, content: str) -> Path:
    folder = tmp_path / "project"
    folder.mkdir(exist_ok=True)
    (folder / "f.txt").write_text(content)
    return folder


async def has(there: World, document: bytes) -> bool:
    return await there.store.document(DocumentId(hashlib.sha256(document).hexdigest())) is not None


async def forget_what_is_recent(there: World) -> None:
    """As if an hour had passed since the snapshots were taken."""
    store = await there.hub.workspaces.store(WORKSPACE)
    for pin in (store._pins / RECENT).iterdir():
        os.utime(pin, (0, 0))


async def test_log_rows_documents_and_snapshots_go_and_what_others_share_stays(tmp_path: Path) -> None:
    async with world(tmp_path / "state") as there:
        own, shared = b"own" * 3_000, b"shared" * 2_000
        gone, first = await session(there, folder_with(tmp_path, "only of the first\n"), own, shared)
        kept, second = await session(there, folder_with(tmp_path, "of the second\n"), shared)
        before = await there.hub.store.entities(kept, "session", limit=10)
        await there.hub.delete(await there.hub.host(gone))
        await forget_what_is_recent(there)
        await there.hub.deleting.collect(WORKSPACE)

        assert await there.store.version(session_stream(gone)) == 0
        assert await there.store.version(session_scope(gone)) == 0
        assert await there.store.entities(gone, "session", limit=10) == []
        assert [row.session_id for row in await there.store.sessions(limit=10)] == [kept]
        assert (await has(there, own), await has(there, shared)) == (False, True)
        assert not await there.hub.workspaces.has_tree(WORKSPACE, h.TreeId(first))
        assert await there.hub.workspaces.has_tree(WORKSPACE, h.TreeId(second))
        with pytest.raises(DraftsmithError) as unknown:
            await there.hub.host(gone)
        assert unknown.value.code == "unknown_session"
        assert await there.hub.store.entities(kept, "session", limit=10) == before
        assert (await there.hub.host(kept)).state.status == "stopped"


async def test_a_session_that_is_not_over_is_not_deleted(tmp_path: Path) -> None:
    async with world(tmp_path / "state") as there:
        working, _ = await session(there, folder_with(tmp_path, "x\n"), over=False)
        host = await there.hub.host(working)
        with pytest.raises(IllegalCommand, match="cancel it before"):
            await there.hub.delete(host)
        await there.append(working, h.checkpoint(7))
        assert host.state.status == "working"


async def test_who_watches_sees_it_go_and_nothing_more_can_be_said_to_it(tmp_path: Path) -> None:
    async with world(tmp_path / "state") as there:
        session_id, _ = await session(there, folder_with(tmp_path, "x\n"))
        watcher, other = Client(there, session_id), Client(there, session_id)
        await watcher.connect()
        await other.connect()
        host = await there.hub.host(session_id)
        assert await other.call("session/delete", {"session_id": session_id}) == {}
        await watcher.read_until(host.fanout.seq)
        assert watcher.held.get("session", session_id) is None
        with pytest.raises(DraftsmithError) as gone:
            await there.append(session_id, h.message())
        assert gone.value.code == "unknown_session"
        with pytest.raises(DraftsmithError):  # by who still held it
            await host.command(SendMessage(text=h.inline("More.")), Actor(client="cli"), correlation_id="c")
        await watcher.cut()
        await other.cut()


async def test_a_crash_before_the_snapshots_went_is_made_good_at_the_next_start(tmp_path: Path) -> None:
    async with world(tmp_path / "state") as there:
        gone, first = await session(there, folder_with(tmp_path, "only of the first\n"))
        kept, second = await session(there, folder_with(tmp_path, "of the second\n"))
        await there.store.forget(gone, (session_stream(gone), session_scope(gone)))
        await there.crash()
        await forget_what_is_recent(there)
        assert await there.hub.workspaces.has_tree(WORKSPACE, h.TreeId(first))
        await there.hub.deleting.sweep()
        assert not await there.hub.workspaces.has_tree(WORKSPACE, h.TreeId(first))
        assert await there.hub.workspaces.has_tree(WORKSPACE, h.TreeId(second))
        assert await there.hub.workspaces.holders(WORKSPACE) == [kept]
        young = SessionId(new_id("s"))
        await there.hub.workspaces.keep(WORKSPACE, young, (h.TreeId(second),))
        await there.hub.deleting.sweep()
        assert young in await there.hub.workspaces.holders(WORKSPACE), "a fork that is about to begin lost its base"


async def test_a_document_that_another_session_names_while_it_is_deleted_stays(tmp_path: Path) -> None:
    async with world(tmp_path / "state") as there:
        folder = folder_with(tmp_path, "x\n")
        gone, _ = await session(there, folder, b"late" * 3_000)
        kept, _ = await session(there, folder)
        streams = (session_stream(gone), session_scope(gone))
        named, seen = await there.store._database.read(lambda one: forgetting.documents_of(one, streams))
        assert len(named) == 1
        await there.append(kept, h.e.MessageReceived(text=text(b"late" * 3_000)), documents=(b"late" * 3_000,))
        await there.store._database.write(lambda one: forgetting.forget(one, gone, streams, named, seen))
        assert await has(there, b"late" * 3_000)
