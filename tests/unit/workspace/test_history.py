"""The user's repository as it is shown: state, history and files, without running or writing anything of theirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from draftsmith.domain.errors import UserError
from draftsmith.workspace.history import git_commit, git_file, git_log, git_state
from draftsmith.workspace.store import ObjectStore

from .conftest import fill, git


@pytest.fixture
def repository(root: Path) -> Path:
    git(root, "init", "-q", "-b", "main")
    fill(root, {"a.txt": "one\n", "src/b.py": "two\n", ".gitignore": "*.log\n"})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "First\n\nWith a body.")
    return root


def states(found: object) -> dict[str, tuple[str, bool]]:
    return {one.path: (one.state, one.staged) for one in found.files}  # type: ignore[attr-defined]  (one of two types)


def files_of(git_dir: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in git_dir.rglob("*") if path.is_file()}


async def log(store: ObjectStore, root: Path, path: bytes = b"") -> list[str]:
    page = await git_log(store, root, head="", skip=0, limit=50, path=path)
    return [one.subject for one in page.commits]


async def test_what_changed_is_told_as_git_tells_it(store: ObjectStore, repository: Path) -> None:
    clean = await git_state(store, repository)
    assert clean is not None
    assert (clean.branch, clean.files) == ("main", ())
    fill(repository, {"a.txt": "changed\n", "new.txt": "", "x.log": "", "odd name ü\n.txt": "", "staged.txt": ""})
    git(repository, "add", "staged.txt")
    (repository / "src/b.py").unlink()
    found = await git_state(store, repository)
    assert found is not None
    assert states(found) == {
        "a.txt": ("modified", False),
        "new.txt": ("untracked", False),
        "odd name ü\n.txt": ("untracked", False),
        "src/b.py": ("deleted", False),
        "staged.txt": ("added", True),
    }
    assert found.commit == git(repository, "rev-parse", "HEAD").strip()


async def test_a_folder_within_the_repository_is_told_of_itself_only(store: ObjectStore, repository: Path) -> None:
    fill(repository, {"a.txt": "changed\n", "src/b.py": "changed\n", "src/c.py": ""})
    found = await git_state(store, repository / "src")
    assert found is not None
    assert states(found) == {"b.py": ("modified", False), "c.py": ("untracked", False)}
    git(repository, "commit", "-q", "-am", "Second")
    fill(repository, {"a.txt": "again\n"})
    git(repository, "commit", "-q", "-am", "Third")
    assert await log(store, repository / "src") == ["Second", "First"]
    assert await git_file(store, repository / "src", "", b"b.py") == b"changed\n"


async def test_history_comes_by_pages_that_stay_in_step(store: ObjectStore, repository: Path) -> None:
    for number in range(5):
        git(repository, "commit", "-q", "--allow-empty", "-m", f"Number {number}")
    first = await git_log(store, repository, head="", skip=0, limit=3, path=b"")
    git(repository, "commit", "-q", "--allow-empty", "-m", "Meanwhile")
    second = await git_log(store, repository, head=first.head, skip=3, limit=3, path=b"")
    assert [one.subject for one in (*first.commits, *second.commits)] == [
        *(f"Number {number}" for number in reversed(range(5))),
        "First",
    ]
    assert (first.more, second.more) == (True, False)
    assert await log(store, repository, b"a.txt") == ["First"]


async def test_a_commit_says_what_it_changed(store: ObjectStore, repository: Path) -> None:
    git(repository, "mv", "a.txt", "moved.txt")
    fill(repository, {"src/b.py": "three\n"})
    git(repository, "commit", "-q", "-am", "Move\n\nAnd change.")
    [newest, first] = (await git_log(store, repository, head="", skip=0, limit=5, path=b"")).commits
    found = await git_commit(store, repository, newest.oid)
    assert found.message == "Move\n\nAnd change."
    assert {one.path: (one.state, one.before) for one in found.files} == {
        "moved.txt": ("renamed", "a.txt"),
        "src/b.py": ("modified", ""),
    }
    assert {one.path for one in (await git_commit(store, repository, first.oid)).files} >= {"a.txt", "src/b.py"}
    assert await git_file(store, repository, first.oid, b"a.txt") == b"one\n"
    assert await git_file(store, repository, newest.oid, b"a.txt") is None
    assert newest.parents == (first.oid,)


async def test_nothing_of_the_repository_runs_and_nothing_is_written(
    store: ObjectStore, repository: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho $0 $* >> {ran}\ncat\n")
    trap.chmod(0o755)
    for name in ("pre-commit", "post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction"):
        (repository / ".git/hooks" / name).write_text(trap.read_text())
        (repository / ".git/hooks" / name).chmod(0o755)
    settings = (
        f"[core]\n\tfsmonitor = {trap}\n\tpager = {trap}\n\tsshCommand = {trap}\n[diff]\n\texternal = {trap}\n"
        f'[filter "evil"]\n\tclean = {trap}\n\tsmudge = {trap}\n\tprocess = {trap}\n\trequired = true\n'
        f'[diff "evil"]\n\ttextconv = {trap}\n\tcommand = {trap}\n'
        f"[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {trap}\n"
    )
    with (repository / ".git/config").open("a") as file:
        file.write(settings)
    (home / ".gitconfig").write_text(settings)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap))
    fill(repository, {".gitattributes": "* filter=evil diff=evil\n", "a.txt": "changed\n"})
    os.utime(repository / "src/b.py", (1, 1))
    before = files_of(repository / ".git")
    found = await git_state(store, repository)
    assert found is not None
    assert states(found)["a.txt"] == ("modified", False)
    assert "src/b.py" not in states(found)
    [commit] = (await git_log(store, repository, head="", skip=0, limit=5, path=b"")).commits
    await git_commit(store, repository, commit.oid)
    assert await git_file(store, repository, "", b"a.txt") == b"one\n"
    assert not ran.exists()
    assert files_of(repository / ".git") == before


async def test_worktrees_and_detached_heads_are_read(store: ObjectStore, repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    fill(tmp_path / "side", {"a.txt": "side\n"})
    side = await git_state(store, tmp_path / "side")
    assert side is not None
    assert (side.branch, states(side)) == ("side", {"a.txt": ("modified", False)})
    git(repository, "pack-refs", "--all")
    git(repository, "checkout", "-q", "--detach")
    detached = await git_state(store, repository)
    assert detached is not None
    assert (detached.branch, detached.commit) == ("", git(repository, "rev-parse", "HEAD").strip())
    assert await log(store, tmp_path / "side") == ["First"]


async def test_a_forged_marker_shows_nobody_elses_repository(
    store: ObjectStore, repository: Path, tmp_path: Path
) -> None:
    forged = tmp_path / "forged"
    forged.mkdir()
    (forged / ".git").write_text(f"gitdir: {repository / '.git'}\n")
    assert await git_state(store, forged) is None
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / ".git").symlink_to(repository / ".git")
    assert await git_state(store, linked) is None
    with pytest.raises(UserError) as refused:
        await git_log(store, linked, head="", skip=0, limit=1, path=b"")
    assert refused.value.code == "no_repository"


async def test_before_the_first_commit_there_is_a_state_and_no_history(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    fill(root, {"a.txt": "x"})
    found = await git_state(store, root)
    assert found is not None
    assert (found.branch, found.commit, states(found)) == ("main", "", {"a.txt": ("untracked", False)})
    assert await log(store, root) == []
    assert await git_file(store, root, "", b"a.txt") is None


@pytest.mark.parametrize("oid", ["", "HEAD", "--output=/tmp/x", "0" * 40, "a" * 39, "f" * 64])
async def test_what_is_no_commit_is_refused(store: ObjectStore, repository: Path, oid: str) -> None:
    with pytest.raises(UserError) as refused:
        await git_commit(store, repository, oid)
    assert refused.value.code == "unknown_commit"


async def test_a_repository_of_longer_hashes_is_read(store: ObjectStore, root: Path) -> None:
    git(root, "init", "-q", "--object-format=sha256")
    fill(root, {"a.txt": "x"})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "First")
    assert await log(store, root) == ["First"]
    fill(root, {"a.txt": "y"})
    found = await git_state(store, root)
    assert found is not None
    assert states(found) == {"a.txt": ("modified", False)}
