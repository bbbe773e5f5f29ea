"""Folders and stores for the tests of the workspace layer."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from draftsmith.workspace.snapshot import Overlay, Snapshot, take_snapshot
from draftsmith.workspace.store import ObjectStore


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, so that no configuration of the machine decides anything."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore.open(tmp_path / "state" / "store.git")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def fill(root: Path, files: Mapping[str, bytes | str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def git(folder: Path, *arguments: str) -> str:
    """The user's own git, as they would run it."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout


async def snap(store: ObjectStore, *roots: Path, overlays: list[Overlay] | None = None) -> Snapshot:
    return await take_snapshot(store, roots, store.path.parent / "maps", overlays=overlays or [])


def listed(store: ObjectStore, tree: str) -> dict[str, bytes]:
    """Every file of a snapshot, read by plain git and not by the code under test; names by git's quoting off."""
    done = subprocess.run(
        ["git", "--git-dir", str(store.path), "ls-tree", "-r", "-z", tree], check=True, capture_output=True
    )
    found: dict[str, bytes] = {}
    for line in done.stdout.split(b"\0")[:-1]:
        meta, path = line.split(b"\t", 1)
        oid = meta.split()[2].decode()
        content = subprocess.run(
            ["git", "--git-dir", str(store.path), "cat-file", "blob", oid], check=True, capture_output=True
        ).stdout
        found[os.fsdecode(path)] = content
    found.pop("manifest.json")
    return found


def names(store: ObjectStore, tree: str) -> set[str]:
    """The paths of a one-root snapshot."""
    done = subprocess.run(
        ["git", "--git-dir", str(store.path), "ls-tree", "-r", "-z", "--name-only", f"{tree}:roots/0"],
        check=False,
        capture_output=True,
    )
    return {os.fsdecode(path) for path in done.stdout.split(b"\0")[:-1]}
