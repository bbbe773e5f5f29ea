"""Hunks in the user's files: only what was accepted, never over the user's own text, and back again."""

from __future__ import annotations

import itertools
import os
import random
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import Prepared, open_folder, prepare
from draftsmith.workspace import userfiles
from draftsmith.workspace.apply import (
    carry_out,
    plan_hunks,
    plan_undo,
)
from draftsmith.workspace.changes import FileChange, splice
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.planrecord import decode_plan, encode_plan
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, git, snap
from .one_go import ApplyResult, apply_hunks, undo
from .test_snapshot import digest_of_folder


class Case:
    """A workspace, a draft folder beside it, and the proposal between them."""

    def __init__(self, store: ObjectStore, place: Path) -> None:
        self.store = store
        self.root = place / "project"
        self.draft = place / "draft"
        self.changes: tuple[FileChange, ...] = ()

    async def make(self, before: dict[str, bytes | str], after: dict[str, bytes | str | None]) -> None:
        fill(self.root, before)
        fill(self.draft, before)
        for name, content in after.items():
            if content is None:
                (self.draft / name).unlink()
            else:
                fill(self.draft, {name: content})
        await self.compare()

    async def compare(self) -> None:
        base, new = (await snap(self.store, self.root)).tree, (await snap(self.store, self.draft)).tree
        self.changes = await propose(self.store, base, new)

    def ids(self, path: str | None = None) -> list[str]:
        return [hunk.hunk_id for one in self.changes if path in (None, one.path) for hunk in one.hunks]

    async def apply(self, wanted: Iterable[str] | None = None, applied: Iterable[str] = ()) -> ApplyResult:
        chosen = list(self.ids() if wanted is None else wanted)
        return await apply_hunks(self.store, [self.root], self.changes, chosen, list(applied))

    def text(self, path: str) -> bytes:
        return (self.root / path).read_bytes()


@pytest.fixture
def case(store: ObjectStore, tmp_path: Path) -> Case:
    made = Case(store, tmp_path)
    made.root.mkdir(exist_ok=True)
    made.draft.mkdir()
    return made


def states(result: ApplyResult) -> list[str]:
    return [outcome.state for outcome in result.hunks]


TEN = b"".join(b"line %d\n" % number for number in range(10))


async def test_a_folder_gives_way_to_a_file_and_back(case: Case) -> None:
    await case.make({"x/a": "a\n", "x/b/c": "c\n"}, {"x/a": None, "x/b/c": None})
    (case.draft / "x/b").rmdir()
    (case.draft / "x").rmdir()
    fill(case.draft, {"x": "file\n"})
    await case.compare()
    result = await case.apply()
    assert set(states(result)) == {"applied"}
    assert case.text("x") == b"file\n"
    await undo(case.store, [case.root], [one.plan for one in result.files])
    assert (case.text("x/a"), case.text("x/b/c")) == (b"a\n", b"c\n")


async def test_a_folder_that_holds_something_of_the_users_does_not_give_way(case: Case) -> None:
    await case.make({"x/a": "a\n"}, {"x/a": None})
    (case.draft / "x").rmdir()
    fill(case.draft, {"x": "file\n"})
    await case.compare()
    fill(case.root, {"x/mine": "m"})
    assert sorted(states(await case.apply())) == ["applied", "refused"]
    assert case.text("x/mine") == b"m"


async def test_only_accepted_hunks_are_applied(case: Case) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 2", b"two").replace(b"line 7", b"seven")})
    first, second = case.ids()
    assert states(await case.apply([second])) == ["applied"]
    assert case.text("f") == TEN.replace(b"line 7", b"seven")
    assert states(await case.apply([first], [second])) == ["applied"]
    assert case.text("f") == TEN.replace(b"line 2", b"two").replace(b"line 7", b"seven")


async def test_clean_files_need_no_process(case: Case) -> None:
    before: dict[str, bytes | str] = {f"f{number}": TEN for number in range(20)}
    await case.make(before, {name: TEN.replace(b"4", b"four") for name in before})
    started = ProcessCount.started
    assert set(states(await case.apply())) == {"applied"}
    assert ProcessCount.started == started


