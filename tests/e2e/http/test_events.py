"""A session's updates for scripts: from where one left off, with nothing missed, until the session is gone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.http.calling import browser, script, stranger, until
from e2e.hubs import RunningHub, calc


def events(answer: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    """Kind, id and message of each event as it comes."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line and "data" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])
        if not line:
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value


@contextlib.contextmanager
def followed(client: httpx.Client, session_id: str, **headers: str) -> Iterator[Iterator[tuple[str, str, Any]]]:
    with client.stream("GET", f"/api/v1/sessions/{session_id}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


def started(client: httpx.Client, folder: Path) -> str:
    return client.post("/api/v1/sessions", json={"folders": [str(calc(folder))], "request": "x"}).json()["session_id"]


def working(client: httpx.Client, session_id: str, seen: Iterator[tuple[str, str, Any]], first: Any) -> list[Any]:
    """The updates until the session has its base and waits for a runner."""
    found = [first]
    while not any(one.get("status") == "working" for _, _, message in found for one in message["entities"]):
        found.append(next(seen))
    return found


def test_a_snapshot_then_every_update_without_a_gap(hub: RunningHub, tmp_path: Path) -> None:
    with script(hub) as client:
        session_id = started(client, tmp_path / "ws")
        with followed(client, session_id) as seen:
            first = next(seen)
            assert first[0] == "snapshot"
            got = working(client, session_id, seen, first)
            for number in range(5):
                client.post(f"/api/v1/sessions/{session_id}/message", json={"text": f"word {number}"})
            client.post(f"/api/v1/sessions/{session_id}/cancel")
            while not any(one.get("status") == "cancelled" for one in got[-1][2]["entities"]):
                got.append(next(seen))
        numbers = [message["seq"] for _, _, message in got]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert [name for _, name, _ in got] == [f"{message['epoch']}:{message['seq']}" for _, _, message in got]


def test_who_comes_back_gets_what_was_missed(hub: RunningHub, tmp_path: Path) -> None:
    with script(hub) as client:
        session_id = started(client, tmp_path / "ws")
        with followed(client, session_id) as seen:
            got = working(client, session_id, seen, next(seen))
        last = got[-1]
        client.post(f"/api/v1/sessions/{session_id}/message", json={"text": "meanwhile"})
        with followed(client, session_id, **{"Last-Event-ID": last[1]}) as seen:
            kind, _, message = next(seen)
            assert (kind, message["seq"]) == ("update", last[2]["seq"] + 1)
        with followed(client, session_id, **{"Last-Event-ID": f"another-epoch:{last[2]['seq']}"}) as seen:
            assert next(seen)[0] == "snapshot"


def test_a_stream_ends_with_its_session(hub: RunningHub, tmp_path: Path) -> None:
    with script(hub) as client:
        session_id = started(client, tmp_path / "ws")
        with followed(client, session_id) as seen:
            working(client, session_id, seen, next(seen))
            client.post(f"/api/v1/sessions/{session_id}/cancel")
            until(lambda: client.delete(f"/api/v1/sessions/{session_id}").status_code == 200, "deleting")
            assert [kind for kind, _, _ in seen if kind not in ("update", "snapshot")] == []


def test_a_stream_ends_when_its_browser_signs_out(hub: RunningHub, tmp_path: Path) -> None:
    with script(hub) as owner, stranger(hub) as client:
        session_id = started(owner, tmp_path / "ws")
        browser(hub, client)
        with followed(client, session_id) as seen:
            next(seen)
            client.post("/api/v1/auth/sign-out")
            for _ in seen:
                pass
        # The hub forgets who is gone.
        until(lambda: not owner.get("/api/v1/hub/status").json()["clients"], "forgetting who is gone")


@pytest.mark.parametrize(
    ("session_id", "last", "status"), [("none", "", 404), ("none", "no id", 400), ("none", "x:" + "9" * 40, 400)]
)
def test_what_cannot_be_followed_is_told(hub: RunningHub, session_id: str, last: str, status: int) -> None:
    with script(hub) as client:
        headers = {"Last-Event-ID": last} if last else {}
        answer = client.get(f"/api/v1/sessions/{session_id}/events", headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
