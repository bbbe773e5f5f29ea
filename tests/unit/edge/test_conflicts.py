"""Conflicts between the user's text and hunks, as text with markers."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from draftsmith.client.messages import HunkEntity, HunkText
from draftsmith.edge.conflicts import conflicts_in, marked_text, marker_length, offered_text

BASE = "one\ntwo\nthree\nfour\nfive\n"
WORDS = st.lists(st.sampled_from(["one", "two", "three", "", "=======", "<<<<<<<< yours", "mine"]), max_size=8)
TEXTS = WORDS.map(lambda words: "".join(f"{word}\n" for word in words))


def hunk(start: int, length: int, after: str, base: str = BASE, note: str = "") -> tuple[HunkEntity, HunkText]:
    before = "".join(base.splitlines(keepends=True)[start - 1 : start - 1 + length])
    entity = {"id": f"h{start}", "base_start": start, "base_length": length, "note": note}
    return cast("HunkEntity", entity), cast("HunkText", {"before": before, "after": after})


def chosen(text: str, length: int, side: str) -> str:
    """What is left of a marked text when one side is taken everywhere."""
    marks = {"<" * length + " yours": "yours", "|" * length + " base": "base", "=" * length: "draft"}
    kept: list[str] = []
    now = "all"
    for line in text.splitlines(keepends=True):
        word = line.rstrip("\r\n")
        if word in marks:
            now = marks[word]
        elif word == ">" * length + " draft":
            now = "all"
        elif now in ("all", side):
            kept.append(line)
    return "".join(kept)


def test_the_three_texts_stand_between_markers() -> None:
    own = "zero\none\ntwo of mine\nthree\nfour\nfive\n"
    found = conflicts_in(own, BASE, [hunk(2, 1, "TWO\n", note="Both changed it.")])
    assert [(one.line, one.note) for one in found] == [(2, "Both changed it.")]
    assert marked_text(own, found) == (
        "zero\none\n<<<<<<< yours\ntwo of mine\n||||||| base\ntwo\n=======\nTWO\n>>>>>>> draft\nthree\nfour\nfive\n"
    )
    assert offered_text(BASE, [hunk(2, 1, "TWO\n")]) == BASE.replace("two", "TWO")


def test_hunks_whose_places_meet_are_one_conflict() -> None:
    found = conflicts_in("mine\n", BASE, [hunk(4, 1, "FOUR\n"), hunk(2, 1, "TWO\n")])
    (one,) = found
    assert one.hunk_ids == ("h2", "h4")
    assert (one.base, one.draft) == ("two\nthree\nfour\n", "TWO\nthree\nFOUR\n")


def test_line_ends_are_those_of_the_users_text() -> None:
    own = BASE.replace("two", "mine").replace("\n", "\r\n")
    marked = marked_text(own, conflicts_in(own, BASE.replace("\n", "\r\n"), [hunk(2, 1, "TWO\n")]))
    assert marked.count("\n") == marked.count("\r\n")


def test_markers_are_longer_than_what_looks_like_one() -> None:
    own = BASE.replace("two", "<<<<<<<<< yours")
    assert marker_length(own, conflicts_in(own, BASE, [hunk(2, 1, "=======\n")])) == 10


@given(TEXTS, TEXTS, st.data())
def test_taking_one_side_gives_its_text(own: str, base: str, data: st.DataObject) -> None:
    lines = base.count("\n")
    starts = sorted(data.draw(st.sets(st.integers(1, lines + 1), min_size=1, max_size=3)))
    hunks = [hunk(start, 1 if start <= lines else 0, data.draw(TEXTS), base) for start in starts]
    found = conflicts_in(own, base, hunks)
    marked, length = marked_text(own, found), marker_length(own, found)
    assert chosen(marked, length, "yours") == own
    assert sorted(one for conflict in found for one in conflict.hunk_ids) == sorted(one["id"] for one, _ in hunks)
    for one in found:
        assert one.draft in chosen(marked, length, "draft")
