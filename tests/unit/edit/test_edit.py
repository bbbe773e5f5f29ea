"""Search and replace: what is found, what is refused, and which bytes change."""

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.edit.outcomes import check_only_the_range_changed

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.workspace.edit import apply_edit, whole_file
from draftsmith.workspace.text import decode

_LINE = st.text(alphabet=" \tabé(", max_size=6)
_LINES = st.lists(st.tuples(_LINE, st.sampled_from(["\n", "\r\n"])), min_size=1, max_size=8)
_ENCODINGS = [
    (b"", "utf-8"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"", "latin-1"),
]


@given(raw=st.binary(max_size=120), new=st.text(max_size=8), data=st.data())
def test_any_bytes_outside_the_edited_range_never_change(raw: bytes, new: str, data: st.DataObject) -> None:
    try:
        text = decode(raw).text
        start = data.draw(st.integers(0, max(len(text) - 1, 0)))
        old = text[start : data.draw(st.integers(start, len(text))) + 1]
        outcome = apply_edit(raw, old=old, new=new, expected=max(text.count(old), 1))
    except (ModelMistake, ToolFailure):
        return
    check_only_the_range_changed(outcome)


@given(lines=_LINES, final=_LINE, encoding=st.sampled_from(_ENCODINGS), data=st.data())
def test_an_edit_of_lines_of_the_file_changes_only_them(
    lines: list[tuple[str, str]], final: str, encoding: tuple[bytes, str], data: st.DataObject
) -> None:
    text = "".join(line + end for line, end in lines) + final
    mark, codec = encoding
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    shown = "\n".join(line for line, _ in lines[first : last + 1])
    old = data.draw(st.sampled_from([shown, shown + "\n", "\n".join(line.rstrip() for line in shown.split("\n"))]))
    new = data.draw(st.sampled_from(["", "x", "x\ny", f"{old}\nz", f"z\n{old}", old.replace("a", "q")]))
    try:
        outcome = apply_edit(mark + text.encode(codec), old=old, new=new)
    except ModelMistake as mistake:
        refused = mistake.code
    else:
        refused = ""
        check_only_the_range_changed(outcome)
    assert refused in ("", "edit_ambiguous", "edit_no_change", "edit_empty_old")


