"""Questions in GraphQL as no person would ask them: an answer in its form, never a crash, none to strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from draftsmith.hub.http.graph.asking import SCHEMA
from e2e.http.calling import WAIT_S, address, bearer, script, stranger, until
from e2e.hubs import RunningHub, calc, running
from isolation import short_folder

PATH = "/api/v1/graphql"
DOCUMENTED = {200, 400, 401, 403, 408, 413, 415, 429, 503}
QUESTIONS = schemathesis.graphql.from_file(SCHEMA.as_str())
EXAMPLES = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def hub() -> Iterator[RunningHub]:
    with short_folder("ds-") as folder, running(folder / "state", "--no-runner") as made:
        body = {"folders": [str(calc(folder / "ws"))], "request": "Mend add", "model": "x/y"}
        with script(made) as client:
            assert client.post("/api/v1/sessions", json=body).status_code == 200
            until(
                lambda: client.get("/api/v1/sessions").json()["sessions"][0]["status"] == "working",
                "the session's beginning",
            )
        yield made
        assert made.process.poll() is None


@QUESTIONS.parametrize()
@EXAMPLES
def test_every_question_gets_an_answer_in_its_form(case: schemathesis.Case, hub: RunningHub) -> None:
    answer = case.call(base_url=f"{address(hub)}{PATH}", headers=bearer(hub), timeout=WAIT_S)
    # Not schemathesis's own check: it takes every error of a field, also a page of 0, for a crash of the server.
    assert answer.status_code in DOCUMENTED
    _in_form(answer.json(), answer.status_code)


@QUESTIONS.parametrize()
@settings(EXAMPLES, max_examples=3)
def test_a_stranger_is_told_nothing(case: schemathesis.Case, hub: RunningHub) -> None:
    answer = case.call(base_url=f"{address(hub)}{PATH}", headers={"Authorization": ""}, timeout=WAIT_S)
    assert answer.status_code in (401, 429)
    assert "data" not in answer.json()


JUNK: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(
    st.fixed_dictionaries(
        {"query": st.one_of(st.text(max_size=200), st.sampled_from(["{ sessions { nodes { id } } }", "{", "{a}"]))},
        optional={"variables": JUNK, "operationName": JUNK, "other": JUNK},
    )
)
@EXAMPLES
def test_whatever_is_asked_is_answered_or_refused(hub: RunningHub, body: dict[str, Any]) -> None:
    with script(hub) as client:
        answer = client.post(PATH, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code in DOCUMENTED, answer.text
    _in_form(answer.json(), answer.status_code)


@given(st.binary(max_size=300))
@settings(EXAMPLES, max_examples=20)
def test_a_body_that_is_none_is_refused(hub: RunningHub, body: bytes) -> None:
    with script(hub) as client:
        answer = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 200)
    with stranger(hub) as client:
        assert client.post(PATH, content=body).status_code in (401, 429)


def _in_form(told: Any, status: int) -> None:
    if status == 200:
        assert set(told) <= {"data", "errors"}
        assert all(one.get("extensions", {}).get("code") != "internal" for one in told.get("errors", ())), told
    else:
        assert {"code", "detail", "status"} <= set(told)