async def test_every_kind_of_change_is_applied_and_undone(case: Case) -> None:
    await case.make(
        {"text": "a\n", "gone/deep/f": "g\n", "bin": b"\0a", "run": "r\n", "swap": "s\n"},
        {"text": "b\n", "gone/deep/f": None, "bin": b"\0b", "new/sub/n": "n\n", "swap": None},
    )
    fill(case.draft, {"swap/inner": "now a folder\n"})
    (case.draft / "run").chmod(0o755)
    (case.root / "link").symlink_to("a")
    (case.draft / "link").symlink_to("b")
    await case.compare()
    before = kinds(case.root)
    result = await case.apply()
    assert set(states(result)) == {"applied"}
    await case.compare()
    assert case.changes == (), "workspace and draft are equal now"
    assert not (case.root / "gone").exists()
    undone = await undo(case.store, [case.root], [one.plan for one in result.files])
    assert {one.state for one in undone} == {"written"}
    assert kinds(case.root) == before
    assert (case.root / "gone/deep/f").read_bytes() == b"g\n"
    assert (case.root / "swap").read_bytes() == b"s\n"
    assert not (case.root / "new").exists()
    assert (case.root / "link").readlink() == Path("a")


def kinds(folder: Path) -> list[tuple[str, int]]:
    return [(str(path.relative_to(folder)), path.lstat().st_mode) for path in sorted(folder.rglob("*"))]


async def test_applying_again_is_told_and_changes_nothing(case: Case) -> None:
    await case.make({"f": TEN, "gone": "g"}, {"f": TEN.replace(b"5", b"five"), "new": "n", "gone": None})
    await case.apply()
    digest = digest_of_folder(case.root)
    again = await case.apply()
    assert set(states(again)) == {"already_there"}
    assert again.files == ()
    assert digest_of_folder(case.root) == digest


async def test_the_users_edits_elsewhere_in_the_file_are_kept(case: Case) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 7", b"seven")})
    fill(case.root, {"f": b"mine\n" + TEN})
    assert states(await case.apply()) == ["applied"]
    assert case.text("f") == b"mine\n" + TEN.replace(b"line 7", b"seven")


async def test_an_edit_in_the_same_place_is_a_conflict_and_the_users_text_stays(case: Case) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 2", b"two").replace(b"line 7", b"theirs")})
    fill(case.root, {"f": TEN.replace(b"line 7", b"ours")})
    result = await case.apply()
    assert states(result) == ["applied", "conflict"]
    conflict = result.hunks[1].conflict
    assert conflict is not None
    assert (conflict.base, conflict.ours, conflict.theirs) == (b"line 7\n", b"ours\n", b"theirs\n")
    assert case.text("f") == TEN.replace(b"line 7", b"ours").replace(b"line 2", b"two")


async def test_text_that_looks_like_conflict_markers_is_only_text(case: Case) -> None:
    marked = b"<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n"
    await case.make({"f": TEN + marked}, {"f": TEN.replace(b"line 0", b"zero") + marked})
    fill(case.root, {"f": TEN.replace(b"line 0", b"mine") + marked})
    conflict = (await case.apply()).hunks[0].conflict
    assert conflict is not None
    assert (conflict.ours, conflict.theirs) == (b"mine\n", b"zero\n")


