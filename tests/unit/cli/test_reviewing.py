from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from draftsmith.cli.reviewing.coloured import hunk_lines
from draftsmith.cli.reviewing.walk import Walk
from draftsmith.cli.reviewing.why import why
from unit.cli.entities import entity, held
from unit.cli.hunks import hunk


def rendered(text_hunk: object, color_system: str | None) -> str:
    console = Console(file=io.StringIO(), force_terminal=color_system is not None, color_system=color_system, width=80)  # pyright: ignore[reportArgumentType]  a plain dict
    return "\n".join(line.plain for line in hunk_lines(text_hunk, console))  # pyright: ignore[reportArgumentType]  a plain dict


def test_hunk_shows_lines_with_their_numbers_in_the_base() -> None:
    one = hunk(0, 4, "old\n", "new\nmore\n", "two\nthree\n", "five\n", path="a.py")
    assert rendered(one, "truecolor").split("\n") == [
        "    2   two",
        "    3   three",
        "    4 - old",
        "      + new",
        "      + more",
        "    5   five",
    ]


def test_hidden_characters_of_a_change_are_shown() -> None:
    one = hunk(0, 1, "", "if ok\u202e:\x1b[2K\n", path="a.py")
    for colours in ("truecolor", "standard", None):
        assert "⟨U+202E⟩:␛[2K" in rendered(one, colours)


@given(st.text(max_size=120), st.sampled_from(["a.py", "b.rs", "c.txt", "Makefile", "d.unknown"]))
def test_colouring_changes_no_character(text: str, path: str) -> None:
    one = hunk(0, 1, "", text, path=path)
    assert rendered(one, "truecolor") == rendered(one, None)


def test_binary_hunk_and_mode_are_told_in_words() -> None:
    assert "binary" in rendered({**hunk(0, 1, "", ""), "binary": True}, None)
    assert "100644 → 100755" in rendered(hunk(0, 0, "100644", "100755"), None)


def test_walk_keeps_its_place_and_verdicts_when_a_hunk_was_edited() -> None:
    walk = Walk([hunk(n, n, "", "", path="a") for n in range(3)])
    walk.decide("accept")
    walk.replace([hunk(0, 0, "", "", path="a"), hunk(7, 1, "", "x", path="a"), hunk(2, 2, "", "", path="a")])
    assert walk.current["hunk_id"] == "hunk7"
    walk.decide_rest("reject")
    assert walk.having("accept") == ["hunk0"]
    assert walk.having("reject") == ["hunk7", "hunk2"]


def test_walk_collects_verdicts_and_can_go_back() -> None:
    walk = Walk([hunk(n, n, "", "", path="a" if n < 3 else "b") for n in range(5)])
    walk.decide("accept")
    walk.decide_file("reject")
    assert walk.at == 3
    walk.back()
    walk.skip()
    walk.decide_rest("accept")
    assert walk.over
    assert walk.having("accept") == ["hunk0", "hunk3", "hunk4"]
    assert walk.having("reject") == ["hunk1"]


@given(st.lists(st.sampled_from(["accept", "reject", "file", "skip", "back"]), max_size=30))
def test_every_walk_keeps_at_most_one_verdict_a_hunk(moves: list[str]) -> None:
    hunks = [hunk(n, n, "", "", path=str(n // 3)) for n in range(7)]
    walk = Walk(hunks)
    for move in moves:
        if move == "back":
            walk.back()
        elif not walk.over:
            match move:
                case "file":
                    walk.decide_file("accept")
                case "skip":
                    walk.skip()
                case "accept":
                    walk.decide("accept")
                case _:
                    walk.decide("reject")
    decided = walk.having("accept") + walk.having("reject")
    assert len(decided) == len(set(decided)) <= len(hunks)


def test_why_names_task_gates_steps_and_remarks_near_the_hunk() -> None:
    session = held(
        entity("task", "t1", title="Mend the loop", status="done", report="Starts at zero now."),
        entity("task", "t2", ordinal=1, title="Another"),
        entity("gate", "t1:tests"),
        entity("step", "c1", task_id="t1", title="Edited src/a.py", touched=["src/a.py"]),
        entity("finding", "f1", ordinal=3, line=5),
        entity("finding", "f2", ordinal=3, line=90, message="Far away"),
        entity("finding", "f3", ordinal=3, path="other.py", message="Elsewhere"),
    )
    text = "\n".join(line.plain() for line in why(hunk(0, 4, "a\n", "b\n", path="src/a.py"), session))
    for known in ("Mend the loop", "Starts at zero now.", "tests: passed", "Edited src/a.py", "Off by one"):
        assert known in text
    for foreign in ("Another", "Far away", "Elsewhere"):
        assert foreign not in text
