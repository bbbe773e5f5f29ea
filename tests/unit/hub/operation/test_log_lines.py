"""Logs by pages from the end: every line once, filters, rotation in between, secrets struck out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.domain.errors import UserError
from draftsmith.hub.log_lines import Wanted, read_page
from draftsmith.protocol.methods.monitor import LogLine

ANY = Wanted()


def line(event: str, **fields: object) -> str:
    return json.dumps({"timestamp": "2026-01-01T00:00:00Z", "level": "info", "event": event, **fields})


def everything(path: Path, wanted: Wanted = ANY, limit: int = 7) -> list[LogLine]:
    found: list[LogLine] = []
    cursor: str | None = None
    while True:
        page = read_page(path, wanted, cursor, limit, [])
        found += page.lines
        cursor = page.cursor
        if not cursor:
            return found


@given(
    st.lists(st.text(max_size=20), max_size=40),
    st.integers(1, 9),
    st.lists(st.integers(0, 40), max_size=3),
    st.sampled_from((1, 300)),
)
def test_every_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, events: list[str], limit: int, cuts: list[int], wide: int
) -> None:
    path = tmp_path_factory.mktemp("logs") / "hub.log"
    lines = [line(f"{number} {event}", pad="p" * 500 * wide) for number, event in enumerate(events)]
    places = sorted({min(one, len(lines)) for one in cuts})
    parts = [lines[begin:end] for begin, end in zip([0, *places], [*places, len(lines)], strict=True)]
    for age, part in enumerate(reversed(parts)):
        path.with_name(f"hub.log.{age}" if age else "hub.log").write_text("".join(f"{one}\n" for one in part))
    assert [one.event for one in everything(path, limit=limit)] == [
        f"{number} {event}" for number, event in reversed(list(enumerate(events)))
    ]


def test_a_log_that_rotates_between_two_pages_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    path.write_text("".join(f"{line(str(number))}\n" for number in range(10)))
    first = read_page(path, ANY, None, 4, [])
    path.rename(tmp_path / "hub.log.1")
    path.write_text(f"{line('new')}\n")
    second = read_page(path, ANY, first.cursor, 20, [])
    assert [one.event for one in (*first.lines, *second.lines)] == [str(number) for number in reversed(range(10))]


def test_lines_are_found_by_correlation_id_session_level_and_words(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    path.write_text(
        "\n".join(
            [
                line("one", correlation_id="c_1"),
                line("two", correlation_id="c_12", session_id="s_1"),
                line("three", level="warning", correlation_id="c_1", why="a Disk is full"),
                line("four", level="error"),
                "no JSON at all",
            ]
        )
    )

    def found(**wanted: str) -> list[str]:
        return [one.event for one in everything(path, Wanted(**wanted))]  # pyright: ignore[reportArgumentType]  (literals, as names of the test)

    assert found(about="c_1") == ["three", "one"]
    assert found(about="s_1") == ["two"]
    assert found(level="warning") == ["four", "three"]
    assert found(words="disk IS full") == ["three"]
    assert found() == ["no JSON at all", "four", "three", "two", "one"]


def test_secrets_are_struck_out_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    hidden = ("my-own-word", "sk-" + "ant" + "-x9" * 9, "abcdefgh12345", "AIza" + "SyA1" * 6)
    path.write_text(
        line(
            f"event {hidden[0]}",
            url=f"https://x/?key={hidden[2]}&a=1",
            header=f"Bearer {hidden[2]}",
            nested={"a": [hidden[1]]},
            correlation_id=hidden[0],
            exception=f"raised with {hidden[3]}",
        )
    )
    (shown,) = read_page(path, ANY, None, 5, [hidden[0]]).lines
    assert not [one for one in hidden if one in shown.model_dump_json()]
    assert "&a=1" in shown.text
    assert "Bearer" in shown.text


def test_no_log_is_an_empty_page_and_a_bad_cursor_is_told(tmp_path: Path) -> None:
    assert read_page(tmp_path / "hub.log", ANY, None, 5, []).lines == ()
    with pytest.raises(UserError, match="cursor"):
        read_page(tmp_path / "hub.log", ANY, "nonsense", 5, [])


def test_a_link_in_the_place_of_a_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine\n")
    (tmp_path / "hub.log").symlink_to(tmp_path / "secret")
    assert read_page(tmp_path / "hub.log", ANY, None, 5, []).lines == ()
