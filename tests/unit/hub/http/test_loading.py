"""A question reads a page of sessions with what belongs to them by a handful of statements, whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from tests.unit.hub.worlds import World, world

from draftsmith.domain.ids import SessionId
from draftsmith.hub.http.graph.asking import ask
from draftsmith.ports.events import Append, EntityRow

QUERY = """query ($first: Int!) { sessions(first: $first) { nodes {
  id tasks(last: 5) { title } findings(last: 5) { message } gates(last: 5) { gate } models { model } } } }"""


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database in the meantime."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def asked(made: World, first: int) -> tuple[Any, int]:
    with statements() as seen:
        found: Any = await ask(made.store, None, QUERY, {"first": first}, None)
    return found["data"]["sessions"]["nodes"], len([one for one in seen if one.lstrip().upper().startswith("SELECT")])


async def test_forty_sessions_cost_as_many_statements_as_two(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        for _ in range(40):
            await made.started()
        few, small = await asked(made, 2)
        many, large = await asked(made, 40)
    assert (len(few), len(many)) == (2, 40)
    assert small == large
    assert large <= 5


async def test_of_each_session_the_last_rows_come_in_their_order(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        first, second = await made.started(), await made.started()
        rows = [
            EntityRow(session_id=session, kind="finding", entity_id=f"f{number}", ordinal=number, body="{}")
            for session, count in ((first, 5), (second, 2))
            for number in range(count)
        ]
        await made.store.append(Append(envelopes=(), entities=tuple(rows)))
        found = await made.store.entities_of([first, second], "finding", last=3)
        assert await made.store.entities_of([], "finding", last=3) == []
        assert await made.store.session(SessionId("none")) is None
    numbers = {one: [row.ordinal for row in found if row.session_id == one] for one in (first, second)}
    assert numbers == {first: [2, 3, 4], second: [0, 1]}
