"""REST gives what the WebSocket gives, and what HTTP adds to it: conditions, pages, repetitions, problems."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from draftsmith.domain.errors import DraftsmithError
from draftsmith.protocol.generate.catalogue import Way
from draftsmith.protocol.generate.samples import sample
from draftsmith.protocol.http import RestForm, rest_forms
from e2e.http.calling import script, until
from e2e.hubs import RunningHub, calc

SAFE = [form for form in rest_forms() if form.method.safe and form.method.name != "models/list"]
"""The list of models is asked of a runner; see test_fuzz."""


@pytest.fixture(scope="module")
def session(hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = calc(tmp_path_factory.mktemp("rest") / "ws")
    with script(hub) as client:
        started = client.post("/api/v1/sessions", json={"folders": [str(folder)], "request": "Mend add"})
        session_id: str = started.json()["session_id"]
        place = f"/api/v1/sessions/{session_id}/entity?kind=session&id={session_id}"
        # Its snapshot is taken then, and without a runner nothing more happens to it.
        until(lambda: client.get(place).json()["entity"]["status"] == "working", "the session's beginning")
        yield session_id


def rest(hub: RunningHub, form: RestForm, params: dict[str, Any]) -> dict[str, Any]:
    path = form.path.format(**{one.name: params[one.name] for one in form.in_path})
    others = {name: value for name, value in params.items() if name not in {one.name for one in form.in_path}}
    with script(hub) as client:
        if form.verb == "GET":
            query = {name: json.dumps(one) if isinstance(one, bool) else one for name, one in others.items()}
            answer = client.get(path, params=query)
        else:
            answer = client.post(path, json=others)
    return told(answer.json())


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """A result, or what makes out an error."""
    return {name: answer[name] for name in ("code", "detail", "remedy")} if "correlation_id" in answer else answer


@pytest.mark.parametrize("variant", ["plain", "sparse"])
@pytest.mark.parametrize("form", SAFE, ids=lambda form: form.method.name)
async def test_a_read_over_rest_is_the_same_as_over_the_websocket(
    hub: RunningHub, session: str, form: RestForm, variant: Any
) -> None:
    params: dict[str, Any] = sample(form.method.params, Way.SENT, variant)
    if "session_id" in form.method.params.model_fields:
        params["session_id"] = session
    if "kind" in params and "id" in params:
        params |= {"kind": "session", "id": session}
    async with hub.connected("rest") as talk:
        try:
            expected = await talk.call(form.method.name, params)
        except DraftsmithError as error:
            expected = {"code": error.code, "detail": error.message, "remedy": error.remedy}
        params = {name: value for name, value in params.items() if value is not None}
        assert rest(hub, form, params) == expected


def statuses(client: httpx.Client) -> set[str]:
    return {one["status"] for one in client.get("/api/v1/sessions").json()["sessions"]}


def test_a_page_names_the_next_one(hub: RunningHub, tmp_path: Path) -> None:
    folder = str(calc(tmp_path / "ws"))
    with script(hub) as client:
        for _ in range(3):
            client.post("/api/v1/sessions", json={"folders": [folder], "request": "x"})
        # A session that begins moves up in the list.
        until(lambda: statuses(client) <= {"working"}, "the sessions' beginning")
        everything = client.get("/api/v1/sessions").json()["sessions"]
        found: list[Any] = []
        path = "/api/v1/sessions?limit=2"
        while path:
            page = client.get(path)
            found += page.json()["sessions"]
            path = str(page.url.join(page.links["next"]["url"])) if "next" in page.links else ""
        assert [one["session_id"] for one in found] == [one["session_id"] for one in everything]


def test_what_did_not_change_is_not_sent_again(hub: RunningHub, session: str) -> None:
    with script(hub) as client:
        path = "/api/v1/models/settings"
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        client.post("/api/v1/models/prefer", json={"preference": "cheap"})
        assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_command_with_a_key_is_done_once_also_when_it_comes_many_times_at_once(
    hub: RunningHub, tmp_path: Path
) -> None:
    body = {"folders": [str(calc(tmp_path / "ws"))], "request": "Once only"}
    with script(hub) as client, ThreadPoolExecutor(8) as threads:

        def start(key: str, **changes: object) -> Any:
            return client.post("/api/v1/sessions", json={**body, **changes}, headers={"Idempotency-Key": key})

        answers = list(threads.map(start, ["key-1"] * 8))
        assert {one.status_code for one in answers} == {200}
        assert len({one.json()["session_id"] for one in answers}) == 1
        assert sum("idempotency-replayed" in one.headers for one in answers) == 7
        other = start("key-1", request="Another")
        assert (other.status_code, other.json()["code"]) == (422, "key_used_otherwise")
        assert start("key-2").json() != answers[0].json()
        assert start("bad key").status_code == 400
        listed = client.get("/api/v1/sessions", params={"limit": 500}).json()["sessions"]
        assert sum(one["title"].startswith("Once only") for one in listed) == 2


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("GET", "/api/v1/sessions/none", None, 404, "unknown_session"),
        ("GET", "/api/v1/sessions?limit=ten", None, 400, "invalid_params"),
        ("GET", "/api/v1/sessions?limit=5&limit=6", None, 400, "invalid_params"),
        ("GET", "/api/v1/sessions?surprise=1", None, 400, "invalid_params"),
        ("GET", "/api/v1/sessions?cursor=nonsense", None, 422, "bad_cursor"),
        ("GET", "/api/v1/nothing", None, 404, "unknown_path"),
        ("PUT", "/api/v1/sessions", None, 405, "wrong_verb"),
        ("POST", "/api/v1/sessions", b"{", 400, "invalid_params"),
        ("POST", "/api/v1/sessions", b"[]", 400, "invalid_params"),
        ("POST", "/api/v1/sessions", b"[" * 100_000, 400, "invalid_params"),
        ("POST", "/api/v1/sessions", b'{"request": "x", "folders": ["/none"]}', 422, "workspace_missing"),
        ("POST", "/api/v1/sessions?limit=1", b"{}", 400, "invalid_params"),
        ("POST", "/api/v1/sessions/s_1/message", b'{"session_id": "s_2", "text": "x"}', 400, "invalid_params"),
        ("DELETE", "/api/v1/sessions/none", None, 404, "unknown_session"),
    ],
)
def test_what_makes_no_sense_is_a_problem_with_its_reason(
    hub: RunningHub, verb: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    with script(hub) as client:
        headers = {"Content-Type": "application/json"} if body else {}
        answer = client.request(verb, path, content=body, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:draftsmith:error:{code}"
    assert problem["detail"]
    if code == "wrong_verb":
        assert "GET" in answer.headers["allow"]


def test_a_body_that_is_not_json_is_refused(hub: RunningHub) -> None:
    with script(hub) as client:
        answer = client.post("/api/v1/models/prefer", content=b"preference=best")
        assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


def test_a_call_is_found_in_the_log_by_its_correlation_id(hub: RunningHub, tmp_path: Path) -> None:
    body = {"folders": [str(calc(tmp_path / "ws"))], "request": "x"}
    with script(hub, **{"Draftsmith-Correlation-Id": "click-4711", "Draftsmith-Client": "my-script"}) as client:
        answer = client.post("/api/v1/sessions", json=body)
        assert answer.headers["draftsmith-correlation-id"] == "click-4711"
    lines = [json.loads(line) for line in hub.logged().splitlines() if "click-4711" in line]
    assert lines, "nothing of the call is in the log"
    assert lines[0]["client"] == "my-script"


def test_the_document_of_the_interface_is_the_committed_one(hub: RunningHub) -> None:
    committed = Path(__file__).parents[3] / "protocol" / "openapi.json"
    with script(hub) as client:
        assert client.get("/api/v1/openapi.json").json() == json.loads(committed.read_text("utf-8"))
