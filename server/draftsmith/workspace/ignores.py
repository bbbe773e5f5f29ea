"""What git would ignore in a folder, asked of git without trusting or touching the user's repository.

The answer comes from an empty repository of ours with the user's index read beside it, so files tracked in spite
of an ignore rule count. The user's own configuration is read for one value only, the global excludes file.
"""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import open_plain, read_all
from draftsmith.workspace.dependencies import dependency_rules
from draftsmith.workspace.git import run_git
from draftsmith.workspace.offload import Stop

MAX_RULES = 256 * 1024
"""Bytes of exclude rules that are taken from outside the workspace's own .gitignore files."""

_RULE_FILES = frozenset([b".git", b".gitignore", b".gitattributes", b".ignore", b".rgignore", b".draftsmithignore"])
_NO_INDEX = "no-index"
_LISTING_SECONDS = 120.0
_ARGUMENTS = ("ls-files", "-o", "-i", "-z", "--directory", "--exclude-standard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository a folder belongs to: its top folder and where its index and rules lie."""

    top: Path
    git_dir: Path
    common: Path


def find_repository(folder: Path) -> Repository | None:
    """The repository that holds `folder`, as git would find it."""
    for top in (folder, *folder.parents):
        marker = top / ".git"
        if marker.is_dir() and (marker / "HEAD").exists():
            return Repository(top=top, git_dir=marker, common=marker)
        if marker.is_file() and (linked := _linked(marker)) is not None:
            return linked
    return None


def _linked(marker: Path) -> Repository | None:
    """A worktree's or submodule's `.git` file."""
    text = _small_text(marker)
    if not text.startswith(b"gitdir:"):
        return None
    git_dir = marker.parent / os.fsdecode(text[7:].strip())
    if not git_dir.is_dir():
        return None
    common = _small_text(git_dir / "commondir").strip()
    return Repository(top=marker.parent, git_dir=git_dir, common=git_dir / os.fsdecode(common) if common else git_dir)


def _small_text(path: Path) -> bytes:
    """At most `MAX_RULES` bytes of a regular file, or nothing."""
    try:
        handle = open_plain(path)
    except OSError:
        return b""
    try:
        return read_all(handle) if os.fstat(handle).st_size <= MAX_RULES else b""
    except OSError:
        return b""
    finally:
        os.close(handle)


def outside_rules(store: Path, folder: Path, stop: Stop) -> bytes:
    """Rules that git would apply to `folder` from outside its tree: `info/exclude` and the user's global file.
    Before them, and so with less weight, ours for dependencies.

    They travel in the snapshot's manifest, so that a draft on another machine ignores the same.
    """
    repository = find_repository(folder)
    own = _small_text(repository.common / "info" / "exclude") if repository is not None else b""
    shared = _small_text(_global_file(store, stop))
    lines = [line for line in (shared + b"\n" + own).split(b"\n") if line.strip() and not line.startswith(b"#")]
    ours = dependency_rules(folder, repository.top if repository is not None else folder)
    return ours + b"".join(line + b"\n" for line in lines)


def _global_file(store: Path, stop: Stop) -> Path:
    home = Path(os.environ.get("HOME", "/nonexistent"))
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git"
    for candidate in (home / ".gitconfig", settings / "config"):
        if b"excludesfile" not in _small_text(candidate).lower():
            continue
        code, value = run_git(
            store,
            ["config", "--file", str(candidate), "--type=path", "--get", "core.excludesFile"],
            stop=stop,
            extra={"HOME": str(home)},
            accept=(0, 1, 128),
        )
        if code == 0:
            return Path(os.fsdecode(value.rstrip(b"\n")))
    return settings / "ignore"


def ignored_below(store: Path, folder: Path, rules: bytes, stop: Stop, *, alone: bool = False) -> frozenset[bytes]:
    """Ignored, untracked paths below `folder`, relative to it; a folder ends in `/` and stands for all it holds.

    Nested repositories are not looked into. `rules` are those of `outside_rules`. With `alone`, a repository that the
    folder happens to lie in says nothing about it, as for a draft.
    """
    found = _ask(store, folder, None if alone else find_repository(folder), rules, stop)
    if b"./" in found:
        # All of the folder is ignored by a repository above it, such as a home kept in git: it stands for itself.
        found = _ask(store, folder, None, rules, stop)
    return found


def remove_special_rules(folder: Path, stop: Stop) -> None:
    """Removes what stands in a draft for rules, or in a `.git` that a command made there, and is no file: git, and
    ripgrep, would wait for ever to read a fifo. Nothing that a user has is ever such a thing in a draft."""
    waiting = [os.fsencode(folder)]
    while waiting:
        stop.check()
        at = waiting.pop()
        gits = b"/.git" in at
        try:
            with os.scandir(at) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif (gits or entry.name in _RULE_FILES) and _is_special(entry):
                        os.unlink(entry.path)  # noqa: PTH108 (odd bytes in the name)
        except OSError:  # unreadable, or gone meanwhile: git does not come in either
            continue


def _is_special(entry: os.DirEntry[bytes]) -> bool:
    """Also a link to something that is neither a file nor a folder; not one that leads nowhere."""
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _ask(store: Path, folder: Path, repository: Repository | None, rules: bytes, stop: Stop) -> frozenset[bytes]:
    top = repository.top if repository is not None else folder
    with tempfile.NamedTemporaryFile(prefix="draftsmith-rules-") as file:
        file.write(rules)
        file.flush()
        arguments = [*_ARGUMENTS, "-X", file.name]
        output = b""
        for git_dir, index in _sources(store, repository):
            extra = {"GIT_WORK_TREE": str(top), "GIT_INDEX_FILE": str(index)}
            command = [*_hardened(git_dir, store), *arguments]
            try:
                _, output = run_git(git_dir, command, stop=stop, cwd=folder, extra=extra, timeout=_LISTING_SECONDS)
                break
            except AdapterError as failure:
                if failure.code != "git_failed" or index.name == _NO_INDEX:
                    raise
    return frozenset(output.split(b"\0")) - {b""}


def _sources(store: Path, repository: Repository | None) -> list[tuple[Path, Path]]:
    """Where to take the index from, best first: a split, sparse or SHA-256 one cannot be read without its own."""
    if repository is None or not (repository.git_dir / "index").is_file():
        return [(store, store / _NO_INDEX)]
    index = repository.git_dir / "index"
    own = [(repository.git_dir, index), (store, store / _NO_INDEX)]
    foreign = b"objectformat" in _small_text(repository.common / "config").lower()
    return own if foreign else [(store, index), *own]


def _hardened(git_dir: Path, store: Path) -> list[str]:
    """Options that keep the configuration of a repository which is not ours from starting anything."""
    if git_dir == store:
        return []
    settings = (
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.untrackedCache=false",
        "core.excludesFile=/dev/null",
        "core.attributesFile=/dev/null",
        "protocol.allow=never",
    )
    return [part for setting in settings for part in ("-c", setting)]
