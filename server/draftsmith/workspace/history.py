"""The user's repository as people look at it: what changed since the last commit, and the commits before.

Read in a git folder of our own that borrows the user's objects and a copy of their index: nothing of theirs is
configuration, hook, filter or pager here, and nothing of theirs is written. Files that a filter of theirs would
convert can therefore show as changed.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.workspace.git import ATTRIBUTES, CONFIGURATION, run_git
from draftsmith.workspace.ignores import outside_rules
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.repository import Head, UserRepository, find_user_repository, read_head
from draftsmith.workspace.store import ObjectStore

MAX_INDEX = 256 * 1024 * 1024
MAX_STATES = 5_000
"""Changed files that are told one by one."""
MAX_BLOB = 8 * 1024 * 1024
MAX_COMMIT_FILES = 2_000
_SECONDS = 60.0
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")

FileGit = Literal["modified", "added", "deleted", "renamed", "untracked", "conflicted", "type"]
_LETTERS: dict[str, FileGit] = {
    "M": "modified",
    "A": "added",
    "D": "deleted",
    "R": "renamed",
    "C": "added",
    "T": "type",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitFile:
    """`path` is relative to the workspace's folder; `staged` says that the change is (also) in the index."""

    path: str
    state: FileGit
    staged: bool
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitState:
    """`branch` is empty on a detached head, `commit` before the first commit. `cut`: there are more files."""

    branch: str
    commit: str
    files: tuple[GitFile, ...]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """`at` in seconds since 1970."""

    oid: str
    parents: tuple[str, ...]
    author: str
    at: int
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPage:
    commits: tuple[Commit, ...]
    more: bool
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitDetail:
    """`message` is whole; `files` are compared with the first parent."""

    commit: Commit
    message: str
    files: tuple[GitFile, ...]
    cut: bool


async def git_state(store: ObjectStore, root: Path) -> GitState | None:
    """None where the folder belongs to no repository. Raises AdapterError (`git_failed`, `git_timeout`)."""
    return await in_thread(_git_state, store, root)


async def git_log(store: ObjectStore, root: Path, *, head: str, skip: int, limit: int, path: bytes) -> CommitPage:
    """Commits that are reachable from `head` (empty: where the repository stands), newest first."""
    return await in_thread(_git_log, store, root, head, skip, limit, path)


async def git_commit(store: ObjectStore, root: Path, oid: str) -> CommitDetail:
    """Raises UserError (`no_repository`, `unknown_commit`)."""
    return await in_thread(_git_commit, store, root, oid)


async def git_file(store: ObjectStore, root: Path, oid: str, path: bytes) -> bytes | None:
    """A file as a commit has it (empty: the one the repository stands at); None when it is not in it."""
    return await in_thread(_git_file, store, root, oid, path)


def _git_state(stop: Stop, store: ObjectStore, root: Path) -> GitState | None:
    repository = find_user_repository(root)
    if repository is None:
        return None
    head = read_head(repository)
    with _borrowed(store, repository, head, stop, index=True) as asked:
        arguments = ["status", "--porcelain=v2", "-z", "--ignore-submodules=all", "--untracked-files=normal"]
        output = asked.run([*arguments, "--no-renames", "--", *asked.below(root)], work_tree=True)
    files = list(_states(output, asked.prefix(root)))
    return GitState(branch=head.branch, commit=head.oid, files=tuple(files[:MAX_STATES]), cut=len(files) > MAX_STATES)


def _states(output: bytes, prefix: bytes) -> Iterator[GitFile]:
    """From porcelain v2; renames are not looked for, so that every entry is one record."""
    for record in output.split(b"\0"):
        kind = record[:1]
        if kind == b"?":
            path, state, staged = record[2:], "untracked", False
        elif kind == b"u":
            path, state, staged = record.split(b" ", 10)[10], "conflicted", False
        elif kind == b"1":
            fields = record.split(b" ", 8)
            x, y = chr(fields[1][0]), chr(fields[1][1])
            path, state, staged = fields[8], _LETTERS.get(x if y == "." else y, "modified"), x != "."
        else:
            continue
        if path.startswith(prefix):
            yield GitFile(path=_text(path[len(prefix) :]), state=state, staged=staged)  # type: ignore[arg-type]  (a literal)


