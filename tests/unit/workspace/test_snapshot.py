"""Which files a snapshot holds, and that what it holds is exact."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.platform.files import read_all
from draftsmith.workspace import reader
from draftsmith.workspace.bounds import Bounds
from draftsmith.workspace.git import ProcessCount
from draftsmith.workspace.snapshot import Overlay, open_snapshot, take_snapshot
from draftsmith.workspace.statmap import Known, StatMap, is_settled
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, git, listed, names, snap


def digest_of_folder(folder: Path) -> str:
    """Names, bytes, modes and modification times of all that is below."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found = path.lstat()
        whole.update(f"{path.relative_to(folder)} {found.st_mode} {found.st_mtime_ns}".encode())
        if path.is_file() and not path.is_symlink():
            whole.update(path.read_bytes())
    return whole.hexdigest()


async def test_tracked_and_untracked_files_count_and_ignored_ones_do_not(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q")
    fill(root, {".gitignore": "*.log\nbuild/\n", "a.py": "a", "b.py": "b", "x.log": "x", "build/out": "o"})
    git(root, "add", "a.py")
    snapshot = await snap(store, root)
    assert names(store, snapshot.tree) == {".gitignore", "a.py", "b.py"}
    assert snapshot.ignored_folders == (("build",),)
    assert snapshot.files == 3


async def test_tracked_files_count_although_ignored(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q")
    fill(root, {".gitignore": "build/\n*.gen\n", "build/kept": "k", "build/other": "o", "a.gen": "g"})
    git(root, "add", "-f", "build/kept", "a.gen")
    assert names(store, (await snap(store, root)).tree) == {".gitignore", "build/kept", "a.gen"}


async def test_folder_without_git_respects_gitignore(store: ObjectStore, root: Path) -> None:
    fill(root, {".gitignore": "node_modules\n", "node_modules/m/i.js": "i", "src/.gitignore": "*.o\n", "src/a.o": "o"})
    fill(root, {"src/a.c": "c", "b.o": "stays"})
    snapshot = await snap(store, root)
    assert names(store, snapshot.tree) == {".gitignore", "src/.gitignore", "src/a.c", "b.o"}
    assert snapshot.ignored_folders == (("node_modules",),)


async def test_split_index_and_sha256_repositories_keep_their_tracked_files(store: ObjectStore, tmp_path: Path) -> None:
    for name, options, after in (
        ("split", (), ("update-index", "--split-index")),
        ("sha256", ("--object-format=sha256",), ("status",)),
    ):
        root = tmp_path / name
        root.mkdir()
        git(root, "init", "-q", *options)
        fill(root, {".gitignore": "*.gen\n", "a.gen": "tracked", "b.gen": "ignored"})
        git(root, "add", "-f", "a.gen")
        git(root, *after)
        assert names(store, (await snap(store, root)).tree) == {".gitignore", "a.gen"}, name


async def test_rules_of_the_repository_above_the_root_apply(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q")
    fill(root, {".gitignore": "dist/\n", "pkg/dist/x": "x", "pkg/a": "a", "pkg/kept.tmp": "k"})
    (root / ".git/info/exclude").write_text("*.tmp\n")
    git(root, "add", "-f", "pkg/kept.tmp")
    assert names(store, (await snap(store, root / "pkg")).tree) == {"a", "kept.tmp"}


async def test_a_project_below_a_home_kept_in_git_is_not_ignored_away(store: ObjectStore, tmp_path: Path) -> None:
    above = tmp_path / "above"
    fill(above, {".gitignore": "*\n", "project/a": "a", "project/.gitignore": "*.o\n", "project/a.o": "o"})
    git(above, "init", "-q")
    assert names(store, (await snap(store, above / "project")).tree) == {"a", ".gitignore"}


async def test_users_global_and_private_excludes_apply(store: ObjectStore, root: Path, home: Path) -> None:
    git(root, "init", "-q")
    (home / ".gitconfig").write_text("[core]\n\texcludesFile = ~/my-ignores\n")
    (home / "my-ignores").write_text("*.swp\n")
    (root / ".git/info/exclude").write_text("private/\n")
    fill(root, {"a": "a", "a.swp": "s", "private/x": "x"})
    assert names(store, (await snap(store, root)).tree) == {"a"}


async def test_nested_repository_and_submodule_are_plain_files(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    fill(library, {"lib.c": "lib"})
    git(library, "add", ".")
    git(library, "commit", "-qm", "x")
    git(root, "init", "-q")
    git(root, "submodule", "--quiet", "add", str(library), "sub")
    nested = root / "nested"
    nested.mkdir()
    git(nested, "init", "-q")  # without a commit: `git add` of the outer one would fail
    fill(root, {"nested/a": "a", "nested/.gitignore": "no\n", "nested/no": "n", "a": "a"})
    tree = (await snap(store, root)).tree
    assert names(store, tree) == {".gitmodules", "sub/lib.c", "nested/a", "nested/.gitignore", "a"}


async def test_linked_worktree_is_snapshot_like_any_folder(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    git(root, "init", "-q")
    fill(root, {"a.gen": "a", ".gitignore": "*.gen\n"})
    git(root, "add", "-f", ".")
    git(root, "commit", "-qm", "x")
    (root / ".git/info/exclude").write_text("*.tmp\n")
    tree_folder = tmp_path / "linked"
    git(root, "worktree", "add", "-q", str(tree_folder))
    fill(tree_folder, {"b": "b", "b.gen": "ignored", "c.tmp": "excluded"})
    assert names(store, (await snap(store, tree_folder)).tree) == {".gitignore", "a.gen", "b"}


async def test_users_repository_stays_byte_identical(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q")
    fill(root, {"a": "a", "b": "b"})
    git(root, "add", "a")
    git(root, "commit", "-qm", "x")
    fill(root, {"a": "changed"})
    before = digest_of_folder(root / ".git")
    await snap(store, root)
    fill(root, {"c": "c"})
    await snap(store, root)
    assert digest_of_folder(root / ".git") == before


async def test_attributes_and_filters_convert_nothing_and_run_nothing(
    store: ObjectStore, root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(root, "init", "-q")
    ran = home / "ran"
    for scope in (root / ".git/config", home / ".gitconfig"):
        with scope.open("a") as file:
            file.write(
                f'[filter "evil"]\n\tclean = touch {ran}\n\tsmudge = touch {ran}\n\trequired = true\n'
                f"[core]\n\tautocrlf = true\n\tfsmonitor = touch {ran}\n\thooksPath = {home}\n"
            )
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {ran}")
    monkeypatch.setenv("GIT_INDEX_FILE", str(home / "wrong-index"))
    contents = {
        ".gitattributes": b"* text=auto eol=lf\n*.lfs filter=evil\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n",
        "crlf.txt": b"a\r\nb\r\n",
        "x.lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "x.id": b"$Id: something $\n",
        "x.u16": "text".encode("utf-16"),
    }
    fill(root, contents)
    tree = (await snap(store, root)).tree
    assert listed(store, tree) == {f"roots/0/{name}": content for name, content in contents.items()}
    assert not ran.exists()


async def test_names_that_are_not_utf8_or_differ_in_case_only(store: ObjectStore, root: Path) -> None:
    odd = [b"caf\xe9", b"A", b"a", b"with\nline feed", b'quo"te', b"tab\t", b" lead", b"-dash", b"*star", b"a.b", b"a0"]
    for name in odd:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)
    tree = (await snap(store, root)).tree
    assert names(store, tree) == {os.fsdecode(name) for name in odd}
    assert set(listed(store, tree).values()) == set(odd)


async def test_links_are_links_and_never_followed(store: ObjectStore, root: Path, tmp_path: Path) -> None:
    fill(tmp_path, {"secret/key": "secret"})
    (root / "outward").symlink_to(tmp_path / "secret")
    (root / "dangling").symlink_to("nowhere")
    fill(root, {"real/a": "a"})
    (root / "inward").symlink_to("real")
    found = listed(store, (await snap(store, root)).tree)
    assert found["roots/0/outward"] == os.fsencode(tmp_path / "secret")
    assert found["roots/0/dangling"] == b"nowhere"
    assert set(found) == {"roots/0/outward", "roots/0/dangling", "roots/0/inward", "roots/0/real/a"}


async def test_sockets_and_fifos_are_skipped_with_their_reason(store: ObjectStore, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(root / "sock"))
        fill(root, {"a": "a"})
        snapshot = await snap(store, root)
    assert {(item.path, item.reason) for item in snapshot.skipped} == {("pipe", "special"), ("sock", "special")}
    assert names(store, snapshot.tree) == {"a"}


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so be somebody else where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_unreadable_files_and_folders_are_skipped_and_the_rest_is_taken(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"a": "a", "closed": "c", "shut/x": "x"})
    (root / "closed").chmod(0)
    (root / "shut").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)
    for path in (store.path.parent, *store.path.parent.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    with as_nobody():
        snapshot = await snap(ObjectStore.open(store.path), root)
    assert {(item.path, item.reason) for item in snapshot.skipped} == {("closed", "unreadable"), ("shut", "unreadable")}
    assert names(store, snapshot.tree) == {"a"}
    (root / "shut").chmod(0o755)


async def test_a_file_that_became_unreadable_does_not_keep_its_old_content(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "old", "b": "b"})
    await snap(store, root)
    fill(root, {"a": b"x" * 100})
    bounds = Bounds(file_bytes=50)
    snapshot = await take_snapshot(store, [root], store.path.parent / "maps", bounds=bounds)
    assert names(store, snapshot.tree) == {"b"}
    assert [(item.path, item.reason) for item in snapshot.skipped] == [("a", "too_large")]


async def test_bounds_on_count_and_total_refuse_with_a_remedy(store: ObjectStore, root: Path) -> None:
    fill(root, {f"f{number}": "12345" for number in range(10)})
    for bounds in (Bounds(files=9), Bounds(total_bytes=49)):
        with pytest.raises(UserError) as caught:
            await take_snapshot(store, [root], store.path.parent / "maps", bounds=bounds)
        assert caught.value.code == "workspace_too_large"
        assert caught.value.remedy


async def test_home_and_all_above_it_are_refused_unless_allowed(store: ObjectStore, home: Path) -> None:
    fill(home, {"a": "a"})
    maps = store.path.parent / "maps"
    for folder in (home, home.parent, Path("/")):
        with pytest.raises(UserError) as caught:
            await take_snapshot(store, [folder], maps)
        assert caught.value.code == "workspace_is_home"
    allowed = await take_snapshot(store, [home], maps, bounds=Bounds(allow_home=True))
    assert names(store, allowed.tree) == {"a"}


async def test_the_bounds_can_be_raised_by_the_variable_that_the_refusal_names(
    store: ObjectStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(root, {f"f{number}": "12345" for number in range(10)})
    monkeypatch.setenv("DRAFTSMITH_MAX_FILES", "9")
    with pytest.raises(UserError) as caught:
        await snap(store, root)
    assert "DRAFTSMITH_MAX_FILES" in caught.value.remedy
    monkeypatch.setenv("DRAFTSMITH_MAX_FILES", "10")
    assert (await snap(store, root)).files == 10
    monkeypatch.setenv("DRAFTSMITH_MAX_MEGABYTES", "many")
    with pytest.raises(UserError) as caught:
        await snap(store, root)
    assert caught.value.code == "bad_bound"


async def test_what_is_ignored_is_told_by_kinds_and_dependencies_are_not_among_it(
    store: ObjectStore, root: Path
) -> None:
    ignored = {f"locale/{name}/app.mo": "m" for name in ("de", "fr")} | {"data/a": "1", "data/b": "2", ".env": "k"}
    kept = {f"locale/{name}/app.po": "t" for name in ("de", "fr")}
    fill(root, {**ignored, **kept, "node_modules/x/y": "n", ".gitignore": "*.mo\ndata/\n.env\n", "a.py": "a"})
    taken = await snap(store, root)
    assert sorted(taken.ignored_kinds) == [".env", "2 *.mo", "data/"]
    assert taken.ignored_folders == (("data", "node_modules"),)


async def test_the_state_folder_is_no_workspace_and_no_part_of_one(store: ObjectStore, home: Path, root: Path) -> None:
    fill(root, {"inner/state/key": "k"})
    fill(home, {"a": "a", "state/key": "k"})
    maps = store.path.parent / "maps"
    for folder, own in ((root, root / "inner" / "state"), (root, root), (root / "inner", root)):
        with pytest.raises(UserError) as caught:
            await take_snapshot(store, [folder], maps, bounds=Bounds(own=own))
        assert caught.value.code == "workspace_is_state"
    allowed = await take_snapshot(store, [home], maps, bounds=Bounds(allow_home=True, own=home / "state"))
    assert names(store, allowed.tree) == {"a"}


async def test_a_missing_folder_is_told(store: ObjectStore, root: Path) -> None:
    for wrong in (root / "none", root / "file"):
        (root / "file").touch()
        with pytest.raises(UserError) as caught:
            await snap(store, wrong)
        assert caught.value.code == "workspace_missing"


async def test_same_size_and_restored_time_is_noticed(store: ObjectStore, root: Path) -> None:
    fill(root, {f"f{number}": "before" for number in range(40)})
    await snap(store, root)
    await snap(store, root)
    for number in range(40):
        path = root / f"f{number}"
        found = path.stat()
        path.write_bytes(b"after!")
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    snapshot = await snap(store, root)
    assert set(listed(store, snapshot.tree).values()) == {b"after!"}
    assert snapshot.changed == 40


async def test_a_change_within_the_same_tick_is_noticed(store: ObjectStore, root: Path) -> None:
    path = root / "f"
    for round_number in range(30):
        path.write_bytes(b"%04d" % round_number)
        snapshot = await snap(store, root)
        with path.open("r+b") as file:  # same inode, same size, at once
            file.write(b"%04d" % (round_number + 5000))
        again = await snap(store, root)
        assert listed(store, snapshot.tree)["roots/0/f"] == b"%04d" % round_number
        assert listed(store, again.tree)["roots/0/f"] == b"%04d" % (round_number + 5000)


def test_a_file_as_new_as_the_look_at_it_is_never_trusted() -> None:
    now = time.time_ns()
    fine, coarse = now - now % 1_000_000 + 123, now - now % 1_000_000_000
    assert not is_settled((1, fine, fine, 1, 0), fine)
    assert not is_settled((1, fine - 10**9, fine, 1, 0), fine + 1_000_000)
    assert is_settled((1, fine, fine, 1, 0), fine + 10**9)
    assert not is_settled((1, coarse, coarse, 1, 0), coarse + 10**9)
    assert is_settled((1, coarse, coarse, 1, 0), coarse + 3 * 10**9)
    assert not is_settled((1, fine + 10**12, fine, 1, 0), fine + 10**9), "a time in the future"


def test_what_is_not_trusted_is_read_again_although_it_looks_the_same() -> None:
    same = (1, 2, 3, 4, 5)
    known = {b"old": Known(same, b"x" * 20, True), b"racy": Known(same, b"x" * 20, False)}
    found = StatMap(known=known)
    assert found.is_same(b"old", same)
    assert not found.is_same(b"old", (1, 2, 4, 4, 5))
    assert not found.is_same(b"racy", same)
    assert not found.is_same(b"new", same)


@pytest.mark.parametrize(("times", "taken"), [(0, True), (2, True), (100, False)])
async def test_a_file_changed_while_it_is_read_is_read_again_and_then_given_up(
    store: ObjectStore, root: Path, monkeypatch: pytest.MonkeyPatch, times: int, taken: bool
) -> None:
    path = root / "f"
    path.write_bytes(b"start")
    left = times

    def read_while_it_changes(handle: int, size_hint: int = 0, limit: int | None = None) -> bytes:
        nonlocal left
        content = read_all(handle, size_hint, limit)
        if left:
            left -= 1
            path.write_bytes(b"%05d" % left)
        return content

    monkeypatch.setattr(reader, "read_all", read_while_it_changes)
    snapshot = await snap(store, root)
    assert [item.reason for item in snapshot.skipped] == ([] if taken else ["unstable"])
    assert listed(store, snapshot.tree) == ({"roots/0/f": path.read_bytes()} if taken else {})


async def test_a_file_that_keeps_changing_is_whole_or_listed(store: ObjectStore, root: Path) -> None:
    path = root / "busy"
    size = 2_000_000
    path.write_bytes(b"0" * size)
    fill(root, {"calm": "c"})
    done = threading.Event()

    def scribble() -> None:
        digit = 0
        with path.open("r+b", buffering=0) as file:
            while not done.is_set():
                digit = (digit + 1) % 10
                file.seek(0)
                file.write(str(digit).encode() * size)

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        snapshots = [await snap(store, root) for _ in range(4)]
    finally:
        done.set()
        writer.join()
    for snapshot in snapshots:
        reasons = {item.path: item.reason for item in snapshot.skipped}
        assert ("busy" in names(store, snapshot.tree)) != (reasons.get("busy") == "unstable")
        assert "calm" in names(store, snapshot.tree)


async def test_truncation_while_reading_harms_nothing(store: ObjectStore, root: Path) -> None:
    path = root / "f"
    done = threading.Event()

    def flicker() -> None:
        while not done.is_set():
            path.write_bytes(b"x" * 500_000)
            os.truncate(path, 10)

    writer = threading.Thread(target=flicker)
    writer.start()
    try:
        for _ in range(5):
            snapshot = await snap(store, root)
            content = listed(store, snapshot.tree).get("roots/0/f", b"")
            assert set(content) <= {ord("x")}
    finally:
        done.set()
        writer.join()


async def test_file_and_folder_swap_places(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "file", "b/c": "in folder"})
    await snap(store, root)
    (root / "a").unlink()
    shutil.rmtree(root / "b")
    fill(root, {"a/x/y": "now a folder", "b": "now a file"})
    assert names(store, (await snap(store, root)).tree) == {"a/x/y", "b"}


async def test_modes_and_empty_folders_are_in_the_manifest(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "a", "b": "b", "run": "r", "secret": "s", "sub/x": "x"})
    (root / "run").chmod(0o755)
    (root / "secret").chmod(0o400)
    (root / "sub").chmod(0o700)
    (root / "empty/deeper").mkdir(parents=True)
    for name in ("a", "b", "sub/x"):
        (root / name).chmod(0o664)
    manifest = open_snapshot(store, (await snap(store, root)).tree)[0].manifest
    assert manifest.file_mode == 0o664
    assert manifest.modes == {b"secret": 0o400}
    assert manifest.folder_modes == {b"sub": 0o700}
    assert manifest.empty_folders == (b"empty/deeper",)
    assert manifest.name == "project"


async def test_equal_content_has_the_equal_id_and_later_snapshots_read_nothing(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    fill(root, {"b/a": "1", "a": "2", "c": "3"})
    first = await snap(store, root)
    other = tmp_path / "else" / "project"
    other.mkdir(parents=True)
    fill(other, {"c": "3", "a": "2", "b/a": "1"})
    assert (await snap(store, other)).tree == first.tree
    again = await snap(store, root)
    assert (again.tree, again.changed) == (first.tree, 0)
    fresh = ObjectStore.open(tmp_path / "second.git")
    assert (await take_snapshot(fresh, [root], tmp_path / "second-maps")).tree == first.tree


async def test_several_roots_are_one_snapshot_and_nested_ones_are_not_taken_twice(
    store: ObjectStore, root: Path, tmp_path: Path
) -> None:
    inner, other = root / "inner", tmp_path / "other"
    other.mkdir()
    fill(root, {"a": "a", "inner/b": "b"})
    fill(other, {"c": "c"})
    snapshot = await snap(store, root, other, inner)
    assert set(listed(store, snapshot.tree)) == {"roots/0/a", "roots/1/c", "roots/2/b"}
    assert [part.manifest.name for part in open_snapshot(store, snapshot.tree)] == ["project", "other", "inner"]


async def test_an_empty_folder_is_a_workspace(store: ObjectStore, root: Path) -> None:
    snapshot = await snap(store, root)
    assert names(store, snapshot.tree) == set()
    assert open_snapshot(store, snapshot.tree)[0].tree is None


async def test_unsaved_text_lies_over_the_disk_and_leaves_it_alone(store: ObjectStore, root: Path) -> None:
    fill(root, {".gitignore": "*.env\n", "a.py": "disk", "run.sh": "r", "x.env": "secret"})
    (root / "run.sh").chmod(0o755)
    plain = await snap(store, root)
    overlays = [
        Overlay(root=0, path="a.py", content=b"unsaved"),
        Overlay(root=0, path="run.sh", content=b"unsaved"),
        Overlay(root=0, path="new/b.py", content=b"never saved"),
        Overlay(root=0, path="x.env", content=b"ignored stays out"),
    ]
    over = await snap(store, root, overlays=overlays)
    found = listed(store, over.tree)
    assert found["roots/0/a.py"] == found["roots/0/run.sh"] == b"unsaved"
    assert found["roots/0/new/b.py"] == b"never saved"
    assert "roots/0/x.env" not in found
    assert "100755" in git(store.path, "ls-tree", f"{over.tree}:roots/0", "run.sh")
    assert (root / "a.py").read_bytes() == b"disk"
    assert (await snap(store, root)).tree == plain.tree


async def test_a_root_named_dot_git_or_with_such_names_holds_none(store: ObjectStore, root: Path) -> None:
    fill(root, {".GIT/config": "x", "git~1/x": "x", "a/.git/config": "x", "a/b": "b", ".gitignore": ""})
    snapshot = await snap(store, root)
    assert names(store, snapshot.tree) == {"a/b", ".gitignore"}
    assert {(item.path, item.reason) for item in snapshot.skipped} == {
        (".GIT", "reserved_name"),
        ("git~1", "reserved_name"),
    }


async def test_a_damaged_map_costs_time_only(store: ObjectStore, root: Path) -> None:
    fill(root, {"a": "a", "b": "b"})
    first = await snap(store, root)
    (map_file,) = (store.path.parent / "maps").glob("*.map")
    assert stat.S_IMODE(map_file.stat().st_mode) == 0o600
    content = bytearray(map_file.read_bytes())
    for place in (0, 30, len(content) // 2, len(content) - 1):
        map_file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert (await snap(store, root)).tree == first.tree
    map_file.write_bytes(content[:40])
    assert (await snap(store, root)).tree == first.tree


async def test_a_snapshot_starts_one_process_however_many_files(store: ObjectStore, root: Path) -> None:
    fill(root, {f"d{number % 7}/f{number}": str(number) for number in range(300)})
    for _ in range(2):
        before = ProcessCount.started
        await snap(store, root)
        assert ProcessCount.started - before == 1


async def test_without_git_the_error_says_what_to_install(
    store: ObjectStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(UserError) as caught:
        await snap(store, root)
    assert caught.value.code == "git_missing"
    assert "install" in caught.value.remedy
