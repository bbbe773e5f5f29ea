"""A question reads a page of sessions with what belongs to them by a handful of statements, whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from tests.unit.hub.worlds import World, world

from draftsmith.hub.http.graph.asking import ask

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
        found: Any = await ask(made.store, QUERY, {"first": first}, None)
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