def _git_log(stop: Stop, store: ObjectStore, root: Path, head: str, skip: int, limit: int, path: bytes) -> CommitPage:
    repository, at = _required(root)
    oid = _checked(head) if head else at.oid
    if not oid:
        return CommitPage(commits=(), more=False, head="")
    with _borrowed(store, repository, at, stop) as asked:
        arguments = ["log", "-z", f"--format={_FORMAT}", f"--max-count={limit + 1}", f"--skip={skip}", oid]
        places = [asked.prefix(root) + path] if path else asked.below(root)
        output = asked.run([*arguments, "--", *places])
    commits = [_commit(record) for record in output.split(b"\0") if record.strip()]
    return CommitPage(commits=tuple(commits[:limit]), more=len(commits) > limit, head=oid)


_FORMAT = "%H%x1f%P%x1f%an%x1f%at%x1f%s"


def _commit(record: bytes) -> Commit:
    oid, parents, author, at, subject = record.decode("utf-8", "replace").strip("\n").split("\x1f", 4)
    return Commit(oid=oid, parents=tuple(parents.split()), author=author, at=int(at or 0), subject=subject)


def _git_commit(stop: Stop, store: ObjectStore, root: Path, oid: str) -> CommitDetail:
    repository, at = _required(root)
    with _borrowed(store, repository, at, stop) as asked:
        asked.require(_checked(oid))
        shown = asked.run(["log", "-z", "--max-count=1", f"--format={_FORMAT}%x1e%B", oid])
        changed = ["diff-tree", "--root", "-m", "--first-parent", "-r", "-z", "--no-commit-id", "--name-status"]
        names = asked.run([*changed, "-M", oid, "--", *asked.below(root)])
    head, _, message = shown.strip(b"\0").partition(b"\x1e")
    files = list(_named(names, asked.prefix(root)))
    return CommitDetail(
        commit=_commit(head),
        message=message.decode("utf-8", "replace").strip(),
        files=tuple(files[:MAX_COMMIT_FILES]),
        cut=len(files) > MAX_COMMIT_FILES,
    )


def _named(output: bytes, prefix: bytes) -> Iterator[GitFile]:
    fields = iter(output.split(b"\0"))
    for letter in fields:
        if not letter:
            continue
        path = next(fields, b"")
        before = b""
        if letter[:1] in (b"R", b"C"):
            before, path = path, next(fields, b"")
        state = _LETTERS.get(letter[:1].decode("ascii", "replace"), "modified")
        yield GitFile(
            path=_text(path.removeprefix(prefix)), state=state, staged=True, before=_text(before.removeprefix(prefix))
        )


def _git_file(stop: Stop, store: ObjectStore, root: Path, oid: str, path: bytes) -> bytes | None:
    repository, at = _required(root)
    commit = _checked(oid) if oid else at.oid
    if not commit:
        return None
    with _borrowed(store, repository, at, stop) as asked:
        asked.require(commit)
        name = commit.encode() + b":" + asked.prefix(root) + path
        code, size = asked.ask(["cat-file", "-s", name])
        if code != 0:
            return None
        if int(size) > MAX_BLOB:
            raise UserError(
                f"{_text(path)} has {int(size):,} bytes; at most {MAX_BLOB:,} are shown.", code="file_too_large"
            )
        code, content = asked.ask(["cat-file", "blob", name])
        return content if code == 0 else None


def _required(root: Path) -> tuple[UserRepository, Head]:
    repository = find_user_repository(root)
    if repository is None:
        raise UserError(
            f"{root} belongs to no git repository.", code="no_repository", remedy="Make one with `git init`."
        )
    return repository, read_head(repository)


def _checked(oid: str) -> str:
    if not _OID.match(oid):
        raise UserError(
            f"{oid[:80]!r} is no id of a commit.", code="unknown_commit", remedy="Take one from the history."
        )
    return oid