@pytest.mark.parametrize(
    ("before", "after", "now", "state"),
    [
        (None, "n", "other", "conflict"),
        (None, "n", "n", "already_there"),
        ("g", None, "changed", "conflict"),
        ("g", None, None, "already_there"),
        ("a\n", "b\n", None, "conflict"),
        (b"\0a", b"\0b", b"\0c", "conflict"),
        (b"\0a", b"\0b", b"\0b", "already_there"),
        (b"\0a", b"\0b", None, "conflict"),
        ("text\n", "more\n", b"\0 now binary", "conflict"),
    ],
)
async def test_what_the_user_did_to_the_whole_file_decides(
    case: Case, before: bytes | str | None, after: bytes | str | None, now: bytes | str | None, state: str
) -> None:
    await case.make({"f": before} if before is not None else {}, {"f": after})
    if now is None:
        (case.root / "f").unlink(missing_ok=True)
    else:
        fill(case.root, {"f": now})
    digest = digest_of_folder(case.root)
    assert states(await case.apply()) == [state]
    assert digest_of_folder(case.root) == digest


async def test_mode_owner_and_links_of_the_file_are_kept(case: Case) -> None:
    await case.make({"f": "a\n", "g": "a\n"}, {"f": "b\n", "g": "b\n"})
    (case.root / "f").chmod(0o640)
    (case.root / "g").chmod(0o444)
    if os.geteuid() == 0:
        os.chown(case.root / "f", 1234, 2345)
    await case.apply()
    found = (case.root / "f").stat()
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert os.geteuid() != 0 or (found.st_uid, found.st_gid) == (1234, 2345)
    assert stat.S_IMODE((case.root / "g").stat().st_mode) == 0o444


async def test_an_executable_bit_set_by_the_user_survives_a_text_hunk(case: Case) -> None:
    await case.make({"f": "a\n", "b": b"\0a"}, {"f": "b\n", "b": b"\0b"})
    (case.root / "f").chmod(0o755)
    (case.root / "b").chmod(0o755)
    await case.apply()
    assert stat.S_IMODE((case.root / "f").stat().st_mode) == 0o755
    assert stat.S_IMODE((case.root / "b").stat().st_mode) == 0o755


async def test_new_files_get_the_users_umask(case: Case) -> None:
    await case.make({}, {"f": "a\n", "run": "r\n"})
    (case.draft / "run").chmod(0o755)
    await case.compare()
    old = os.umask(0o027)
    try:
        await case.apply()
    finally:
        os.umask(old)
    assert stat.S_IMODE((case.root / "f").stat().st_mode) == 0o640
    assert stat.S_IMODE((case.root / "run").stat().st_mode) == 0o750


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbfbom\r\ntwo\r\nthree\r\n",
        b"caf\xe9\nna\xefve\nx\n",
        b"mixed\r\nlf\nlone\rcr\n",
        b"no final newline\nat the end",
    ],
)
async def test_bytes_around_a_hunk_stay_exact(case: Case, encoded: bytes) -> None:
    before = encoded + b"\nkeep\r\nold\nlast"
    await case.make({"f": before}, {"f": before.replace(b"old\n", b"new\r\n")})
    await case.apply()
    assert case.text("f") == before.replace(b"old\n", b"new\r\n")
    fill(case.root, {"f": b"top\n" + before})
    assert states(await case.apply()) == ["applied"]
    assert case.text("f") == b"top\n" + before.replace(b"old\n", b"new\r\n")


async def test_a_parent_that_became_a_link_is_never_followed(case: Case, tmp_path: Path) -> None:
    await case.make({"sub/f": "a\n"}, {"sub/f": "b\n", "sub/new": "n\n"})
    outside = tmp_path / "outside"
    fill(outside, {"f": "a\n"})
    (case.root / "sub/f").unlink()
    (case.root / "sub").rmdir()
    (case.root / "sub").symlink_to(outside)
    result = await case.apply()
    assert states(result) == ["refused", "refused"]
    assert "symbolic link" in result.hunks[0].reason
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == {"f": b"a\n"}


async def test_a_file_that_became_a_link_is_a_conflict(case: Case, tmp_path: Path) -> None:
    await case.make({"f": "a\n"}, {"f": "b\n"})
    fill(tmp_path, {"target": "a\n"})
    (case.root / "f").unlink()
    (case.root / "f").symlink_to(tmp_path / "target")
    assert states(await case.apply()) == ["conflict"]
    assert (tmp_path / "target").read_bytes() == b"a\n"
    assert (case.root / "f").is_symlink()


