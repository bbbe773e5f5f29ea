"""Unified differences: read leniently, applied where their lines stand or not at all."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.edit.outcomes import check_only_the_range_changed

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.workspace.patch import apply_hunks, created_text
from draftsmith.workspace.patchtext import parse_patch
from draftsmith.workspace.text import decode

RAW = b"def a():\n    return 1\n\n\ndef b():\n    return 1\n\n\ndef c():\n    return 3\n"


def applied(raw: bytes, hunks: str) -> bytes:
    outcome = apply_hunks(raw, parse_patch(f"--- a/x\n+++ b/x\n{hunks}")[0].hunks)
    check_only_the_range_changed(outcome)
    return outcome.after


def refused(raw: bytes, hunks: str) -> ModelMistake:
    with pytest.raises(ModelMistake) as refusal:
        applied(raw, hunks)
    return refusal.value


def test_numbers_and_counts_are_not_believed() -> None:
    wrong = "@@ -70,9 +12,2 @@\n def c():\n-    return 3\n+    return 4\n"
    assert applied(RAW, wrong) == RAW.replace(b"3", b"4")
    assert applied(RAW, "@@ @@\n def c():\n-    return 3\n+    return 4\n") == RAW.replace(b"3", b"4")


def test_a_hunk_that_fits_twice_is_refused_with_its_lines() -> None:
    error = refused(RAW, "@@ -2 +2 @@\n-    return 1\n+    return 2\n")
    assert error.code == "edit_ambiguous"
    assert "line 2, 6" in str(error)


def test_the_text_after_the_ats_names_the_block() -> None:
    hunk = "@@ -6 +6 @@ def b():\n-    return 1\n+    return 2\n"
    assert applied(RAW, hunk) == b"def a():\n    return 1\n\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3\n"


def test_the_order_of_hunks_names_the_place() -> None:
    hunks = "@@ -5 +5 @@\n-def b():\n+def bb():\n@@ -6 +6 @@\n-    return 1\n+    return 2\n"
    assert b"def bb():\n    return 2" in applied(RAW, hunks)
    assert b"def a():\n    return 1" in applied(RAW, hunks)


def test_a_hunk_that_fits_elsewhere_but_nearly_where_it_says_is_refused() -> None:
    raw = b"x = 1\nold(value)\ny\n\n\nold(values)\n"
    error = refused(raw, "@@ -2 +2 @@\n-old(values)\n+new\n")
    assert (error.code, "nearly so at line 2" in str(error)) == ("edit_ambiguous", True)


def test_a_hunk_that_does_not_fit_shows_the_nearest_place() -> None:
    error = refused(RAW, "@@ -9,2 +9,2 @@\n def c():\n-    return 30\n+    return 4\n")
    assert error.code == "edit_not_found"
    assert "Hunk 1 (line 3 of the patch)" in str(error)
    assert "+     return 3" in str(error)


def test_a_hunk_without_any_line_of_the_file_is_refused() -> None:
    assert refused(RAW, "@@ -3,0 +4 @@\n+x\n").code == "patch_no_context"


def test_line_ends_encoding_and_trailing_blanks_stay() -> None:
    raw = "à = 1  \r\nb = 2\r\nc = 3\r\n".encode("latin-1")
    after = applied(raw, "@@ -1,3 +1,4 @@\n à = 1\n-b = 2\n+b = 3\n+d = 4\n c = 3\n")
    assert after == "à = 1  \r\nb = 3\r\nd = 4\r\nc = 3\r\n".encode("latin-1")


@pytest.mark.parametrize(
    ("raw", "hunk", "after"),
    [
        (b"a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", b"a\nc"),
        (b"a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n", b"a\nb\n"),
        (b"a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n", b"a\nb"),
        (b"a\nb", "@@ -1,2 +1,3 @@\n a\n b\n+c\n", b"a\nb\nc"),
        (b"", "@@ -0,0 +1,2 @@\n+a\n+b\n", b"a\nb\n"),
        (b"a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n", b""),
    ],
)
def test_the_end_of_a_file_is_as_the_patch_says_or_as_it_was(raw: bytes, hunk: str, after: bytes) -> None:
    assert applied(raw, hunk) == after


def test_fences_prose_mails_and_git_headers_are_read() -> None:
    text = (
        "Here is the change:\n\ndiff --git a/x y b/x y\nindex 1..2 100644\n--- a/x y\t2026-01-01\n+++ b/x y\n"
        "@@ -1 +1 @@\n-a\n+b\n\ndiff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n"
        "-- \n2.39.5\n"
    )
    files = parse_patch(f"```diff\n{text}\n```")
    assert [(file.old, file.new, len(file.hunks)) for file in files] == [("x y", "x y", 1), ("old", "new", 0)]
    quoted = parse_patch('--- "a/caf\\303\\251"\n+++ "b/caf\\303\\251"\n@@ -1 +1 @@\n-a\n+b\n')
    assert quoted[0].path == "café"


def test_the_form_with_stars_is_read() -> None:
    files = parse_patch(
        "*** Begin Patch\n*** Update File: a\n@@ def f\n-x\n+y\n*** Add File: b\n+one\n+two\n*** Delete File: c\n"
        "*** End Patch\n"
    )
    assert [(file.old, file.new) for file in files] == [("a", "a"), (None, "b"), ("c", None)]
    assert created_text(files[1].hunks) == "one\ntwo\n"
    assert files[0].hunks[0].heading == "def f"


def test_removed_dashes_and_added_plusses_are_no_header() -> None:
    raw = b"a\n-- x\nb\n"
    assert applied(raw, "@@ -1,3 +1,3 @@\n a\n--- x\n+++ y\n b\n") == b"a\n++ y\nb\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing of a patch", "patch_malformed"),
        ("@@ -1 +1 @@\n-a\n+b\n", "patch_malformed"),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n?b\n", "patch_malformed"),
        ("diff --git a/x b/x\nGIT binary patch\n", "patch_binary"),
    ],
)
def test_what_is_no_patch_is_refused(text: str, code: str) -> None:
    with pytest.raises(ModelMistake) as refusal:
        parse_patch(text)
    assert refusal.value.code == code


LINES = st.lists(st.sampled_from(["a", "b", "  c", "-- d", "++ e", "", "é"]), max_size=12)


@given(old=LINES, new=LINES, context=st.integers(0, 4), ends=st.sampled_from(["\n", "\r\n"]))
def test_a_difference_gives_what_it_was_made_from_or_is_refused(
    old: list[str], new: list[str], context: int, ends: str
) -> None:
    rows = difflib.unified_diff([f"{one}\n" for one in old], [f"{one}\n" for one in new], "a/x", "b/x", n=context)
    raw = "".join(line + ends for line in old).encode()
    patch = "".join(rows)
    if not patch:
        return
    outcome, refusal = None, ""
    try:
        outcome = apply_hunks(raw, parse_patch(patch)[0].hunks)
    except ModelMistake as mistake:
        refusal = mistake.code
    assert refusal in ("", "edit_ambiguous", "patch_no_context")
    if outcome is None:
        return
    check_only_the_range_changed(outcome)
    wanted = "".join(line + (ends if old else "\n") for line in new)
    assert decode(outcome.after).text == wanted


@given(text=st.text(alphabet="-+ @\\*abd/\n", max_size=120))
def test_any_text_is_a_patch_or_a_mistake(text: str) -> None:
    try:
        files = parse_patch(f"--- a/x\n+++ b/x\n{text}")
        for file in files:
            apply_hunks(b"a\nb\nab\n", file.hunks)
    except (ModelMistake, ToolFailure):
        pass
