"""Where a folder's repository lies and where it stands, read from its files without asking git.

A `.git` that leads elsewhere counts only when that place points back: a forged one could name any repository.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import open_plain, read_all

_SMALL = 64 * 1024
_PACKED = 64 * 1024 * 1024
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_WORK_TREE = re.compile(r"^\s*worktree\s*=\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_DEPTH = 5
"""Refs that name refs, as git follows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRepository:
    """`git_dir` is the working tree's own part, `common` what it shares with others."""

    top: Path
    git_dir: Path
    common: Path
    sha256: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`branch` is empty when a commit is checked out by itself, `oid` before the first commit."""

    branch: str
    oid: str


def find_user_repository(folder: Path) -> UserRepository | None:
    """The repository that holds `folder`, as git would find it."""
    for top in (folder, *folder.parents):
        marker = top / ".git"
        if marker.is_symlink():
            return None
        if marker.is_dir() and (marker / "HEAD").is_file():
            return _made(top, marker, marker)
        if marker.is_file():
            return _linked(top, marker)
    return None


def _linked(top: Path, marker: Path) -> UserRepository | None:
    """A worktree or a submodule."""
    text = _read(marker).strip()
    if not text.startswith("gitdir:"):
        return None
    git_dir = Path(os.path.realpath(top / text.removeprefix("gitdir:").strip()))
    back = _read(git_dir / "gitdir").strip()
    if back:
        if os.path.realpath(git_dir / back) != os.path.realpath(marker):
            return None
        common = Path(os.path.realpath(git_dir / (_read(git_dir / "commondir").strip() or ".")))
        return _made(top, git_dir, common)
    named = _WORK_TREE.search(_read(git_dir / "config"))
    if named is None or os.path.realpath(git_dir / named[1].strip('"')) != os.path.realpath(top):
        return None
    return _made(top, git_dir, git_dir)


def _made(top: Path, git_dir: Path, common: Path) -> UserRepository | None:
    if not (git_dir / "HEAD").is_file() or not (common / "objects").is_dir():
        return None
    sha256 = "sha256" in _read(common / "config").lower()
    return UserRepository(top=top, git_dir=git_dir, common=common, sha256=sha256)


def read_head(repository: UserRepository) -> Head:
    """Raises AdapterError (`git_failed`) where refs are kept in a form that is not read here."""
    said = _read(repository.git_dir / "HEAD").strip()
    if not said.startswith("ref:"):
        return Head(branch="", oid=said if _OID.match(said) else "")
    name = said.removeprefix("ref:").strip()
    if (repository.common / "reftable").is_dir():
        raise AdapterError(
            "The repository keeps its branches as reftables, which are not read here.",
            code="git_failed",
            remedy="Use git itself.",
        )
    return Head(branch=name.removeprefix("refs/heads/"), oid=_resolved(repository, name))


def _resolved(repository: UserRepository, name: str) -> str:
    for _ in range(_DEPTH):
        if not name.startswith("refs/") or ".." in name.split("/"):
            return ""
        said = _read(repository.common / name).strip()
        if not said.startswith("ref:"):
            return said if _OID.match(said) else _packed(repository, name)
        name = said.removeprefix("ref:").strip()
    return ""


def _packed(repository: UserRepository, name: str) -> str:
    for line in _read(repository.common / "packed-refs", _PACKED).splitlines():
        oid, _, found = line.partition(" ")
        if found == name and _OID.match(oid):
            return oid
    return ""


def _read(path: Path, limit: int = _SMALL) -> str:
    """A plain file of bounded size as text; empty when there is none to read."""
    try:
        handle = open_plain(path)
    except (OSError, ValueError):
        return ""
    try:
        return read_all(handle).decode("utf-8", "replace") if os.fstat(handle).st_size <= limit else ""
    except OSError:
        return ""
    finally:
        os.close(handle)
