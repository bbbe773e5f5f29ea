from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draftsmith.cli.reviewing.unified import blocks, quoted, unified
from unit.cli.hunks import hunk, hunks_between

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\n", "d\n", "-- e\n", "+f\n"]), max_size=25)
LAST = st.sampled_from(["", "end", "end\n"])


def applied(patch: str, old: str | None) -> str | None:
    """What `git apply` makes of the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "f"
        if old is not None:
            file.write_bytes(old.encode())
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            input=patch.encode(),
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=20,
            env={"GIT_CEILING_DIRECTORIES": folder, "PATH": "/usr/bin:/bin", "HOME": folder},
        )
        return file.read_bytes().decode() if file.exists() else None


@given(old=LINES, new=LINES, old_end=LAST, new_end=LAST)
@settings(max_examples=80, deadline=None)
def test_git_applies_the_difference_to_the_base(old: list[str], new: list[str], old_end: str, new_end: str) -> None:
    before, after = "".join(old) + old_end, "".join(new) + new_end
    hunks = hunks_between(before, after)
    if hunks and before and after:
        assert applied(unified("f", "modify", hunks), before) == after


@given(old=LINES, new=LINES, data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_part_of_the_hunks_is_a_difference_of_its_own(old: list[str], new: list[str], data: st.DataObject) -> None:
    before, after = "".join(old) + "x\n", "".join(new) + "y\n"
    hunks = hunks_between(before, after)
    chosen = [one for one in hunks if data.draw(st.booleans())]
    if chosen:
        result = applied(unified("f", "modify", chosen), before)
        expected = before.split("\n")
        for one in reversed(chosen):
            start = one["base_start"] - 1
            expected[start : start + one["before"].count("\n")] = one["after"].split("\n")[:-1]
        assert result == "\n".join(expected)


def test_new_and_deleted_files_are_named_as_git_names_them() -> None:
    assert applied(unified("f", "create", [hunk(0, 1, "", "one\ntwo")]), None) == "one\ntwo"
    assert applied(unified("f", "delete", [hunk(0, 1, "one\ntwo", "")]), "one\ntwo") is None


def test_hunks_that_share_context_are_one_block() -> None:
    near = hunks_between("1\n2\n3\n4\n5\n", "1\nX\n3\nY\n5\n")
    assert len(near) == 2
    assert len(blocks(near)) == 1
    far = hunks_between(
        "".join(f"{n}\n" for n in range(40)), "".join(f"{n}\n" for n in range(40)).replace("5\n", "X\n")
    )
    assert len(blocks(far)) == len(far)


def test_binary_content_is_named_and_not_shown() -> None:
    binary = {**hunk(0, 1, "", ""), "binary": True}
    assert "Binary files f differ" in unified("f", "binary", [binary])  # pyright: ignore[reportArgumentType]  a plain dict


def test_change_of_mode_is_told() -> None:
    text = unified("f", "mode", [hunk(0, 0, "100644", "100755")])
    assert "old mode 100644\nnew mode 100755\n" in text


@pytest.mark.parametrize(
    ("path", "written"), [("a b", "a b"), ('a"b', '"a\\"b"'), ("a\nb", '"a\\nb"'), ("\x1b", '"\\033"')]
)
def test_names_are_quoted_as_git_does(path: str, written: str) -> None:
    assert quoted(path) == written
