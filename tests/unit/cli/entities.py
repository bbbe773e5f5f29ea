"""Entities of a session for tests: every field filled, the interesting ones by name."""

from __future__ import annotations

from typing import Any

from draftsmith.cli.watching.telling import Telling
from draftsmith.client.held import Change, HeldSession

Entity = dict[str, Any]

_DEFAULTS: dict[str, Entity] = {
    "session": {
        "workspace_id": "w_1",
        "roots": [{"name": "app", "path": "/home/user/app"}],
        "title": "Mend the parser",
        "request": "Mend the parser",
        "status": "working",
        "autonomy": "ask",
        "model": "openai/gpt-5.4",
        "recorded": False,
        "created_at": 0,
        "updated_at": 0,
        "base": None,
        "draft": None,
        "plan_summary": "",
        "plan_risks": [],
        "summary": "",
        "verified": [],
        "unverified": [],
        "stopped": None,
        "forked_from": None,
        "skipped": [],
        "skipped_count": 0,
    },
    "task": {
        "ordinal": 0,
        "title": "Read it",
        "description": "",
        "status": "pending",
        "phase": "coding",
        "depends_on": [],
        "checks": [],
        "files": [],
        "repairs": 0,
        "report": "",
        "reason": "",
    },
    "step": {
        "ordinal": 1,
        "step": "tool",
        "state": "ok",
        "task_id": None,
        "title": "Read src/a.py",
        "role": "code",
        "tool": "read",
        "arguments": "",
        "arguments_document": None,
        "outcome": "ok",
        "text": "",
        "document": None,
        "length": 0,
        "reasoning": "",
        "usage": "",
        "touched": [],
        "cost_nano_usd": None,
        "duration_ms": 0,
        "at": 0,
    },
    "gate": {
        "ordinal": 1,
        "task_id": "t1",
        "gate": "tests",
        "verdict": "passed",
        "reason": "",
        "command": "pytest -q",
        "evidence": "",
        "evidence_document": None,
        "duration_ms": 0,
    },
    "finding": {
        "ordinal": 1,
        "task_id": "t1",
        "path": "src/a.py",
        "line": 3,
        "severity": "major",
        "message": "Off by one",
        "remedy": "",
    },
    "decision": {
        "ordinal": 1,
        "subject": "question",
        "prompt": "Which one?",
        "prompt_document": None,
        "options": [],
        "free_text": True,
        "state": "open",
        "answer": "",
        "answered_by": "",
    },
    "usage": {
        "steps": 12,
        "steps_limit": 300,
        "milliseconds": 102_000,
        "seconds_limit": 3_600,
        "cost_nano_usd": 31_200_000,
        "reserved_nano_usd": 0,
        "limit_nano_usd": 250_000_000,
        "unpriced_calls": 0,
        "model_calls": 3,
        "tool_calls": 9,
        "input_tokens": 1_000,
        "output_tokens": 200,
        "cached_tokens": 0,
    },
    "file": {"ordinal": 0, "path": "src/a.py", "root": 0, "change": "modify", "hunks": []},
    "hunk": {
        "ordinal": 0,
        "path": "src/a.py",
        "root": 0,
        "base_start": 3,
        "base_length": 1,
        "new_length": 2,
        "status": "pending",
        "note": "",
    },
    "checkpoint": {"ordinal": 1, "tree": "0" * 40, "label": "after task 1", "green": True, "at": 0},
}


def entity(kind: str, entity_id: str, *, version: int = 1, **fields: Any) -> Entity:
    unknown = fields.keys() - _DEFAULTS[kind].keys()
    assert not unknown, unknown
    return {"kind": kind, "id": entity_id, "version": version, **_DEFAULTS[kind], **fields}


def held(*entities: Entity) -> HeldSession:
    session = HeldSession("s_1")
    listed: Any = list(entities)
    session.replace({"session_id": "s_1", "epoch": "h_1", "seq": 1, "entities": listed, "more_steps": False})
    return session


def change(*entities: Entity, whole: bool = False) -> Change:
    listed: Any = entities
    return Change(entities=listed, whole=whole)


def told(telling: Telling, *entities: Entity) -> list[str]:
    return [line.plain() for line in telling.news(change(*entities))]


def begun(session: HeldSession) -> Telling:
    telling = Telling(session)
    telling.news(change(*(dict(one) for one in session), whole=True))
    return telling
