"""A session's line in lists: what is told from memory and what is read from the store are the same, at every moment."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain import histories as h
from tests.unit.domain.test_session_histories import log_of
from tests.unit.hub.worlds import World, numbered, world

from draftsmith.domain.ids import SessionId
from draftsmith.domain.roots import Root
from draftsmith.hub.lines import live_line, stored_lines
from draftsmith.protocol.methods.session import SessionLine


async def both(there: World, session_id: SessionId) -> SessionLine:
    """The line, held to be the same from both sides and fit for the wire."""
    live = live_line(await there.hub.host(session_id))
    row = await there.store.session(session_id)
    assert row is not None
    assert (live,) == await stored_lines(there.store, (row,))
    live.model_dump_json()
    return live


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 2**20), min_size=10, max_size=60))
def test_whatever_happens_memory_and_store_say_the_same(choices: list[int]) -> None:
    log = log_of(choices)

    async def run(folder: Path) -> None:
        async with world(folder) as there:
            there.hub.new_host(h.SESSION)
            host = await there.hub.host(h.SESSION)
            for one in log:
                await host.append(numbered(h.SESSION, host.state.version, (one.event,)), ())
                await both(there, h.SESSION)

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(run(Path(name)))


async def test_a_plan_that_is_only_proposed_counts_in_both(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id = await there.started()
        await there.append(session_id, h.plan_proposed("t1", "t2"))
        line = await both(there, session_id)
        assert (line.tasks, line.tasks_done) == (2, 0)


async def test_names_that_are_no_text_are_shown_with_marks_in_both(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id = await there.started(roots=(Root(name="caf", path="/home/me/caf\udce9"),))
        assert (await both(there, session_id)).folders == ("/home/me/caf\ufffd",)


async def test_what_is_read_again_after_a_restart_is_the_same_line(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id = await there.started()
        await there.append(session_id, h.plan_proposed("t1", "t2"), h.stopped())
        before = await both(there, session_id)
        await there.restart()
        assert await both(there, session_id) == before