async def test_a_folder_or_fifo_in_the_files_place_is_refused(case: Case) -> None:
    await case.make({"f": "a\n", "g": "a\n"}, {"f": "b\n", "g": "b\n"})
    (case.root / "f").unlink()
    (case.root / "f").mkdir()
    (case.root / "g").unlink()
    os.mkfifo(case.root / "g")
    assert states(await case.apply()) == ["refused", "refused"]


async def test_a_file_where_a_folder_is_needed_is_refused(case: Case) -> None:
    await case.make({}, {"sub/f": "n\n"})
    fill(case.root, {"sub": "a file of the user"})
    assert states(await case.apply()) == ["refused"]
    assert case.text("sub") == b"a file of the user"


async def test_names_of_gits_own_are_refused(case: Case) -> None:
    await case.make({}, {"f": "n\n"})
    (change,) = case.changes
    for path in (".git/hooks/post-checkout", "sub/.git/config", ".GIT/config"):
        evil = FileChange(root=0, path=path, kind="create", before=None, after=change.after, hunks=change.hunks)
        result = await apply_hunks(case.store, [case.root], [evil], case.ids())
        assert states(result) == ["refused"]
    evil = FileChange(root=0, path="../f", kind="create", before=None, after=change.after, hunks=change.hunks)
    result = await apply_hunks(case.store, [case.root], [evil], case.ids())
    assert states(result) == ["refused"]
    assert list(case.root.iterdir()) == []


async def test_the_users_repository_is_not_touched(case: Case) -> None:
    git(case.root, "init", "-q")
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 3", b"x"), "new": "n"})
    git(case.root, "add", ".")
    git(case.root, "commit", "-qm", "x")
    before = digest_of_folder(case.root / ".git")
    result = await case.apply()
    await undo(case.store, [case.root], [one.plan for one in result.files])
    assert digest_of_folder(case.root / ".git") == before
    assert git(case.root, "status", "--porcelain") == ""


async def test_a_plan_is_carried_out_once_however_often_it_is_repeated(case: Case) -> None:
    before: dict[str, bytes | str] = {"a": TEN, "b": TEN, "gone": "g\n"}
    await case.make(before, {"a": TEN.replace(b"1", b"x"), "b": TEN.replace(b"2", b"y"), "new": "n\n", "gone": None})
    digest = digest_of_folder(case.root)
    plan = await plan_hunks(case.store, [case.root], case.changes, case.ids())
    assert digest_of_folder(case.root) == digest, "planning changes nothing"
    recorded = decode_plan(encode_plan(plan))
    assert recorded.files == plan.files
    for count in range(len(plan.files) + 1):  # killed after so many files
        again = Case(case.store, case.root.parent / f"again-{count}")
        fill(again.root, before)
        partly = decode_plan(encode_plan(plan)).files[:count]
        await carry_out(case.store, [again.root], type(plan)(files=partly, outcomes=(), keep=plan.keep))
        done = await carry_out(case.store, [again.root], recorded)
        assert [one.state for one in done] == ["already"] * count + ["written"] * (len(plan.files) - count)
        assert {path.name: path.read_bytes() for path in again.root.iterdir()} == {
            "a": TEN.replace(b"1", b"x"),
            "b": TEN.replace(b"2", b"y"),
            "new": b"n\n",
        }


async def test_a_file_edited_between_plan_and_apply_is_left_alone(case: Case) -> None:
    await case.make({"f": TEN, "gone": "g\n"}, {"f": TEN.replace(b"1", b"x"), "gone": None, "new": "n\n"})
    plan = await plan_hunks(case.store, [case.root], case.changes, case.ids())
    mine: dict[str, bytes | str] = {"f": b"mine", "gone": b"mine", "new": b"mine"}
    fill(case.root, mine)
    assert {one.state for one in await carry_out(case.store, [case.root], plan)} == {"changed"}
    assert {path.name: path.read_bytes() for path in case.root.iterdir()} == mine


