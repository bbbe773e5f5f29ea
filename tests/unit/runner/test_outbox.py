"""What goes to the hub: in its order, text of all sessions together, nothing joined, nothing lost within the limit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.protocol.generated import runner_pb2 as wire
from draftsmith.runner.outbox import MAX_TOGETHER, OUTBOX_LIMIT, Outbox


def deltas(session: str, text: str) -> wire.RunnerMessage:
    delta = wire.Delta(entity_id="m", field="text", text=text)
    return wire.RunnerMessage(deltas=wire.Deltas(session_id=session, fence=1, delta=[delta]))


def answer(name: str) -> wire.RunnerMessage:
    return wire.RunnerMessage(answer=wire.Answer(question_id=name))


def flat(messages: Sequence[wire.RunnerMessage]) -> list[str]:
    found: list[str] = []
    for one in messages:
        match one.WhichOneof("message"):
            case "streamed":
                found += [f"{part.session_id}:{part.delta[0].text}" for part in one.streamed.deltas]
            case "deltas":
                found.append(f"{one.deltas.session_id}:{one.deltas.delta[0].text}")
            case _:
                found.append(one.answer.question_id)
    return found


async def taken(outbox: Outbox, last: str) -> list[wire.RunnerMessage]:
    found: list[wire.RunnerMessage] = []
    async with asyncio.timeout(20):
        async for message in outbox.messages():
            found.append(message)
            if flat([message])[-1] == last:
                return found
    raise AssertionError("it ended")


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.text("ab", max_size=3)), max_size=40))
def test_everything_comes_once_and_in_order(what: list[tuple[bool, int, str]]) -> None:
    messages = [
        deltas(f"s{number}", text) if streamed else answer(f"{number}{text}") for streamed, number, text in what
    ]

    async def run() -> list[wire.RunnerMessage]:
        outbox = Outbox()
        for message in (*messages, answer("end")):
            assert outbox.put(message)
        return await taken(outbox, "end")

    found = asyncio.run(run())
    assert flat(found) == [*flat(messages), "end"]
    kinds = [one.WhichOneof("message") in ("deltas", "streamed") for one in found]
    assert not any(one and other for one, other in pairwise(kinds))


async def test_a_full_outbox_takes_no_more_and_goes_on_when_it_was_emptied() -> None:
    outbox = Outbox()
    for number in range(OUTBOX_LIMIT):
        assert outbox.put(deltas("s", str(number)))
    assert not outbox.put(answer("no room"))
    found = await taken(outbox, f"s:{OUTBOX_LIMIT - 1}")
    assert len(found) == OUTBOX_LIMIT // MAX_TOGETHER
    assert flat(found) == [f"s:{number}" for number in range(OUTBOX_LIMIT)]
    outbox.put(answer("end"))
    assert flat(await taken(outbox, "end")) == ["end"]
