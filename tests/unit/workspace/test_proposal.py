"""Differences as hunks: exact, stable, bounded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.changes import FileChange, decode_changes, encode_changes, splice, split_lines
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.proposal import MAX_HUNKS, propose
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, snap


async def difference(
    store: ObjectStore, root: Path, before: dict[str, bytes | str], after: dict[str, bytes | str | None]
) -> dict[str, FileChange]:
    fill(root, before)
    base = (await snap(store, root)).tree
    for name, content in after.items():
        if content is None:
            (root / name).unlink()
        else:
            fill(root, {name: content})
    return {change.path: change for change in await propose(store, base, (await snap(store, root)).tree)}


async def test_lines_are_counted_from_one_and_insertions_stand_before_their_line(
    store: ObjectStore, root: Path
) -> None:
    before = b"".join(b"line %d\n" % number for number in range(1, 11))
    after = before.replace(b"line 2\n", b"two\n").replace(b"line 5\n", b"line 5\ninserted\n").replace(b"line 9\n", b"")
    change = (await difference(store, root, {"f": before}, {"f": after}))["f"]
    assert change.kind == "modify"
    assert [(one.base_start, one.base_length, one.old, one.new) for one in change.hunks] == [
        (2, 1, b"line 2\n", b"two\n"),
        (6, 0, b"", b"inserted\n"),
        (9, 1, b"line 9\n", b""),
    ]
    assert splice(before, change.hunks) == after


async def test_every_kind_of_change_is_told_apart(store: ObjectStore, root: Path) -> None:
    fill(root, {"text": "a\n", "gone": "g\n", "bin": b"\0a", "run": "r\n", "both": "b\n", "same": "s"})
    (root / "link").symlink_to("text")
    (root / "kind").symlink_to("text")
    base = (await snap(store, root)).tree
    fill(root, {"text": "b\n", "new": "n\n", "bin": b"\0b", "both": "c\n"})
    (root / "gone").unlink()
    (root / "run").chmod(0o755)
    (root / "both").chmod(0o755)
    (root / "link").unlink()
    (root / "link").symlink_to("elsewhere")
    (root / "kind").unlink()
    fill(root, {"kind": "now a file\n"})
    changes = await propose(store, base, (await snap(store, root)).tree)
    assert {(one.path, one.kind, tuple(hunk.kind for hunk in one.hunks)) for one in changes} == {
        ("text", "modify", ("text",)),
        ("new", "create", ("whole",)),
        ("gone", "delete", ("whole",)),
        ("bin", "binary", ("whole",)),
        ("run", "mode", ("mode",)),
        ("both", "modify", ("text", "mode")),
        ("link", "symlink", ("whole",)),
        ("kind", "symlink", ("whole",)),
    }
    assert len({hunk.hunk_id for one in changes for hunk in one.hunks}) == 9
    assert decode_changes(encode_changes(changes)) == changes


async def test_a_rename_is_a_linked_pair(store: ObjectStore, root: Path) -> None:
    changes = await difference(
        store,
        root,
        {"old/a": "content\n", "e1": "", "z": "z\n"},
        {"old/a": None, "new/a": "content\n", "e1": None, "e2": ""},
    )
    assert changes["old/a"].linked == changes["new/a"].linked != ""
    assert changes["e1"].linked == changes["e2"].linked == "", "empty files say nothing"


async def test_all_files_are_compared_by_one_process(store: ObjectStore, root: Path) -> None:
    fill(root, {f"f{number}": "a\nb\n" for number in range(50)})
    base = (await snap(store, root)).tree
    fill(root, {f"f{number}": f"a\n{number}\n" for number in range(50)})
    draft = (await snap(store, root)).tree
    before = ProcessCount.started
    changes = await propose(store, base, draft)
    assert ProcessCount.started - before == 1
    assert [hunk.new for change in changes for hunk in change.hunks] == [
        b"%d\n" % int(change.path[1:]) for change in changes
    ]


async def test_names_with_odd_bytes_and_several_roots(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    odd = os.fsdecode(b'caf\xe9\n"q"')
    fill(root, {"same": "a\n", odd: "a\n"})
    fill(other, {"same": "a\n"})
    base = (await snap(store, root, other)).tree
    fill(root, {odd: "b\n"})
    fill(other, {"same": "b\n"})
    changes = await propose(store, base, (await snap(store, root, other)).tree)
    assert [(one.root, one.path) for one in changes] == [(0, odd), (1, "same")]
    assert changes[0].hunks[0].hunk_id != changes[1].hunks[0].hunk_id
    assert decode_changes(encode_changes(changes)) == changes


async def test_too_many_hunks_become_one(store: ObjectStore, root: Path) -> None:
    before = "".join(f"{number}\n" for number in range(2 * MAX_HUNKS + 4))
    after = "".join(f"{number}{'x' if number % 2 else ''}\n" for number in range(2 * MAX_HUNKS + 4))
    (hunk,) = (await difference(store, root, {"f": before}, {"f": after}))["f"].hunks
    assert (hunk.base_start, hunk.old, hunk.new) == (1, before.encode(), after.encode())


async def test_large_files_are_one_hunk_without_shown_text(store: ObjectStore, root: Path) -> None:
    changes = await difference(store, root, {"f": b"a\n" * 2_000_000}, {"f": b"b\n" * 2_000_000})
    assert (changes["f"].kind, changes["f"].hunks[0].kind, changes["f"].hunks[0].new) == ("binary", "whole", b"")


async def test_an_id_lives_on_when_other_hunks_come_and_go(store: ObjectStore, root: Path) -> None:
    lines = [b"line %d\n" % number for number in range(30)]
    fill(root, {"f": b"".join(lines)})
    base = (await snap(store, root)).tree
    lines[20] = b"changed\n"
    fill(root, {"f": b"".join(lines)})
    (first,) = (await propose(store, base, (await snap(store, root)).tree))[0].hunks
    lines[3] = b"also\nmore\n"
    fill(root, {"f": b"".join(lines)})
    both = (await propose(store, base, (await snap(store, root)).tree))[0].hunks
    assert both[1] == first


async def test_no_difference_is_no_change(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "a"})
    tree = (await snap(store, root)).tree
    assert await propose(store, tree, tree) == ()


async def test_colour_and_prefix_settings_of_the_user_change_nothing(
    store: ObjectStore, root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".gitconfig").write_text("[color]\n\tui = always\n[diff]\n\tnoprefix = true\n\texternal = false\n")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    fill(root, {".gitattributes": "* -diff\n"})
    changes = await difference(store, root, {"f": "a\nb\n"}, {"f": "a\nc\n"})
    assert [hunk.new for hunk in changes["f"].hunks] == [b"c\n"]


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"version":2,"files":[]}', b'{"version":1,"files":[1]}'])
def test_a_document_that_cannot_be_read_is_told(document: bytes) -> None:
    with pytest.raises(AdapterError) as caught:
        decode_changes(document)
    assert caught.value.code == "bad_document"


LINES = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"d\re\n", b"\xe9\n", b"\n", b"@@ -1 +1 @@\n"]), max_size=12
)
TEXTS = st.builds(lambda lines, end: b"".join(lines) + end, LINES, st.sampled_from([b"", b"x", b"\r"]))


@given(TEXTS)
def test_lines_joined_are_the_text(text: bytes) -> None:
    lines = split_lines(text)
    assert b"".join(lines) == text
    assert all(b"\n" not in line[:-1] for line in lines)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
async def test_all_hunks_put_together_are_the_new_text(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[bytes, bytes]]
) -> None:
    place = tmp_path_factory.mktemp("any")
    store = ObjectStore.open(place / "state" / "store.git")
    before: dict[str, bytes | str] = {f"f{number}": old for number, (old, _) in enumerate(pairs)}
    after: dict[str, bytes | str | None] = {f"f{number}": new for number, (_, new) in enumerate(pairs)}
    changes = await difference(store, place / "project", before, after)
    for number, (old, new) in enumerate(pairs):
        change = changes.get(f"f{number}")
        assert (change is None) == (old == new)
        if change is not None:
            assert splice(old, change.hunks) == new
            assert all(
                b"".join(split_lines(old)[one.base_start - 1 : one.base_start - 1 + one.base_length]) == one.old
                for one in change.hunks
            )