@pytest.mark.parametrize("times", [1, 50])
async def test_an_edit_at_the_last_moment_is_merged_or_left_alone(
    case: Case, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 7", b"seven"), "new": "n\n"})
    left = times

    def prepare_while_the_user_types(folder: int, name: bytes, content: bytes, **rest: Any) -> Prepared:
        nonlocal left
        ready = prepare(folder, name, content, **rest)
        if left:
            left -= 1
            fill(case.root, {os.fsdecode(name): b"typed %d\n" % left + TEN})
        return ready

    monkeypatch.setattr(userfiles, "prepare", prepare_while_the_user_types)
    result = {hunk.hunk_id: hunk.state for hunk in (await case.apply()).hunks}
    (edited,) = case.ids("f")
    if times == 1:
        assert result[edited] == "applied"
        assert case.text("f") == b"typed 0\n" + TEN.replace(b"line 7", b"seven")
    else:
        assert set(result.values()) == {"conflict"}
        assert case.text("f").startswith(b"typed")
        assert case.text("f").endswith(TEN)
    assert list(case.root.glob(".draftsmith*")) == []


async def test_a_file_left_by_a_kill_is_no_part_of_anything_and_goes_away(case: Case) -> None:
    await case.make({"f": "a\n"}, {"f": "b\n"})
    await case.apply()
    fill(case.root, {"f": "a\n"})
    folder = open_folder(case.root)
    left = prepare(folder, b"f", b"half", mode=0o600, steady=True)
    assert (case.root / os.fsdecode(left.temporary)).exists()
    assert (await snap(case.store, case.root)).files == 1
    await case.apply()
    os.close(folder)
    assert list(case.root.iterdir()) == [case.root / "f"]


async def test_undo_keeps_what_the_user_did_since(case: Case) -> None:
    await case.make({"f": TEN, "g": TEN}, {"f": TEN.replace(b"line 7", b"seven"), "g": TEN.replace(b"line 7", b"x")})
    result = await case.apply()
    fill(case.root, {"f": b"mine\n" + case.text("f"), "g": case.text("g").replace(b"x\n", b"mine\n")})
    outcomes = {one.plan.path: one for one in await undo(case.store, [case.root], [one.plan for one in result.files])}
    assert outcomes["f"].state == "written"
    assert case.text("f") == b"mine\n" + TEN
    assert outcomes["g"].state == "conflict"
    conflict = outcomes["g"].conflict
    assert conflict is not None
    assert (conflict.base, conflict.ours, conflict.theirs) == (b"x\n", b"mine\n", b"line 7\n")
    assert case.text("g") == TEN.replace(b"line 7", b"mine")


async def test_undo_of_a_created_file_that_was_edited_is_a_conflict(case: Case) -> None:
    await case.make({}, {"new": "n\n"})
    result = await case.apply()
    fill(case.root, {"new": "n\nmine\n"})
    (outcome,) = await undo(case.store, [case.root], [one.plan for one in result.files])
    assert outcome.state == "conflict"
    assert case.text("new") == b"n\nmine\n"


async def test_an_undo_is_planned_recorded_and_repeated_like_an_apply(case: Case) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"1", b"x")})
    result = await case.apply()
    plan, rest = await plan_undo(case.store, [case.root], [one.plan for one in result.files])
    assert rest == ()
    recorded = decode_plan(encode_plan(plan))
    assert [one.state for one in await carry_out(case.store, [case.root], recorded)] == ["written"]
    assert [one.state for one in await carry_out(case.store, [case.root], recorded)] == ["already"]
    assert case.text("f") == TEN


async def test_an_older_apply_is_undone_under_a_newer_one(case: Case) -> None:
    await case.make({"f": TEN}, {"f": TEN.replace(b"line 2", b"two").replace(b"line 7", b"seven")})
    first, second = case.ids()
    older = await case.apply([first])
    await case.apply([second], [first])
    assert [one.state for one in await undo(case.store, [case.root], [one.plan for one in older.files])] == ["written"]
    assert case.text("f") == TEN.replace(b"line 7", b"seven")


