from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from draftsmith.cli.untrusted import clean
from draftsmith.cli.watching.follow import ways_to_answer
from draftsmith.cli.watching.lines import Line
from draftsmith.cli.watching.live import LiveScreen
from draftsmith.cli.watching.plain import PlainScreen
from draftsmith.cli.watching.questions import chosen_option
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.cli.watching.telling import EARLIER_STEPS, Telling
from unit.cli.entities import begun, change, entity, held, told

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\nsecond"


def test_finished_step_is_told_once_over_a_repeated_snapshot() -> None:
    telling = begun(held(entity("session", "s_1")))
    step = entity("step", "c1", title="Edited src/a.py (+3 −1)")
    assert told(telling, {**step, "state": "running"}) == []
    assert told(telling, step) == ["✓ Edited src/a.py (+3 −1)"]
    assert [line.plain() for line in telling.news(change(step, whole=True))] == []


def test_failed_tool_says_why_in_a_few_lines() -> None:
    telling = begun(held(entity("session", "s_1")))
    step = entity("step", "c1", state="failed", outcome="mistake", title="Edit a.py", text="no match\n1\n2\n3\n4")
    assert told(telling, step) == ["✗ Edit a.py  mistake", "    no match", "    1", "    2"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Exit code 0 after 0.1 s.\nstdout: empty", "✓ run pytest"),
        ("Exit code 1 after 0.1 s.\nstdout: empty", "✗ run pytest  exit 1"),
        ("Exit code 139 (died of SIGSEGV) after 0.1 s.", "✗ run pytest  exit 139, SIGSEGV"),
    ],
)
def test_command_that_ended_badly_is_not_told_as_done(text: str, shown: str) -> None:
    telling = begun(held(entity("session", "s_1")))
    step = entity("step", "c1", tool="run_command", title="run pytest", text=text)
    assert told(telling, step) == [shown]
    assert told(telling, {**step, "id": "c2", "tool": "read"}) == ["✓ run pytest"]


def test_review_is_told_with_its_verdict_and_every_word_of_its_summary() -> None:
    telling = begun(held(entity("session", "s_1")))
    summary = "The border is wrong. " * 40
    note = entity("step", "n1", step="note", title="Review: changes wanted", text=summary)
    head, said = told(telling, note)
    assert head == "✗ Review: changes wanted"
    assert said.strip() == summary.strip()
    approved = entity("step", "n2", step="note", title="Review: approved", text="Good.")
    assert told(telling, approved) == ["✓ Review: approved  Good."]


def test_gate_that_runs_again_is_told_again() -> None:
    telling = begun(held(entity("session", "s_1")))
    assert told(telling, entity("gate", "t1:tests", verdict="failed", reason="1 failed", version=5)) == [
        "✗ tests: failed  1 failed"
    ]
    assert told(telling, entity("gate", "t1:tests", version=9)) == ["✓ tests: passed  pytest -q"]
    assert told(telling, entity("gate", "g2", gate="types", verdict="not_verified", reason="no checker")) == [
        "– types: not verified  no checker"
    ]


def test_tasks_are_numbered_among_those_of_the_plan() -> None:
    session = held(entity("task", "a", ordinal=0), entity("task", "b", ordinal=1, title="Write it"))
    telling = begun(session)
    assert told(telling, entity("task", "b", ordinal=1, title="Write it", status="active")) == ["▸ 2/2 Write it"]


def test_attaching_late_tells_only_the_last_steps() -> None:
    steps = [entity("step", f"c{n}", ordinal=n, version=n, title=f"step {n}") for n in range(1, 31)]
    session = held(*steps)
    lines = Telling(session).news(change(*steps, whole=True))
    assert len(lines) == EARLIER_STEPS + 1
    assert "20 earlier steps" in lines[0].text
    assert lines[-1].text == "step 30"


def test_model_speech_is_told_but_not_its_plans_and_reviews() -> None:
    telling = begun(held(entity("session", "s_1")))
    speech = entity("step", "m1", step="model", role="code", text="I see.\nThe bug is here.")
    assert told(telling, speech) == ["I see.", "The bug is here."]
    assert told(telling, entity("step", "m2", step="model", role="plan", text="{}")) == []


