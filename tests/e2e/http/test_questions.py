"""GraphQL: sessions with what they did, costs by any column; bounded, by few statements, for owners only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from e2e.http.calling import script, stranger, until
from e2e.hubs import RunningHub, calc

PATH = "/api/v1/graphql"


def ask(hub: RunningHub, query: str, **variables: object) -> Any:
    with script(hub) as client:
        answer = client.post(PATH, json={"query": query, "variables": variables})
    return answer.json()


def test_sessions_come_by_pages_with_what_belongs_to_them(hub: RunningHub, tmp_path: Path) -> None:
    folder = str(calc(tmp_path / "ws"))
    with script(hub) as client:
        made = [
            client.post("/api/v1/sessions", json={"folders": [folder], "request": f"Mend {number}"}).json()[
                "session_id"
            ]
            for number in range(3)
        ]
        # A session that begins moves up in the list.
        until(
            lambda: {one["status"] for one in client.get("/api/v1/sessions").json()["sessions"]} == {"working"},
            "the sessions' beginning",
        )
    query = """query ($after: String) { sessions(first: 2, after: $after) {
      cursor nodes { id title created_at cost_nano_usd tasks { title } findings { message } models { model } } } }"""
    first = ask(hub, query)["data"]["sessions"]
    second = ask(hub, query, after=first["cursor"])["data"]["sessions"]
    nodes = first["nodes"] + second["nodes"]
    assert {node["id"] for node in nodes} == set(made)
    assert second["cursor"] is None
    assert nodes[0]["created_at"] > 2**31
    one = ask(hub, "query ($id: ID!) { session(id: $id) { title } }", id=made[0])
    assert one["data"]["session"]["title"].startswith("Mend 0")
    assert ask(hub, '{ session(id: "none") { title } }') == {"data": {"session": None}}


def test_what_was_spent_is_summed_by_the_columns_asked_for(hub: RunningHub) -> None:
    found = ask(hub, "{ work(by: [MODEL, DAY], days: 7) { model day figures { calls cost_nano_usd good_tasks } } }")
    assert found == {"data": {"work": []}}
    assert ask(hub, "{ work(by: []) { model } }")["errors"][0]["extensions"]["code"] == "query_too_large"


@pytest.mark.parametrize(
    "query",
    [
        "{ sessions(first: 500) { nodes { tasks(last: 500) { title } } } }",
        "{ "
        + "sessions { nodes { " * 1
        + "a: " * 0
        + " ".join(f"t{n}: tasks {{ title }}" for n in range(300))
        + " } } }",
        "query { ...a } fragment a on Query { sessions { nodes { ...b } } } fragment b on Session { "
        + " ".join(f"x{n}: tasks(last: 400) {{ title status }}" for n in range(3))
        + " }",
        "{" * 40 + " a " + "}" * 40,
        "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
        "query ($n: Int = 500) { sessions(first: $n) { nodes { tasks(last: $n) { title } } } }",
        "{ " + " ".join(f"a{n}: work(by: [DAY]) {{ day }}" for n in range(1_500)) + " }",
    ],
)
def test_a_question_that_is_too_large_is_not_answered(hub: RunningHub, query: str) -> None:
    found = ask(hub, query)
    assert found.get("code") == "query_too_large" or (found["data"] is None and found["errors"])


def test_a_question_that_makes_no_sense_is_told_why(hub: RunningHub) -> None:
    assert "Cannot query field" in ask(hub, "{ nothing }")["errors"][0]["message"]
    assert "Syntax Error" in ask(hub, "{")["errors"][0]["message"]
    bad = ask(hub, '{ sessions(after: "nonsense") { cursor } }')
    assert bad["errors"][0]["extensions"]["code"] == "bad_cursor"
    assert ask(hub, "{ sessions(first: 0) { cursor } }")["errors"][0]["extensions"]["code"] == "query_too_large"


def test_it_describes_itself_to_owners_only(hub: RunningHub) -> None:
    introspection = get_introspection_query()
    assert {"Session", "Task"} <= {one["name"] for one in ask(hub, introspection)["data"]["__schema"]["types"]}
    with stranger(hub) as client:
        assert client.post(PATH, json={"query": introspection}).status_code == 401