async def test_two_roots_each_get_their_own(store: ObjectStore, tmp_path: Path) -> None:
    roots, drafts = ([tmp_path / f"{kind}{number}" for number in range(2)] for kind in ("root", "draft"))
    for number, (real, draft) in enumerate(zip(roots, drafts, strict=True)):
        fill(real, {"f": TEN})
        fill(draft, {"f": TEN.replace(b"line 1", b"root %d" % number)})
    base, new = (await snap(store, *roots)).tree, (await snap(store, *drafts)).tree
    changes = await propose(store, base, new)
    ids = [hunk.hunk_id for one in changes for hunk in one.hunks]
    assert len(set(ids)) == 2
    await apply_hunks(store, roots, changes, ids)
    assert [b"root %d" % number in (root / "f").read_bytes() for number, root in enumerate(roots)] == [True, True]


async def test_a_damaged_record_is_told() -> None:
    for document in (b"", b"{}", b'{"version":1,"keep":"x","files":[[1]]}', b"[1]"):
        with pytest.raises(AdapterError) as caught:
            decode_plan(document)
        assert caught.value.code == "bad_document"


def edits(noise: random.Random, lines: list[bytes], count: int) -> list[bytes]:
    """`count` edits far enough from one another to stay apart."""
    out = list(lines)
    for place in sorted(noise.sample(range(2, len(lines) - 2, 6), count), reverse=True):
        kind = noise.randrange(3)
        fresh = [b"new %d\n" % noise.randrange(10**6)] * (kind != 1)
        out[place : place + (kind != 0)] = fresh
    return out


ENDS = [(b"\n", b""), (b"\r\n", b""), (b"\n", b"\xe9 no end"), (b"\r\n", b"end\r")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(ENDS), st.booleans())
async def test_hunks_one_by_one_in_any_order_give_the_draft_with_the_users_edits(
    tmp_path_factory: pytest.TempPathFactory, seed: int, ends: tuple[bytes, bytes], edited: bool
) -> None:
    noise = random.Random(seed)  # noqa: S311 - has to repeat, not to be secret
    case = Case(ObjectStore.open(tmp_path_factory.mktemp("store") / "s.git"), tmp_path_factory.mktemp("any"))
    base = [b"line %d" % number + ends[0] for number in range(80)]
    base[1] = base[1].replace(b"\r\n", b"\n")
    new = edits(noise, base, noise.randrange(1, 8))
    await case.make({"f": b"".join(base) + ends[1]}, {"f": b"".join(new) + ends[1]})
    top, bottom = (b"user's first\n", b"user's last\n") if edited else (b"", b"")
    fill(case.root, {"f": top + b"".join(base[:-1]) + bottom + base[-1] + ends[1]})
    order = case.ids()
    noise.shuffle(order)
    applied: list[str] = []
    while order:
        some = [order.pop() for _ in range(min(len(order), noise.choice((1, 1, 3))))]
        assert set(states(await case.apply(some, applied))) == {"applied"}
        applied += some
    assert case.text("f") == top + b"".join(new[:-1]) + bottom + new[-1] + ends[1]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
async def test_any_subset_of_hunks_is_exactly_those_and_undo_is_exact(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n"]), max_size=14).map(b"".join)
    old, new = data.draw(text), data.draw(text)
    case = Case(ObjectStore.open(tmp_path_factory.mktemp("store") / "s.git"), tmp_path_factory.mktemp("any"))
    await case.make({"f": old}, {"f": new})
    hunks = list(itertools.chain.from_iterable(one.hunks for one in case.changes))
    chosen = [hunk for hunk in hunks if data.draw(st.booleans())]
    result = await case.apply([hunk.hunk_id for hunk in chosen])
    assert case.text("f") == splice(old, chosen)
    await undo(case.store, [case.root], [one.plan for one in result.files])
    assert case.text("f") == old
