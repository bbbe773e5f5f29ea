"""Streamed text on its way to the hub: gathered, bounded, never waited for."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import SessionId
from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner import streaming
from draftsmith.runner.streaming import TextStream


def text_of(sent: list[wire.RunnerMessage]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for message in sent:
        for delta in message.deltas.delta:
            key = (delta.entity_id, delta.field)
            found[key] = found.get(key, "") + delta.text
    return found


async def test_at_most_twenty_messages_a_second_leave_for_one_session() -> None:
    sent: list[tuple[float, wire.RunnerMessage]] = []
    loop = asyncio.get_running_loop()
    stream = TextStream(SessionId("s"), 1, lambda message: sent.append((loop.time(), message)))
    for number in range(600):
        stream.show("m1", "text", f"{number} ")
        await asyncio.sleep(0.001)
    stream.flush()
    times = [at for at, _ in sent[:-1]]
    apart = [later - before for before, later in pairwise(times)]
    assert len(sent) > 2
    # A timer may come late and never early, so the distance has a lower bound on any machine.
    assert min(apart) >= 0.049
    assert text_of([one for _, one in sent])["m1", "text"] == "".join(f"{number} " for number in range(600))


PIECES = st.lists(
    st.tuples(st.sampled_from(("m1", "m2")), st.sampled_from(("text", "reasoning")), st.text(max_size=6)), max_size=40
)


@given(pieces=PIECES)
def test_nothing_is_lost_or_mixed_up(pieces: list[tuple[str, str, str]]) -> None:
    async def run() -> None:
        sent: list[wire.RunnerMessage] = []
        stream = TextStream(SessionId("s"), 1, sent.append)
        wanted: dict[tuple[str, str], str] = {}
        for step, field, text in pieces:
            stream.show(step, "text" if field == "text" else "reasoning", text)
            if text:
                clean = text.encode("utf-8", "replace").decode()
                wanted[step, field] = wanted.get((step, field), "") + clean
        stream.flush()
        assert text_of(sent) == wanted
        assert len(sent) == bool(wanted)

    asyncio.run(run())


async def test_what_waits_is_bounded() -> None:
    sent: list[wire.RunnerMessage] = []
    stream = TextStream(SessionId("s"), 1, sent.append)
    for _ in range(30):
        stream.show("m1", "text", "x" * 100_000)
    stream.flush()
    assert len(text_of(sent)["m1", "text"]) <= streaming.WAITING_LIMIT
    stream.show("m1", "text", "after")
    stream.flush()
    assert text_of(sent[-1:])["m1", "text"] == "after"