@given(
    lines=st.lists(st.text(alphabet="abc ", max_size=5), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    data=st.data(),
)
def test_an_edit_and_its_opposite_give_the_original(lines: list[str], end: str, data: st.DataObject) -> None:
    raw = "".join(line + end for line in lines).encode()
    first = data.draw(st.integers(0, len(lines) - 1))
    old = "\n".join(lines[first : data.draw(st.integers(first, len(lines))) + 1])
    new = data.draw(st.sampled_from(["X", "X\nY", "X\n\nY"]))
    assume(old)
    try:
        outcome = apply_edit(raw, old=old, new=new)
    except ModelMistake:
        return
    assume(outcome.tolerance in ("exact", "line_ends"))
    assert apply_edit(outcome.after, old=new, new=old).after == raw


def test_crlf_stays_crlf_when_the_model_writes_lf() -> None:
    outcome = apply_edit(b"a\r\nb\r\nc\r\n", old="a\nb\n", new="a\nx\ny\n")
    assert outcome.after == b"a\r\nx\r\ny\r\nc\r\n"
    assert outcome.tolerance == "line_ends"


def test_lf_stays_lf_when_the_model_writes_crlf() -> None:
    assert apply_edit(b"a\nb\n", old="a\r\nb", new="x\r\ny").after == b"x\ny\n"


def test_one_line_that_becomes_two_takes_the_line_end_of_its_place() -> None:
    assert apply_edit(b"a\nb\r\nc\n", old="b", new="b\nd").after == b"a\nb\r\nd\r\nc\n"


def test_unchanged_lines_in_a_mixed_file_keep_their_own_ends() -> None:
    outcome = apply_edit(b"a\r\nb\nc\r\nd\n", old="a\nb\nc\nd", new="a\nB\nc\nd")
    assert outcome.after == b"a\r\nB\nc\r\nd\n"


def test_a_border_inside_a_crlf_does_not_tear_it() -> None:
    assert apply_edit(b"a\r\nfoo\r\nb", old="\nfoo", new="").after == b"a\r\nb"


def test_places_that_differ_only_in_line_ends_are_ambiguous() -> None:
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(b"a\nb\nx\na\r\nb\r\n", old="a\nb", new="q")
    assert refusal.value.code == "edit_ambiguous"


def test_blanks_at_line_ends_are_ignored_last_and_kept_on_unchanged_lines() -> None:
    outcome = apply_edit(b"if x:  \n    y\t\nz\n", old="if x:\n    y\n", new="if x:\n    q\n")
    assert outcome.after == b"if x:  \n    q\nz\n"
    assert outcome.tolerance == "trailing_blanks"


def test_a_uniform_indentation_shift_is_applied_to_the_new_text() -> None:
    outcome = apply_edit(
        b"class A:\n    def f(self):\n        return 1\n",
        old="def f(self):\n    return 1\n",
        new="def f(self):\n    x = 2\n\n    return x\n",
    )
    assert outcome.after == b"class A:\n    def f(self):\n        x = 2\n\n        return x\n"
    assert outcome.tolerance == "indentation"


def test_too_much_indentation_is_taken_off_the_new_text() -> None:
    outcome = apply_edit(
        b"def f():\n    return 1\n", old="    def f():\n        return 1", new="    def f():\n        return 2"
    )
    assert outcome.after == b"def f():\n    return 2\n"


def test_an_uneven_indentation_is_not_guessed() -> None:
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(b"    a\n      b\n", old="a\nb\n", new="c\nd\n")
    assert refusal.value.code == "edit_not_found"


def test_a_file_without_final_newline_keeps_being_without() -> None:
    assert apply_edit(b"a\nb", old="b\n", new="c\n").after == b"a\nc"


def test_a_bom_and_latin1_bytes_elsewhere_survive() -> None:
    assert apply_edit(codecs.BOM_UTF8 + b"a b", old="a", new="c").after == codecs.BOM_UTF8 + b"c b"
    assert apply_edit(b"caf\xe9 = 1\n", old="= 1", new="= 2").after == b"caf\xe9 = 2\n"


def test_all_places_are_replaced_when_their_number_is_given() -> None:
    outcome = apply_edit(b"x = f(x)\ny = x\n", old="x", new="long", expected=3)
    assert outcome.after == b"long = f(long)\ny = long\n"
    assert outcome.lines == ((1, 1), (1, 1), (2, 2))
    check_only_the_range_changed(outcome)


def test_ambiguity_names_the_lines() -> None:
    with pytest.raises(ModelMistake, match=r"3 times.*line 1, 2, 4.*expected=3"):
        apply_edit(b"a\na\nb\na\n", old="a", new="c")


def test_overlapping_places_are_never_replaced() -> None:
    with pytest.raises(ModelMistake, match="overlap"):
        apply_edit(b"aaa", old="aa", new="b", expected=2)


def test_a_refusal_shows_the_nearest_place_and_how_it_differs() -> None:
    raw = b"import os\n\ndef area(width, height):\n    # square metres\n    return width * height\n"
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(raw, old="def area(width, height):\n    # metres\n    return width * height\n", new="x")
    text = str(refusal.value)
    assert "line 3 to 5" in text
    assert "-     # metres" in text
    assert "+     # square metres" in text


def test_a_refusal_finds_a_misspelt_line() -> None:
    with pytest.raises(ModelMistake, match="line 2 to 2"):
        apply_edit(b"alpha\nresult = compute_total(items)\nomega\n", old="result = compute_totals(item)", new="x")


def test_a_refusal_makes_blanks_visible() -> None:
    with pytest.raises(ModelMistake, match=r"→return 1.*→ is a tab") as refusal:
        apply_edit(b"def f():\n\treturn 1\n", old="def f():\n    return 2\n", new="x")
    assert refusal.value.code == "edit_not_found"


def test_line_numbers_copied_from_read_are_recognised() -> None:
    with pytest.raises(ModelMistake, match="line numbers"):
        apply_edit(b"a\nb\n", old="    1\ta\n    2\tb\n", new="x")


def test_an_edit_that_is_already_made_is_said_to_be() -> None:
    with pytest.raises(ModelMistake, match="already stands at line 2"):
        apply_edit(b"a\nreturn total + 1\n", old="return total\n", new="return total + 1\n")


def test_nothing_similar_is_said() -> None:
    with pytest.raises(ModelMistake, match="Nothing in the file resembles"):
        apply_edit(b"a\nb\n", old="zzzzzzzzzzzz", new="x")


@pytest.mark.parametrize(("old", "new", "code"), [("", "x", "edit_empty_old"), ("a", "a", "edit_no_change")])
def test_meaningless_edits_are_refused(old: str, new: str, code: str) -> None:
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(b"a", old=old, new=new)
    assert refusal.value.code == code


def test_reverse_refuses_other_bytes() -> None:
    outcome = apply_edit(b"a", old="a", new="b")
    with pytest.raises(ValueError, match="not the bytes"):
        outcome.reverse(b"c")


def test_a_refusal_stays_short_on_a_large_file() -> None:
    raw = b"".join(b"value_%d = compute(%d)\n" % (number, number) for number in range(30_000))
    old = "\n".join(f"value_{number} = computed({number})" for number in range(500, 700))
    with pytest.raises(ModelMistake) as refusal:
        apply_edit(raw, old=old, new="x")
    assert len(str(refusal.value)) < 12_000


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        (b"a\r\nb\r\n", "a\nc\n", b"a\r\nc\r\n"),
        (b"a\r\nb\nc\r\n", "a\nx\nb\nc\n", b"a\r\nx\r\nb\nc\r\n"),
        (codecs.BOM_UTF8 + b"a\n", "b\n", codecs.BOM_UTF8 + b"b\n"),
        (codecs.BOM_UTF16_BE + "a\r\n".encode("utf-16-be"), "b\n", codecs.BOM_UTF16_BE + "b\r\n".encode("utf-16-be")),
        (b"caf\xe9\n", "caf\u00e9s\n", b"caf\xe9s\n"),
    ],
)
def test_a_whole_new_content_keeps_encoding_and_line_ends(before: bytes, content: str, after: bytes) -> None:
    assert whole_file(before, content) == after


def test_a_content_that_the_file_could_not_be_read_with_is_refused() -> None:
    for before, content in ((b"caf\xe9\n", "\u20ac\n"), (b"a\n", "a\x00\n"), (b"caf\xe9\n", "\u00c3\u00a9\n")):
        with pytest.raises(ToolFailure) as refusal:
            whole_file(before, content)
        assert refusal.value.code == "not_encodable"
