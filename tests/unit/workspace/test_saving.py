"""A file saved by a person from elsewhere: only over the version that was edited, and in the form that it has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.workspace import saving
from draftsmith.workspace.amend import AmendedFile, amend_file
from draftsmith.workspace.apply import carry_out
from draftsmith.workspace.saving import NotPlanned, as_content, plan_save, version_of, why_not_editable
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, listed, snap


async def save(store: ObjectStore, root: Path, path: str, text: str, version: str) -> str:
    """What became of it."""
    plan = await plan_save(store, [root], 0, path.encode(), text, version)
    if isinstance(plan, NotPlanned):
        return plan.state
    [done] = await carry_out(store, [root], plan)
    return done.state


async def test_a_saved_file_holds_the_text_and_keeps_its_mode(store: ObjectStore, root: Path) -> None:
    fill(root, {"run.sh": "echo a\n"})
    (root / "run.sh").chmod(0o755)
    assert await save(store, root, "run.sh", "echo b\n", version_of(b"echo a\n")) == "written"
    assert (root / "run.sh").read_text() == "echo b\n"
    assert (root / "run.sh").stat().st_mode & 0o777 == 0o755
    assert await save(store, root, "new/deep/file.txt", "made\n", "") == "written"
    assert (root / "new/deep/file.txt").read_text() == "made\n"


@pytest.mark.parametrize(
    ("now", "version"),
    [(b"theirs\n", version_of(b"mine before\n")), (b"theirs\n", ""), (None, version_of(b"mine before\n"))],
    ids=["changed", "appeared", "deleted"],
)
async def test_another_version_on_disk_is_told_and_left_alone(
    store: ObjectStore, root: Path, now: bytes | None, version: str
) -> None:
    if now is not None:
        fill(root, {"f": now})
    plan = await plan_save(store, [root], 0, b"f", "mine\n", version)
    assert isinstance(plan, NotPlanned)
    assert (plan.state, plan.version) == ("changed", version_of(now) if now is not None else "")
    assert (root / "f").exists() == (now is not None)


async def test_a_file_that_changes_between_plan_and_write_is_left_alone(store: ObjectStore, root: Path) -> None:
    fill(root, {"f": "before\n"})
    plan = await plan_save(store, [root], 0, b"f", "mine\n", version_of(b"before\n"))
    assert not isinstance(plan, NotPlanned)
    fill(root, {"f": "theirs\n"})
    [done] = await carry_out(store, [root], plan)
    assert done.state == "changed"
    assert (root / "f").read_text() == "theirs\n"


async def test_saving_twice_is_the_same_as_once(store: ObjectStore, root: Path) -> None:
    fill(root, {"f": "a\n"})
    assert await save(store, root, "f", "b\n", version_of(b"a\n")) == "written"
    assert await save(store, root, "f", "b\n", version_of(b"a\n")) == "same"


async def test_links_git_and_special_files_are_never_written(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"secret": "x\n"})
    (root / "link").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    os.mkfifo(root / "pipe")
    for path in ("link", "folder/secret", "folder/new", "pipe", ".git/hooks/post-checkout"):
        assert await save(store, root, path, "mine\n", version_of(b"x\n")) == "refused", path
    assert (outside / "secret").read_text() == "x\n"
    assert sorted(one.name for one in outside.iterdir()) == ["secret"]
    assert not (root / ".git").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a\0b", "zero"),
        (b"x" * (saving.MAX_EDITED + 1), "more than 2 MB"),
        ("größe\n".encode("latin-1"), "Latin-1"),
        ("größe\n".encode("utf-16"), "UTF-16"),
        (b"a\rb\n", "carriage returns"),
    ],
    ids=["binary", "too large", "latin-1", "utf-16", "lone CR"],
)
async def test_what_would_be_damaged_is_shown_only(store: ObjectStore, root: Path, content: bytes, words: str) -> None:
    fill(root, {"f": content})
    assert words in why_not_editable(content)
    assert await save(store, root, "f", "mine\n", version_of(content)) == "refused"
    assert (root / "f").read_bytes() == content


def test_lines_that_stayed_keep_their_ends_and_new_ones_get_the_usual() -> None:
    before = b"\xef\xbb\xbfone\r\ntwo\nthree\r\nfour\r\n"
    assert as_content(before, "one\ntwo\nnew\nthree\nfour") == b"\xef\xbb\xbfone\r\ntwo\nnew\r\nthree\r\nfour"
    assert as_content(b"one\r\ntwo\r\n", "one\n2\ntwo\n") == b"one\r\n2\r\ntwo\r\n"
    assert as_content(b"one\n", "\ufeffone\n") == b"one\n"


LINES = st.lists(st.tuples(st.sampled_from(["a", "b", "c", "", "ü"]), st.sampled_from(["\n", "\r\n"])), max_size=12)


@given(lines=LINES, last=st.sampled_from(["", "end"]), mark=st.booleans())
def test_text_that_comes_back_unchanged_gives_the_same_bytes(
    lines: list[tuple[str, str]], last: str, mark: bool
) -> None:
    text = "".join(line + end for line, end in lines) + last
    content = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    assert as_content(content, text.replace("\r\n", "\n")) == content


@given(lines=LINES, other=LINES)
def test_whatever_is_saved_reads_as_it_was_typed(lines: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    before = "".join(line + end for line, end in lines).encode()
    typed = "".join(f"{line}\n" for line, _ in other)
    assert as_content(before, typed).decode().replace("\r\n", "\n") == typed


async def test_a_file_of_the_draft_is_edited_and_the_difference_made_anew(store: ObjectStore, root: Path) -> None:
    fill(root, {"f": "a\nb\n", "g": "same\n"})
    base = (await snap(store, root)).tree
    fill(root, {"f": "a\nB\n"})
    tree = (await snap(store, root)).tree
    made = await amend_file(store, base, tree, 0, b"g", "other\n", version_of(b"same\n"))
    assert isinstance(made, AmendedFile)
    assert sorted(change.path for change in made.changes) == ["f", "g"]
    assert b"other\n" in listed(store, made.tree).values()
    late = await amend_file(store, base, made.tree, 0, b"g", "third\n", version_of(b"same\n"))
    assert isinstance(late, NotPlanned)
    assert late.state == "changed"
    fresh = await amend_file(store, base, tree, 0, b"new/file", "made\n", "")
    assert isinstance(fresh, AmendedFile)
    assert "new/file" in [change.path for change in fresh.changes]
