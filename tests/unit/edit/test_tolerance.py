"""Indentation and look-alikes: what is overlooked to find a place, and what is refused in spite of it."""

import pytest

from draftsmith.domain.errors import ModelMistake
from draftsmith.workspace.edit import apply_edit
from draftsmith.workspace.lookalikes import fold


def test_blanks_for_tabs_are_read_by_level() -> None:
    outcome = apply_edit(
        b"class A:\n\tdef f(self):\n\t\treturn 1\n",
        old="    def f(self):\n        return 1\n",
        new="    def f(self):\n        if self:\n            return 2\n        return 1\n",
    )
    assert outcome.after == b"class A:\n\tdef f(self):\n\t\tif self:\n\t\t\treturn 2\n\t\treturn 1\n"
    assert outcome.tolerance == "indentation"


def test_another_unit_of_indentation_is_read_by_level() -> None:
    outcome = apply_edit(
        b"a {\n  b {\n    c\n  }\n}\n",
        old="    b {\n        c\n    }\n",
        new="    b {\n        c {\n            d\n        }\n    }\n",
    )
    assert outcome.after == b"a {\n  b {\n    c {\n      d\n    }\n  }\n}\n"


def test_one_level_is_read_by_the_file_s_unit_when_that_explains_it() -> None:
    outcome = apply_edit(
        b"a {\n  b {\n    c\n  }\n}\n",
        old="        c\n",
        new="        c {\n            d\n        }\n",
    )
    assert outcome.after == b"a {\n  b {\n    c {\n      d\n    }\n  }\n}\n"


def test_whole_lines_that_stand_further_in_are_shifted_there() -> None:
    outcome = apply_edit(b"if x:\n    a = 1\n    b = 2\n", old="a = 1\n", new="a = 1\nc = 3\n")
    assert outcome.after == b"if x:\n    a = 1\n    c = 3\n    b = 2\n"


def test_a_first_line_without_its_indentation_is_enough() -> None:
    outcome = apply_edit(
        b"if x:\n    a = f(\n        1,\n    )\n", old="a = f(\n        1,\n    )", new="a = f(\n        2,\n    )"
    )
    assert outcome.after == b"if x:\n    a = f(\n        2,\n    )\n"
    assert outcome.tolerance == "exact"


def test_lines_at_their_own_indentation_come_before_the_same_ones_further_in() -> None:
    raw = b"def f():\n    return 1\n\nclass A:\n    def f(self):\n        return 1\n"
    outcome = apply_edit(raw, old="    return 1\n", new="    return 2\n")
    assert outcome.after == raw.replace(b"return 1", b"return 2", 1)


@pytest.mark.parametrize(
    ("there", "old"),
    [
        ("say(“hello”)\n", 'say("hello")\n'),
        ("it’s – here…\n", "it's - here...\n"),
        ("a\u00a0=\u00a0b\n", "a = b\n"),
        ("cafe\u0301 = 1\n", "café = 1\n"),
        ("value = 1\u200b\n", "value = 1\n"),
    ],
)
def test_characters_that_look_alike_are_found(there: str, old: str) -> None:
    outcome = apply_edit(f"x\n{there}y\n".encode(), old=old, new="z\n")
    assert outcome.after == b"x\nz\ny\n"
    assert outcome.tolerance == "look_alikes"


def test_lines_that_stay_keep_their_own_characters() -> None:
    raw = "say(“one”)\nsay(“two”, 2)\nend\n".encode()
    outcome = apply_edit(raw, old='say("one")\nsay("two", 2)\n', new='say("one")\nsay("two", 3)\nsay("four")\n')
    assert outcome.after.decode() == 'say(“one”)\nsay("two", 3)\nsay("four")\nend\n'
    short = apply_edit(raw, old='say("two", 2)\n', new='say("two", 3)\n')
    assert short.after.decode() == "say(“one”)\nsay(“two”, 3)\nend\n"


def test_look_alikes_are_never_taken_when_there_are_two() -> None:
    with pytest.raises(ModelMistake) as refusal:
        apply_edit("f(‘a’)\ng\nf(’a‘)\n".encode(), old="f('a')\n", new="h\n")
    assert refusal.value.code == "edit_ambiguous"


def test_a_twin_is_not_taken_for_a_place_that_changed_meanwhile() -> None:
    raw = b"def total(items):\n    return sum(items)\n\nclass A:\n    def total(items):\n        return sum(other)\n"
    stale = raw.replace(b"    return sum(items)\n", b"    return sum(parts)\n", 1).replace(b"other", b"items")
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(stale, old="def total(items):\n    return sum(items)\n", new="x\n")
    assert refusal.value.code == "edit_ambiguous"
    assert "line 1 nearly so" in str(refusal.value)


def test_places_that_differ_only_in_trailing_blanks_are_ambiguous() -> None:
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(b"a = 1\nb\na = 1  \n", old="a = 1\n", new="a = 2\n")
    assert refusal.value.code == "edit_ambiguous"


def test_folding_knows_where_its_characters_came_from() -> None:
    folded = fold("a…b\u200bc")
    assert folded.text == "a...bc"
    assert [folded.original(index) for index in range(7)] == [0, 1, None, None, 2, 4, 5]
