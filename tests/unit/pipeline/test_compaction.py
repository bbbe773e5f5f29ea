"""A conversation that is shortened keeps the words of the user, open problems, what was changed, and handles."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events import RequestedToolCall
from draftsmith.domain.text import EMPTY, Text, inline
from draftsmith.pipeline.compaction import _rooms
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.digest import _notes
from draftsmith.pipeline.folding import Outcome, folded_text
from draftsmith.pipeline.lines import Answered, Line, Room, Said, Told
from draftsmith.pipeline.transcript import Transcript


async def whole(text: Text) -> str:
    return text.preview


def said(text: str, *call_ids: str) -> Said:
    calls = tuple(RequestedToolCall(call_id=CallId(one), name="read", arguments=inline("{}")) for one in call_ids)
    return Said(text=inline(text), reasoning=EMPTY, tool_calls=calls)


def answered(call_id: str, text: str) -> Answered:
    return Answered(call_id=CallId(call_id), name="read", text=inline(text))


def outcome(title: str, *touched: str, ended: str = "ok") -> Outcome:
    return Outcome(title=title, outcome=ended, touched=touched)


async def test_talk_and_outputs_become_short_and_the_users_words_stay_whole() -> None:
    words = "Never touch setup.py. " * 40
    lines: list[Line] = [
        said("I look around. " * 100, "t_1"),
        answered("t_1", "line one\n" + "x" * 5_000),
        Told(before="The user says:", text=inline(words), weight="user"),
        said("", "t_2"),
        answered("t_2", "done"),
        Told(before="Go on with a tool call."),
    ]
    outcomes = {CallId("t_1"): outcome("read a.py"), CallId("t_2"): outcome("edit b.py", "b.py", ended="mistake")}
    text = await folded_text(lines, outcomes, "b.py: 2 lines added", whole)
    assert words.strip() in text
    assert "- read a.py: line one [t_1]" in text
    assert "- edit b.py (mistake): done" in text
    assert "b.py: 2 lines added" in text
    assert "b.py" in text.partition("read or changed by then")[2]
    assert "Go on with a tool call" not in text
    assert len(text) < len(words) + 1_500


async def test_a_very_long_past_is_bounded_and_the_user_is_still_heard() -> None:
    lines: list[Line] = [Told(before="The user says:", text=inline("Use tabs."), weight="user")]
    for number in range(2_000):
        lines += [said(f"Step {number}.", f"t_{number}"), answered(f"t_{number}", "ok")]
    text = await folded_text(lines, {}, "", whole)
    assert "Use tabs." in text
    assert "Step 1999." in text
    assert "Step 5." not in text
    assert "earlier lines left out" in text
    assert len(text) < 10_000


async def test_what_was_found_last_stays_whole_and_what_was_found_before_is_named() -> None:
    def problem(at: int, gate: str, evidence: str) -> Told:
        return Told(before=f"Gate {gate} failed:", text=inline(evidence), weight="problem", at=at)

    old, new = "old evidence " * 30, "new evidence " * 30
    lines: list[Line] = [problem(3, "lint", old), said("Mended."), problem(9, "tests", new), problem(9, "types", "T1")]
    text = await folded_text(lines, {}, "", whole)
    assert new.strip() in text
    assert "T1" in text
    assert old not in text
    assert "Gate lint failed:" in text


LINES = st.lists(
    st.one_of(
        st.text(max_size=9).map(lambda text: said(f"TALK {text}")),
        st.text(max_size=9).map(lambda text: answered("t_1", f"OUTPUT {text}")),
        st.text(max_size=9).map(lambda text: Told(before="Go on.", text=inline(text))),
        st.text(max_size=9).map(lambda text: Told(before="The user says:", text=inline(f"u {text}"), weight="user")),
        st.integers(1, 3).map(lambda at: Told(before=f"Gate {at} failed:", text=EMPTY, weight="problem", at=at)),
    ),
    max_size=30,
)


@given(LINES, st.integers(0, 30))
def test_a_summary_stands_for_talk_alone_and_nothing_else_is_lost_to_it(lines: list[Line], covered: int) -> None:
    text = asyncio.run(folded_text(lines, {}, "a.py: 1 line added", whole, digest="SUMMARY", covered=covered))
    assert text.count("SUMMARY") == 1
    assert "a.py: 1 line added" in text
    for line in lines:
        match line:
            case Told(weight="user", text=words):
                assert words.preview.strip() in text
            case Told(weight="problem", before=before):
                assert before in text
            case _:
                pass
    left = lines[covered:]
    assert text.count("TALK") == sum(isinstance(line, Said) for line in left)
    assert text.count("OUTPUT") == sum(isinstance(line, Answered) for line in left)


@given(LINES, st.integers(200, 4_000))
def test_notes_for_a_summary_are_bounded_and_hold_the_newest(lines: list[Line], most: int) -> None:
    desk = cast("Desk", SimpleNamespace(transcript=Transcript()))
    notes = _notes(desk, lines, most)
    assert sum(len(one) + 1 for one in notes) <= most + 60
    told = [one for one in lines if isinstance(one, Answered)]
    if told and lines[-1] is told[-1]:
        assert notes[-1].startswith(f"[{told[-1].call_id}]")


async def test_a_long_output_is_shown_to_who_sums_it_up_by_its_beginning_and_end() -> None:
    desk = cast("Desk", SimpleNamespace(transcript=Transcript()))
    (note,) = _notes(desk, [answered("t_1", f"begin {'x' * 7_000} end")], 48_000)
    assert "begin" in note
    assert note.endswith("end")
    assert len(note) < 2_100


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[float, Line]]:
    placed: list[tuple[float, Line]] = []
    version = 0
    for turn in range(draw(st.integers(0, 40))):
        version += draw(st.integers(1, 5))
        calls = [f"t_{turn}_{number}" for number in range(draw(st.integers(0, 3)))]
        placed.append((version, said("x", *calls)))
        for call in calls:
            version += 1
            placed.append((version, answered(call, "y")))
        if draw(st.booleans()):
            version += 1
            placed.append((version + draw(st.sampled_from([0.0, 0.5])), Told(before="z")))
    return placed


@given(conversations())
def test_no_way_of_shortening_parts_a_reply_from_its_answers(placed: list[tuple[float, Line]]) -> None:
    for room in _rooms(Room(), placed):
        asked: set[str] = set()
        for place, line in placed:
            if place > room.folded:
                if isinstance(line, Said):
                    asked |= {call.call_id for call in line.tool_calls}
                elif isinstance(line, Answered):
                    assert line.call_id in asked


@given(conversations(), st.integers(0, 60), st.integers(0, 60))
def test_shortening_never_takes_back_what_was_shortened(placed: list[tuple[float, Line]], one: int, other: int) -> None:
    present = Room(elided=max(one, other), folded=min(one, other))
    ways = _rooms(present, placed)
    assert len(ways) <= 11
    for room in ways:
        assert room.elided >= present.elided
        assert room.folded >= present.folded
