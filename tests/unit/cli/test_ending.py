from __future__ import annotations

import time

import pytest

from draftsmith.cli.deciding import tell_outcomes
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.invocation import Invocation
from draftsmith.cli.watching.ending import ending_json, ending_lines, exit_code, next_commands
from draftsmith.cli.watching.lines import step_lines
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.cli.watching.spent import worked_ms
from draftsmith.client.messages import HunkOutcome
from draftsmith.client.proof import latest_findings
from unit.cli.entities import Entity, entity, held


@pytest.mark.parametrize(
    ("status", "extra", "code"),
    [
        ("proposed", [], ExitCode.DONE),
        ("finished", [], ExitCode.DONE),
        ("proposed", [entity("gate", "g", verdict="failed")], ExitCode.FAILED),
        ("proposed", [entity("gate", "g", verdict="not_verified")], ExitCode.DONE),
        ("proposed", [entity("task", "t", status="failed")], ExitCode.FAILED),
        ("stopped", [], ExitCode.FAILED),
        ("cancelled", [], ExitCode.CANCELLED),
    ],
)
def test_exit_code_says_how_it_ended(status: str, extra: list[Entity], code: ExitCode) -> None:
    assert exit_code(held(entity("session", "s_1", status=status), *extra)) is code


def test_ending_says_what_was_verified_what_not_and_what_to_type() -> None:
    session = held(
        entity(
            "session",
            "s_1",
            status="proposed",
            recorded=True,
            summary="Mended.",
            verified=["tests"],
            unverified=["types"],
        ),
        entity("usage", "s_1"),
        entity("hunk", "h1"),
        entity("hunk", "h2", path="b.py", status="on_disk"),
        entity("file", "0:b.py", path="b.py", change="create"),
        entity("finding", "f1"),
    )
    text = "\n".join(line.plain() for line in ending_lines(session))
    assert "Applied: 1 hunk in 1 file, 1 pending" in text
    assert f"{RECORDED} · 12 steps · 1:42 · $0.0312" in text
    assert "A b.py" in text
    assert "✓ tests" in text
    assert "– types" in text
    assert "! major src/a.py:3  Off by one" in text
    assert "→ draftsmith review s_1" in text


def test_stopped_session_says_the_reason_and_the_way_on() -> None:
    reason = {"category": "budget", "reason": "The money is spent.", "way_on": "Resume with --budget."}
    text = "\n".join(
        line.plain() for line in ending_lines(held(entity("session", "s_1", status="stopped", stopped=reason)))
    )
    assert "The money is spent." in text
    assert "→ draftsmith resume s_1" in text


@pytest.mark.parametrize("status", ["starting", "working", "waiting", "proposed", "finished", "stopped", "cancelled"])
def test_every_status_has_a_next_command(status: str) -> None:
    assert next_commands(held(entity("session", "s_1", status=status)))


def test_result_for_scripts_has_the_exit_code_and_the_label() -> None:
    result = ending_json(held(entity("session", "s_1", status="stopped", recorded=True)))
    assert (result["exit_code"], result["recorded"], result["status"]) == (1, True, "stopped")


def test_a_missing_model_is_the_environments_fault() -> None:
    reason = {"category": "environment", "reason": "There is no model.", "way_on": "Set a key."}
    assert ending_json(held(entity("session", "s_1", status="stopped", stopped=reason)))["exit_code"] == 5


def test_a_price_that_nobody_knows_is_not_nothing() -> None:
    session = entity("session", "s_1", status="proposed")
    assert ending_json(held(session, entity("usage", "s_1", unpriced_calls=2)))["cost_nano_usd"] is None
    assert isinstance(ending_json(held(session, entity("usage", "s_1")))["cost_nano_usd"], int)


def test_what_the_agent_says_is_named_as_that_above_what_was_verified() -> None:
    session = entity("session", "s_1", status="proposed", summary="It checked: all.", verified=["tests: 3 passed"])
    lines = [line.plain() for line in ending_lines(held(session))]
    assert lines.index("The agent says") < lines.index("It checked: all.") < lines.index("Verified")


def test_a_part_of_a_proposal_is_said_to_be_untested(capsys: pytest.CaptureFixture[str]) -> None:
    hunks = [entity("hunk", "h1"), entity("hunk", "h2")]
    one: list[HunkOutcome] = [{"hunk_id": "h1", "status": "on_disk", "note": ""}]
    both: list[HunkOutcome] = [*one, {"hunk_id": "h2", "status": "on_disk", "note": ""}]
    tell_outcomes(Invocation(json=False), "s_1", both, hunks)  # pyright: ignore[reportArgumentType]  entities of a test are plain dicts
    assert "was not tested" not in capsys.readouterr().out
    tell_outcomes(Invocation(json=False), "s_1", one, hunks)  # pyright: ignore[reportArgumentType]  entities of a test are plain dicts
    assert "this part alone was not tested" in capsys.readouterr().out


def test_time_worked_counts_what_is_under_way() -> None:
    began = int(time.time() * 1_000) - 60_000
    usage = entity("usage", "s_1", milliseconds=1_000)
    assert worked_ms(held(usage, entity("step", "a", state="ok", at=began))) == 1_000
    assert worked_ms(held(usage, entity("step", "a", state="running", at=began))) >= 61_000


@pytest.mark.parametrize(("state", "word"), [("running", "Coding …"), ("cancelled", "Coding cancelled")])
def test_a_model_call_that_did_not_fail_is_not_told_as_failed(state: str, word: str) -> None:
    [line] = step_lines(entity("step", "m", step="model", state=state, title="Coding"))  # pyright: ignore[reportArgumentType]  entities of a test are plain dicts
    assert (line.text, line.tone) == (word, "quiet")


def test_only_the_last_review_of_a_task_counts() -> None:
    session = held(entity("finding", "old", ordinal=4), entity("finding", "new", ordinal=9))
    assert [one["id"] for one in latest_findings(session)] == ["new"]


def test_remark_that_was_repaired_and_reviewed_again_no_longer_stands() -> None:
    remark = entity("finding", "t1:9:0", ordinal=9)
    assert latest_findings(held(entity("gate", "t1:tests", ordinal=7), remark))
    assert not latest_findings(held(entity("gate", "t1:tests", ordinal=12), remark))
    assert latest_findings(held(entity("gate", "t2:tests", task_id="t2", ordinal=12), remark))


@pytest.mark.parametrize(
    ("states", "head"),
    [
        (["on_disk", "on_disk"], "Applied: 2 hunks in 1 file"),
        (["on_disk", "rejected"], "Applied: 1 hunk in 1 file, 1 rejected"),
        (["reverted", "reverted"], "Taken back: 2 hunks in 1 file"),
        (["pending", "conflicted"], "Proposed: 2 hunks in 1 file, 1 in conflict"),
        ([], "Finished"),
    ],
)
def test_ending_says_what_became_of_the_hunks(states: list[str], head: str) -> None:
    hunks = [entity("hunk", f"h{number}", ordinal=number, status=state) for number, state in enumerate(states)]
    lines = ending_lines(held(entity("session", "s_1", status="finished"), *hunks))
    assert lines[1].text == head