@pytest.mark.parametrize("kind", ["tool", "model", "note"])
def test_hostile_text_reaches_no_line(kind: str) -> None:
    telling = begun(held(entity("session", "s_1")))
    for state in ("ok", "failed"):
        step = entity("step", kind + state, step=kind, state=state, title=HOSTILE, text=HOSTILE, outcome=state)
        for line in told(telling, step):
            assert not {"\x1b", "\x07", "\r", "\n", "\u202e"} & set(line)


def screen() -> tuple[LiveScreen, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=60, height=16, color_system="truecolor", markup=False)
    return LiveScreen(console), written


def test_live_screen_shows_plan_stream_cost_and_the_label() -> None:
    live, written = screen()
    session = held(
        entity("session", "s_1", recorded=True),
        entity("usage", "s_1"),
        entity("task", "a", ordinal=0, title="Read it", status="done"),
        entity("task", "b", ordinal=1, title="Write it", status="active", depends_on=["a"]),
        entity("step", "m", step="model", state="running", title="Coding", text="I will [bold]change[/bold] it"),
    )
    live.start()
    live.show(change(*(dict(one) for one in session), whole=True), session, [])
    live.stop()
    text = written.getvalue()
    for shown in ("Read it", "Write it", "[bold]change[/bold]", "step 12/300", "$0.0312 of $0.25", RECORDED):
        assert shown in text


def test_live_screen_breaks_prose_between_words_and_below_its_beginning() -> None:
    live, written = screen()
    live.say(Line(mark="✓", text="One word after another, so that it takes more than one line of sixty cells."))
    live.say(Line(mark="", text="- " + "word " * 20))
    live.say(Line(mark="", text="    " + "code " * 20, code=True))
    first, second, bullet, below, *rest = clean(written.getvalue()).splitlines()
    assert (first, second) == ("✓ One word after another, so that it takes more than one", "  line of sixty cells.")
    assert (bullet[:6], below[:6]) == ("- word", "  word")
    assert rest[-1] == "    " + "code " * 20


def test_live_screen_lets_no_sequence_of_the_model_through() -> None:
    live, written = screen()
    session = held(
        entity("session", "s_1", title=HOSTILE, model=HOSTILE),
        entity("task", "a", title=HOSTILE, status="active"),
        entity("task", "b", title=HOSTILE),
        entity("step", "m", step="model", state="running", title=HOSTILE, text=HOSTILE),
    )
    live.start()
    live.show(change(*(dict(one) for one in session), whole=True), session, [])
    live.stop()
    assert "\x1b]0;" not in written.getvalue()
    assert "\x1b[2J" not in written.getvalue()
    assert "\u202e" not in written.getvalue()


def test_plan_larger_than_the_window_shows_the_part_at_work() -> None:
    live, written = screen()
    tasks = [entity("task", f"t{n}", ordinal=n, title=f"Part {n} of it", status="pending") for n in range(40)]
    tasks[30]["status"] = "active"
    session = held(entity("session", "s_1"), *tasks)
    live.start()
    live.tick(session)
    live.stop()
    assert "Part 30 of it" in written.getvalue()
    assert "Part 0 of it" not in written.getvalue()


def test_lines_wait_while_a_question_has_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    plain = PlainScreen()
    session = held(entity("session", "s_1", recorded=True))
    plain.show(change(*(dict(one) for one in session), whole=True), session, [])
    assert RECORDED in capsys.readouterr().out
    plain.pause()
    plain.show(change(), session, Telling(session).news(change(entity("step", "c1"))))
    assert capsys.readouterr().out == ""
    plain.resume()
    assert "Read src/a.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "chosen"),
    [("2", "keep"), ("KEEP", "keep"), ("k", "keep"), ("r", None), ("remove", "remove"), ("9", None), ("", None)],
)
def test_option_is_meant_by_number_name_or_unique_beginning(said: str, chosen: str | None) -> None:
    assert chosen_option(said, ["remove", "keep", "rename"]) == chosen


def test_key_is_asked_for_in_the_environment_and_never_as_an_answer() -> None:
    key: Any = entity("decision", "d1", subject="key", options=["provided"])
    ((typed, about),) = ways_to_answer(key, "s_1")
    assert typed == "draftsmith attach s_1"
    assert "OPENAI_API_KEY" in about
    question: Any = entity("decision", "d1", options=["plus", "minus"])
    assert ways_to_answer(question, "s_1") == [('draftsmith answer s_1 "…"', "one of: plus, minus")]
