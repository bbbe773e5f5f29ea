"""A hub that starts again on its store: sessions are whole when anybody sees them, and lost keys are asked for once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import SecretStr
from tests.unit.hub.worlds import World, numbered, world

from draftsmith.domain.decisions import KEY_PROVIDED, Decision
from draftsmith.domain.ids import DecisionId, RunnerId, SessionId
from draftsmith.domain.session.events import DecisionRequested
from draftsmith.domain.text import inline
from draftsmith.hub.leases import ConnectedRunner
from draftsmith.protocol.methods.hub import OfferedCredential

KEY = OfferedCredential(provider="openai", label="k", value=SecretStr("v"), origin="environment")


async def test_a_session_that_is_still_being_loaded_is_shown_to_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id = await there.started()
        version = (await there.hub.host(session_id)).state.version
        await there.restart()

        async def seen() -> tuple[int, int]:
            host = await there.hub.host(session_id)
            return host.state.version, len((await host.snapshot()).entities)

        first, second = await asyncio.gather(seen(), seen())
        assert first == second
        assert first[0] == version > 0


async def leased(there: World) -> tuple[SessionId, int]:
    """A session at work on a runner that has been handed all keys."""
    session_id = await there.started()
    runner = ConnectedRunner(runner_id=RunnerId("r"), pid=1, capacity=1)
    there.hub.runner_joined(runner)
    there.hub.appended(await there.hub.host(session_id), [])
    while session_id not in runner.sessions:  # it is told the workspace's rules before
        await asyncio.gather(*there.hub._background.tasks)
    there.hub.credentials.hand_out(session_id)
    return session_id, runner.sessions[session_id]


async def ask_for_key(there: World, session_id: SessionId, fence: int, name: str) -> None:
    decision = Decision(
        decision_id=DecisionId(name), subject="key", prompt=inline("A key, please."), options=(KEY_PROVIDED,)
    )
    host = await there.hub.host(session_id)
    asked = numbered(session_id, host.state.version, [DecisionRequested(decision=decision)])
    await there.hub.append_from_runner(session_id, fence, asked, (), objects=b"", tree=None)
    await asyncio.gather(*there.hub._background.tasks)


async def test_a_key_that_came_between_looking_and_asking_answers_the_question(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        session_id, fence = await leased(there)
        there.hub.credentials.offer([KEY])
        await ask_for_key(there, session_id, fence, "d1")
        assert not (await there.hub.host(session_id)).state.decisions


async def test_keys_that_the_runner_has_seen_do_not_answer_its_question(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        there.hub.credentials.offer([KEY])
        session_id, fence = await leased(there)
        await ask_for_key(there, session_id, fence, "d1")
        assert [one.subject for one in (await there.hub.host(session_id)).state.decisions] == ["key"]