class _Asked:
    """A git folder of ours, for a few questions."""

    def __init__(self, folder: Path, repository: UserRepository, stop: Stop) -> None:
        self._folder = folder
        self._repository = repository
        self._stop = stop

    def prefix(self, root: Path) -> bytes:
        """The workspace's folder within the repository, with a slash at its end; empty when they are the same."""
        inner = os.path.relpath(root, self._repository.top)
        return b"" if inner == os.curdir else os.fsencode(inner) + b"/"

    def below(self, root: Path) -> list[bytes]:
        """A limit to the workspace's folder, where it is not the whole repository."""
        prefix = self.prefix(root)
        return [prefix.rstrip(b"/")] if prefix else []

    def run(self, arguments: Sequence[str | bytes], *, work_tree: bool = False) -> bytes:
        top = self._repository.top
        extra = self._extra() | ({"GIT_WORK_TREE": str(top)} if work_tree else {})
        cwd = top if work_tree else self._folder
        return run_git(self._folder, arguments, stop=self._stop, cwd=cwd, extra=extra, timeout=_SECONDS)[1]

    def ask(self, arguments: Sequence[str | bytes]) -> tuple[int, bytes]:
        """As `run`, where git's refusal is an answer."""
        return run_git(
            self._folder, arguments, stop=self._stop, extra=self._extra(), accept=(0, 1, 128), timeout=_SECONDS
        )

    def require(self, oid: str) -> None:
        code, kind = self.ask(["cat-file", "-t", oid])
        if code != 0 or kind.strip() != b"commit":
            raise UserError(
                f"The repository has no commit {oid}.", code="unknown_commit", remedy="Take one from the history."
            )

    def _extra(self) -> dict[str, str]:
        return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(str(self._repository.common / "objects"))}


def _quoted(path: str) -> str:
    """For a list that colons part: git takes a path in quotes, as C writes it."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@contextmanager
def _borrowed(
    store: ObjectStore, repository: UserRepository, head: Head, stop: Stop, *, index: bool = False
) -> Generator[_Asked]:
    with tempfile.TemporaryDirectory(prefix="draftsmith-git-") as name:
        folder = Path(name)
        for inner in ("objects", "refs", "info"):
            (folder / inner).mkdir()
        (folder / "HEAD").write_text(f"{head.oid}\n" if head.oid else "ref: refs/heads/none\n")
        (folder / "config").write_text(_configuration(sha256=repository.sha256, bare=not index))
        (folder / "info" / "attributes").write_text(ATTRIBUTES)
        _copy(repository.common / "shallow", folder / "shallow")
        if index:
            (folder / "info" / "exclude").write_bytes(outside_rules(store.path, repository.top, stop))
            _copy(repository.git_dir / "index", folder / "index")
            for shared in repository.git_dir.glob("sharedindex.*"):
                _copy(shared, folder / shared.name)
        yield _Asked(folder, repository, stop)


def _configuration(*, sha256: bool, bare: bool) -> str:
    settings = {**CONFIGURATION, "core.bare": "true" if bare else "false"}
    if sha256:
        settings |= {"core.repositoryformatversion": "1", "extensions.objectFormat": "sha256"}
    lines: list[str] = []
    for key, value in settings.items():
        section, name = key.split(".", 1)
        lines.append(f"[{section}]\n\t{name} = {value}\n")
    return "".join(lines)


def _copy(source: Path, target: Path) -> None:
    """A plain file of bounded size; nothing else of theirs is taken."""
    if source.is_symlink() or not source.is_file():
        return
    try:
        if source.stat().st_size > MAX_INDEX:
            raise AdapterError(f"{source} is too large to be read.", code="git_failed", remedy="Use git itself.")
        shutil.copyfile(source, target)
    except OSError as failure:
        raise AdapterError(
            f"{source} cannot be read: {failure.strerror}.", code="git_failed", remedy="See that it is yours."
        ) from failure


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")
