"""A command with a key is done once, whatever becomes of the hub in between."""

from __future__ import annotations

import json
from pathlib import Path

from draftsmith.hub.http.repeat_journal import Entry, RepeatJournal, name_of
from e2e.http.calling import script
from e2e.hubs import calc, running
from isolation import short_folder

KEY = {"Idempotency-Key": "one-and-only"}


def body(project: Path) -> dict[str, object]:
    return {"folders": [str(project)], "request": "Mend add", "model": "x/y"}


def test_a_key_is_known_to_the_next_hub(tmp_path: Path) -> None:
    project = calc(tmp_path / "ws")
    with short_folder("ds-") as folder:
        with running(folder, "--no-runner") as hub, script(hub) as client:
            first = client.post("/api/v1/sessions", json=body(project), headers=KEY)
            assert first.status_code == 200, first.text
            hub.kill()
        with running(folder, "--no-runner") as hub, script(hub) as client:
            again = client.post("/api/v1/sessions", json=body(project), headers=KEY)
            assert (again.status_code, again.json()) == (200, first.json())
            assert again.headers["idempotency-replayed"] == "true"
            other = client.post("/api/v1/sessions", json={**body(project), "request": "Other"}, headers=KEY)
            assert other.json()["code"] == "key_used_otherwise"
            assert len(client.get("/api/v1/sessions").json()["sessions"]) == 1
        kept = (folder / "hub" / "repeats.jsonl").read_text()
        assert KEY["Idempotency-Key"] not in kept


def test_what_a_killed_hub_had_begun_is_not_done_again(tmp_path: Path) -> None:
    project = calc(tmp_path / "ws")
    with short_folder("ds-") as folder:
        with running(folder, "--no-runner") as hub, script(hub) as client:
            client.post("/api/v1/sessions", json=body(project), headers=KEY)
            hub.kill()
        # As if it had been killed before the answer was noted.
        file = folder / "hub" / "repeats.jsonl"
        begun, _done = file.read_text().splitlines()
        file.write_text(f"{begun}\n{_done[:20]}")
        with running(folder, "--no-runner") as hub, script(hub) as client:
            answer = client.post("/api/v1/sessions", json=body(project), headers=KEY)
            assert (answer.status_code, answer.json()["code"]) == (409, "outcome_unknown")
            assert len(client.get("/api/v1/sessions").json()["sessions"]) == 1
            fresh = client.post("/api/v1/sessions", json=body(project), headers={"Idempotency-Key": "another"})
            assert fresh.status_code == 200


async def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    journal = RepeatJournal(tmp_path / "repeats.jsonl")
    old = Entry(name=name_of("a", "old"), asked="x", at=1, status=200)
    await journal.note(old)
    for number in range(3):
        entry = Entry(name=name_of("a", str(number)), asked="x", at=2**42, status=200)
        await journal.note(entry)
        await journal.note(entry.model_copy(update={"status": -1 if number == 1 else 200}))
    assert set(journal.read()) == {name_of("a", "0"), name_of("a", "2")}
    again = RepeatJournal(tmp_path / "repeats.jsonl")
    await again.note(Entry(name=name_of("b", "1"), asked="x", at=2**42))
    lines = (tmp_path / "repeats.jsonl").read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == [name_of("a", "0"), name_of("a", "2"), name_of("b", "1")]
