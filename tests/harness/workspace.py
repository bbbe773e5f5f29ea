"""A case's workspace on disk: laid out from the case, changed by its user, compared byte for byte.

A file is text, or a mapping: `text` with `encoding` (default UTF-8), `mode` (octal text), or `symlink`; null is no
file. Line ends and marks are written out, so YAML's double quotes say exactly which bytes are meant.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOT_COMPARED = (".git", ".venv", "__pycache__")
"""Folders whose content is no part of what a case says of its files."""
SETUP_S = 100.0

Raw = str | Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What a path holds. `mode` None is not compared."""

    content: bytes = b""
    link: str | None = None
    executable: bool = False


def state_of(raw: str | Mapping[str, Any]) -> FileState:
    """What a case says of a file."""
    if isinstance(raw, str):
        return FileState(content=raw.encode())
    if "symlink" in raw:
        return FileState(link=raw["symlink"])
    executable = bool(int(str(raw.get("mode", "644")), 8) & 0o100)
    return FileState(content=raw["text"].encode(raw.get("encoding", "utf-8")), executable=executable)


def lay_out(folder: Path, files: Mapping[str, Raw]) -> None:
    """Makes the folder hold these files; null removes one."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or path.exists():
            path.unlink()
        if raw is None:
            continue
        wanted = state_of(raw)
        if wanted.link is not None:
            path.symlink_to(wanted.link)
            continue
        path.write_bytes(wanted.content)
        path.chmod(0o755 if wanted.executable else 0o644)


def commit(root: Path) -> None:
    """Makes the folder a git repository with everything in it committed."""
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "start", "--allow-empty")):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, timeout=SETUP_S)


def run_setup(root: Path, commands: list[str]) -> None:
    """What the user did in the folder before, such as making an environment. Raises AssertionError with the output."""
    for command in commands:
        done = subprocess.run(
            ["bash", "-ec", command], cwd=root, capture_output=True, text=True, timeout=SETUP_S, check=False
        )
        assert done.returncode == 0, f"setup {command!r} failed:\n{done.stdout}\n{done.stderr}"


def read_all(folder: Path) -> dict[str, FileState]:
    """Every file below the folder but those of `NOT_COMPARED`."""
    found: dict[str, FileState] = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_COMPARED]
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in (*names, *linked):
            path = Path(parent) / name
            found[str(path.relative_to(folder))] = _read(path)
    return found


def read_git(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file of every `.git` below the folder, with its time of change: nothing may touch them."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for git in folder.glob("**/.git")
        for path in git.rglob("*")
        if path.is_file()
    }


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> FileState:
    if path.is_symlink():
        return FileState(link=str(path.readlink()))
    return FileState(content=path.read_bytes(), executable=bool(path.stat().st_mode & stat.S_IXUSR))
