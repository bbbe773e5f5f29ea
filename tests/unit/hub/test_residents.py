"""What of the sessions is in the hub's memory: what is used or watched stays, the rest goes and comes back whole."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.unit.domain import histories as h
from tests.unit.hub.worlds import WAIT_S, Client, World, world

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId
from draftsmith.hub.residents import RESIDENTS_VARIABLE, residents_wanted

LIMIT = 4


@asynccontextmanager
async def small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A hub with room for a few sessions."""
    monkeypatch.setenv(RESIDENTS_VARIABLE, str(LIMIT))
    async with world(folder) as there:
        yield there


async def over(there: World) -> SessionId:
    """A session that has come to its end."""
    session_id = await there.started()
    await there.append(session_id, h.checkpoint(1), h.stopped())
    return session_id


def resident(there: World) -> set[SessionId]:
    return {host.session_id for host in there.hub._hosts}


async def test_of_many_sessions_only_so_many_stay_and_those_that_are_used_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small(tmp_path, monkeypatch) as there:
        watched = await over(there)
        client = Client(there, watched)
        await client.connect()
        working = await there.started()
        ended = [await over(there) for _ in range(3 * LIMIT)]
        assert {watched, working} <= resident(there), "one that is watched or at work was put out"
        assert len(resident(there)) <= LIMIT + 1
        assert ended[0] not in resident(there)
        back = await there.hub.host(ended[0])
        assert (back.state.status, back.state.version) == ("stopped", 4)
        await there.append(watched, h.message())
        host = await there.hub.host(watched)
        await client.read_until(host.fanout.seq)
        assert client.held.seq == host.fanout.seq
        await client.cut()
        for _ in range(LIMIT + 1):
            await over(there)
        assert working in resident(there)


async def test_one_that_is_still_used_by_somebody_is_not_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small(tmp_path, monkeypatch) as there:
        first = await over(there)
        used = await there.hub.host(first)
        for _ in range(2 * LIMIT):
            await over(there)
        assert first not in resident(there)
        assert await there.hub.host(first) is used, "two writers of one stream"
        for _ in range(2 * LIMIT):
            await over(there)
        was = id(used)
        del used
        gc.collect()
        again = await there.hub.host(first)
        assert again.state.version == 4
        assert was


async def test_a_client_that_was_away_while_its_session_was_put_out_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small(tmp_path, monkeypatch) as there:
        session_id = await over(there)
        client = Client(there, session_id)
        await client.connect()
        await client.cut()
        before = client.held.epoch
        for _ in range(2 * LIMIT):
            await over(there)
        gc.collect()
        assert session_id not in resident(there)
        # As many updates as it had seen before: by its number alone it would think that it has them all.
        seen = client.held.seq or 0
        for number in range(seen + 2):
            await there.append(session_id, h.checkpoint(10 + number))
        await client.connect()
        assert client.held.epoch != before
        points = {entity["id"] for entity in client.held if entity["kind"] == "checkpoint"}
        assert {f"k{10 + number}" for number in range(seen + 2)} <= points
        await client.cut()


async def test_a_session_at_work_is_put_out_only_once_it_is_over_and_its_budget_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small(tmp_path, monkeypatch) as there:
        sessions = [await there.started() for _ in range(2 * LIMIT)]
        assert set(sessions) == resident(there)
        for session_id in sessions:
            await there.append(session_id, h.stopped())
        await over(there)
        assert len(resident(there)) <= LIMIT
        async with asyncio.timeout(WAIT_S):
            for session_id in sessions:
                assert (await there.hub.host(session_id)).state.status == "stopped"


@pytest.mark.parametrize("said", ["0", "many", "-3", "1.5"])
def test_a_bound_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RESIDENTS_VARIABLE, said)
    with pytest.raises(UserError, match=RESIDENTS_VARIABLE):
        residents_wanted()
