"""A container as it is asked for: what it shows, as whom it runs, what it may use.

It is made of what the sandbox's own view says (`mounts.py`); files of ours that are to be shown stand in a folder that
goes with the container. Nothing here talks to the engine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from draftsmith.domain.errors import AdapterError
from draftsmith.ports.sandbox import MountedRoot
from draftsmith.sandbox.mounts import Mount

SCRATCH_BYTES = 2 << 30
HOLDING = (
    "/bin/sh",
    "-c",
    "exec 3<&0; while :; do (while read -r _; do :; done) <&3 & wait $!; [ $? -eq 0 ] && exit 0; done",
)
"""The first process of a container. It reaps what is left to it, outlives a signal to all others (its reader is then
started again), and ends when its standard input does: with the process that made the container, however that dies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """`scratch` are file systems in memory: (place, mount options). `user` is `uid:gid`. 0 is no limit. `ulimits` are
    (name, most). `network` is `none`, or `container:<id>` to share that one's."""

    image: str
    user: str
    environment: Mapping[str, str]
    labels: Mapping[str, str]
    binds: tuple[Bind, ...]
    scratch: tuple[tuple[str, str], ...]
    program: tuple[str, ...] = HOLDING
    network: str = "none"
    user_namespace: str = ""
    memory_bytes: int = 0
    processes: int = 0
    ulimits: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Placed:
    """What a view becomes: `links` are places that only an image can have."""

    binds: list[Bind] = field(default_factory=list[Bind])
    scratch: dict[str, None] = field(default_factory=dict[str, None])
    links: dict[str, str] = field(default_factory=dict[str, str])


def place(mounts: Sequence[Mount], roots: Sequence[MountedRoot], folder: Path) -> Placed:
    """Files that lie on the host nowhere are written below `folder`, which the caller removes with the container.
    Where something is shown in a draft, its place is made there as the one who owns the draft."""
    placed = Placed()
    frozen = {mount.target for mount in mounts if mount.kind == "freeze"}
    made = _Made(folder, frozen)
    for mount in mounts:
        match mount.kind:
            case "read_only" | "writable":
                source = os.fsdecode(mount.source)
                read_only = mount.kind == "read_only"
                made.point(mount.target, is_folder=Path(source).is_dir())
                placed.binds.append(Bind(source=source, target=mount.target, read_only=read_only))
            case "scratch" if mount.target in frozen:
                made.point(mount.target, is_folder=True)
                placed.binds.append(Bind(source=str(made.shown(mount.target)), target=mount.target))
            case "scratch":
                placed.scratch[mount.target] = None
            case "link":
                placed.links[mount.target] = os.fsdecode(mount.source)
            case "content":
                placed.binds.append(Bind(source=str(made.file(os.fsencode(mount.source))), target=mount.target))
            case "copy":
                made.content(mount.target, os.fsencode(mount.source))
            case "freeze":
                pass
    for bind in placed.binds:
        _mount_point(bind, roots)
    return placed


class _Made:
    """The files of ours that a container shows."""

    def __init__(self, folder: Path, frozen: set[str]) -> None:
        self._folder = folder
        self._frozen = frozen
        self._shown: dict[str, Path] = {}
        self._count = 0

    def shown(self, target: str) -> Path:
        """The folder that stands for a read-only one of the sandbox; mount points in it are made beforehand."""
        if target not in self._shown:
            self._shown[target] = self._next()
            self._shown[target].mkdir(parents=True)
        return self._shown[target]

    def point(self, target: str, *, is_folder: bool) -> None:
        """Something is going to lie there; in a folder of ours its place has to be made."""
        inside = self._inside(target)
        if inside is None or inside.exists():
            return
        if is_folder:
            inside.mkdir(parents=True)
        else:
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.touch()

    def content(self, target: str, data: bytes) -> None:
        inside = self._inside(target)
        if inside is None:
            raise ValueError(f"{target} is in no folder of ours")
        inside.write_bytes(data)
        inside.chmod(0o644)

    def file(self, data: bytes) -> Path:
        path = self._next()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
        return path

    def _inside(self, target: str) -> Path | None:
        above = [frozen for frozen in self._frozen if target.startswith(f"{frozen}/")]
        if not above:
            return None
        nearest = max(above, key=len)
        return self.shown(nearest) / target.removeprefix(f"{nearest}/")

    def _next(self) -> Path:
        self._count += 1
        return self._folder / str(self._count)


def _mount_point(bind: Bind, roots: Sequence[MountedRoot]) -> None:
    """In a draft the engine would make it as root."""
    for root in roots:
        prefix = f"{root.workspace_path}/"
        if not bind.target.startswith(prefix):
            continue
        at = root.draft_path / bind.target.removeprefix(prefix)
        if not at.parent.is_dir() or at.exists():
            continue
        if Path(bind.source).is_dir():
            at.mkdir()
        else:
            at.touch()
        if os.geteuid() == 0:
            owner = root.draft_path.stat()
            os.chown(at, owner.st_uid, owner.st_gid)


def user_of(roots: Sequence[MountedRoot]) -> tuple[int, int]:
    """Who owns the drafts, as whom commands run."""
    owners = {(found.st_uid, found.st_gid) for found in (root.draft_path.stat() for root in roots)}
    if len(owners) != 1:
        raise AdapterError(
            "The drafts of this session belong to different users.",
            code="sandbox_failed",
            remedy="Remove the session's folder; the draft is made anew from its last tree.",
        )
    return owners.pop()


def scratch_options(user: tuple[int, int]) -> str:
    """Mount options of a private place in memory."""
    return f"exec,nosuid,nodev,size={SCRATCH_BYTES},mode=0755,uid={user[0]},gid={user[1]}"


def drop(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
