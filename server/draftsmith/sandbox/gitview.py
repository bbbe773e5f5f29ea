"""The user's `.git` as commands in the sandbox may see it: history to read, no credentials, no programs.

Shown by an allow-list of names; `config` is rewritten from an allow-list of keys. Nothing is ever written there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

# Everything else stays hidden: hooks, logs (old ones keep addresses with passwords), modules, credential stores.
_SHOWN = (
    "HEAD",
    "objects",
    "refs",
    "packed-refs",
    "index",
    "info",
    "shallow",
    "reftable",
    "ORIG_HEAD",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "description",
    "commondir",
    "gitdir",
)
_MARKER_LIMIT = 4096
_CONFIG_LIMIT = 1 << 20
_SECTION = re.compile(r'^\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*$')
_ENTRY = re.compile(r"^\s*([A-Za-z][A-Za-z0-9-]*)\s*=\s*(.*?)\s*$")
_PLAIN = re.compile(r"^[A-Za-z0-9._/+*:@~^{}-]+$")
_ADDRESS = re.compile(r"^(https?|ssh|git)://(?:[^/@]*@)*([A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/+-]*)?)$")
_SCP = re.compile(r"^(?:[A-Za-z0-9_.-]+@)?([A-Za-z0-9.-]+:[A-Za-z0-9._~/+-]+)$")
_KEYS = {
    "core": {
        "repositoryformatversion",
        "filemode",
        "bare",
        "ignorecase",
        "symlinks",
        "precomposeunicode",
        "autocrlf",
        "eol",
        "safecrlf",
    },
    "extensions": {"objectformat", "refstorage", "compatobjectformat"},
    "branch": {"remote", "merge"},
    "remote": {"url", "fetch"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFolder:
    """A folder of which only these names show: `entries` are (name, host path), `contents` (name, bytes)."""

    path: str
    entries: tuple[tuple[str, str], ...]
    contents: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GitView:
    """`marker` is None without a repository, b"" when `.git` is a folder, else the content of the `.git` file."""

    marker: bytes | None = None
    folders: tuple[ShownFolder, ...] = ()
    note: str = ""


def git_view(workspace: Path) -> GitView:
    """What to show of the repository whose `.git` stands in this folder."""
    dot_git = workspace / ".git"
    if dot_git.is_symlink():
        return GitView(note=f"{dot_git} is a link and not shown; git commands do not work.")
    if dot_git.is_dir():
        if not _is_repository(dot_git):
            return GitView()
        return GitView(marker=b"", folders=(_folder(dot_git), *_alternates(dot_git)))
    if not dot_git.is_file():
        return GitView()
    return _linked(workspace, dot_git)


def _linked(workspace: Path, dot_git: Path) -> GitView:
    """A worktree or a submodule. A forged `.git` file could name any folder, so the target must point back."""
    hidden = GitView(note=f"{dot_git} points to a repository that does not point back; git commands do not work.")
    try:
        text = dot_git.read_bytes()[:_MARKER_LIMIT].decode().strip()
    except (OSError, UnicodeDecodeError):
        return hidden
    if not text.startswith("gitdir:"):
        return hidden
    target = Path(os.path.realpath(workspace / text.removeprefix("gitdir:").strip()))
    common = target
    back = _first_line(target / "gitdir")
    if back:
        if os.path.realpath(target / back) != os.path.realpath(dot_git):
            return hidden
        common = Path(os.path.realpath(target / (_first_line(target / "commondir") or ".")))
    elif _work_tree(target) != os.path.realpath(workspace):
        return hidden
    if not _is_repository(common) or not (target / "HEAD").is_file():
        return hidden
    folders = [_folder(common), *_alternates(common)]
    if common != target:
        folders.append(_folder(target))
    return GitView(marker=f"gitdir: {target}\n".encode(), folders=tuple(folders))


def _is_repository(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _folder(folder: Path) -> ShownFolder:
    shown: list[tuple[str, str]] = []
    for name in _SHOWN:
        entry = folder / name
        if entry.exists() and not entry.is_symlink() and os.access(entry, os.R_OK):
            shown.append((name, str(entry)))
    shared = [each for each in folder.glob("sharedindex.*") if each.is_file() and not each.is_symlink()]
    shown += [(each.name, str(each)) for each in shared]
    contents: tuple[tuple[str, bytes], ...] = ()
    if (folder / "config").is_file():
        contents = (("config", filtered_config(_read(folder / "config")).encode()),)
    return ShownFolder(path=str(folder), entries=tuple(shown), contents=contents)


def _alternates(repository: Path) -> list[ShownFolder]:
    """Object folders that the repository borrows from; each must look like one."""
    found: list[ShownFolder] = []
    for line in _read(repository / "objects" / "info" / "alternates").splitlines()[:8]:
        folder = Path(os.path.realpath(repository / "objects" / line.strip()))
        if line.strip() and folder.name == "objects" and (folder / "pack").is_dir() and (folder / "info").is_dir():
            entries = tuple((each.name, str(each)) for each in sorted(folder.iterdir()) if each.is_dir())
            found.append(ShownFolder(path=str(folder), entries=entries))
    return found


def _work_tree(git_dir: Path) -> str:
    value = ""
    section = ""
    for line in _read(git_dir / "config").splitlines():
        if match := _SECTION.match(line):
            section = match[1].lower()
        elif section == "core" and (match := _ENTRY.match(line)) and match[1].lower() == "worktree":
            value = match[2]
    return os.path.realpath(git_dir / value) if value else ""


def filtered_config(text: str) -> str:
    """Only keys that describe the repository, with plain values; addresses lose user names and passwords.

    It reads less than git does on purpose: a line it does not understand is left out, never passed on.
    """
    lines: list[str] = []
    allowed: set[str] = set()
    section = ""
    for line in text.splitlines():
        if match := _SECTION.match(line):
            section = match[1].lower()
            name = match[2]
            allowed = _KEYS.get(section, set())
            if allowed and name is None:
                lines.append(f"[{section}]")
            elif allowed and name is not None and _PLAIN.match(name):
                lines.append(f'[{section} "{name}"]')
            else:
                allowed = set()
        elif (match := _ENTRY.match(line)) and match[1].lower() in allowed:
            value = _address(match[2]) if match[1].lower() == "url" else match[2]
            if value and _PLAIN.match(value):
                lines.append(f"\t{match[1].lower()} = {value}")
    return "\n".join(lines) + "\n"


def _address(url: str) -> str:
    if match := _ADDRESS.match(url):
        return f"{match[1]}://{match[2]}"
    match = _SCP.match(url)
    return match[1] if match else ""


def _first_line(path: Path) -> str:
    return _read(path).split("\n", 1)[0].strip()


def _read(path: Path) -> str:
    """At most a megabyte of a plain file, "" when there is none to read."""
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_CONFIG_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
