"""The object store of a workspace: a bare git repository of ours that holds its snapshots.

It writes packs, pins snapshots for their holders, and collects what nobody holds. A stored tree is complete:
whoever writes one has written, or seen, everything beneath it. It never reads the user's folders.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote, unquote

from draftsmith.domain.errors import AdapterError
from draftsmith.platform.files import disk_errors, make_private_folder, replace_file
from draftsmith.platform.locks import hold_lock
from draftsmith.workspace.git import ATTRIBUTES, CONFIGURATION, run_git
from draftsmith.workspace.objects import EMPTY_TREE, TREE, Entry, object_id, parse_tree
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.packs import Pack, Packed, compress
from draftsmith.workspace.packwriter import PackWriter

RECENT = "recent"
"""The holder of every new snapshot until somebody else pins it, or `RECENT_SECONDS` have passed."""

RECENT_SECONDS = 14 * 24 * 3600.0
MANY_PACKS = 40
"""More packs than this are joined by `collect`; each costs every look-up a search."""

_LOCK_SECONDS = 60.0
_REPACK_SECONDS = 600.0


class ObjectStore:
    """Blocking; call it in a thread. Safe for several threads and processes at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pack_folder = path / "objects" / "pack"
        self._pins = path / "pins"
        self._garbage = path / "garbage"
        self._packs: dict[str, Pack] = {}
        self._guard = threading.RLock()

    @classmethod
    def open(cls, path: Path) -> ObjectStore:
        """Open the store in `path`, making it if it is missing or unfinished."""
        store = cls(path)
        if not (path / "HEAD").exists():
            store._create()
        store.refresh()
        return store

    def _create(self) -> None:
        for folder in (self.path, self.path / "info", self.path / "refs", self._pack_folder, self._pins):
            make_private_folder(folder)
        sections: dict[str, list[str]] = {}
        for name, value in CONFIGURATION.items():
            section, key = name.split(".", 1)
            sections.setdefault(section, []).append(f"\t{key} = {value}\n")
        text = "".join(f"[{section}]\n{''.join(lines)}" for section, lines in sections.items())
        replace_file(self.path / "config", text.encode())
        replace_file(self.path / "info" / "attributes", ATTRIBUTES.encode())
        replace_file(self.path / "lock", b"")
        replace_file(self.path / "HEAD", b"ref: refs/heads/none\n")  # last: it says that the store is whole

    def refresh(self) -> None:
        """Look for packs that other processes wrote, and drop those that `collect` removed."""
        with self._guard, disk_errors("reading the object store"):
            present = {path.name for path in self._pack_folder.glob("pack-*.idx")}
            for name in self._packs.keys() - present:
                self._packs.pop(name)  # not closed: another thread may be reading it
            for name in present - self._packs.keys():
                with contextlib.suppress(FileNotFoundError):
                    self._packs[name] = Pack(self._pack_folder / name)

    # Reading

    def has(self, oid: bytes) -> bool:
        return oid == EMPTY_TREE or self._find(oid) is not None

    def read(self, oid: bytes) -> tuple[int, bytes]:
        """Kind and content; raises `AdapterError` (`object_missing`)."""
        found = self._find(oid)
        if found is not None:
            pack, at = found
            return pack.read(at)
        if oid == EMPTY_TREE:
            return TREE, b""
        raise AdapterError(
            f"The object {oid.hex()} is not in the store {self.path}.",
            code="object_missing",
            remedy="The snapshot was collected or never arrived; take a new one.",
        )

    def raw(self, oid: bytes) -> Packed | None:
        """The object compressed as it lies in its pack, where that is possible."""
        found = self._find(oid)
        return found[0].raw(found[1]) if found is not None else None

    def read_blob(self, oid: bytes) -> bytes:
        return self.read(oid)[1]

    def read_tree(self, oid: bytes) -> dict[bytes, Entry]:
        kind, content = self.read(oid)
        if kind != TREE:
            raise AdapterError(f"{oid.hex()} is not a tree.", code="bad_object", remedy="Give the id of a snapshot.")
        return parse_tree(content)

    def _find(self, oid: bytes) -> tuple[Pack, int] | None:
        found = self.search(oid)
        if found is None:
            self.refresh()
            found = self.search(oid)
        return found

    def search(self, oid: bytes) -> tuple[Pack, int] | None:
        """The pack that holds the object, among those known; does not look for new ones."""
        for pack in list(self._packs.values()):
            at = pack.position(oid)
            if at is not None:
                return pack, at
        return None

    # Writing

    @contextlib.contextmanager
    def writing(self) -> Generator[Batch]:
        """New objects, stored together and durable when the block ends; nothing of them if it raises.

        Holds the store's lock shared, so that nothing is collected between writing and pinning.
        """
        with self._lock(exclusive=False):
            batch = Batch(self, PackWriter(self._pack_folder))
            try:
                yield batch
                if batch.writer.commit() is not None:
                    self.refresh()
                for holder, oid in batch.pins:
                    self.pin(holder, oid.hex())
            finally:
                batch.writer.abort()

    @contextlib.contextmanager
    def _lock(self, *, exclusive: bool) -> Generator[None]:
        with hold_lock(self.path / "lock", exclusive=exclusive, timeout=_LOCK_SECONDS):
            yield

    # Pins

    def pin(self, holder: str, tree: str) -> None:
        """Keep a snapshot while `holder` (a session, a draft) has it; pinning twice renews it."""
        folder = self._pins / quote(holder, safe="")
        with disk_errors("pinning a snapshot"):
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / tree).touch()

    def release(self, holder: str, tree: str | None = None) -> None:
        """Let go of one snapshot, or of all that `holder` has."""
        for name in [tree] if tree is not None else self.pins_of(holder):
            self._drop(holder, name)
            self._garbage.touch()

    def keep_only(self, holder: str, tree: str) -> None:
        """Let go of all but `tree`, for holders whose older trees are parts of snapshots that others hold."""
        for name in self.pins_of(holder) - {tree}:
            self._drop(holder, name)

    def _drop(self, holder: str, tree: str) -> None:
        folder = self._pins / quote(holder, safe="")
        (folder / tree).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()  # fails, as it should, while others are in it

    def pins_of(self, holder: str) -> frozenset[str]:
        folder = self._pins / quote(holder, safe="")
        try:
            return frozenset(path.name for path in folder.iterdir())
        except FileNotFoundError:
            return frozenset()

    def pinned(self) -> dict[str, frozenset[str]]:
        """Every holder's snapshots."""
        return {(holder := unquote(folder.name)): self.pins_of(holder) for folder in self._pins.iterdir()}

    def size(self) -> int:
        """Bytes on disk."""
        return sum(entry.stat().st_size for entry in os.scandir(self._pack_folder))

    # Collecting

    def collect(self, stop: Stop, *, now: float | None = None, recent_seconds: float = RECENT_SECONDS) -> bool:
        """Drop what no holder has and join small packs; whether anything was done. Holds the lock alone."""
        moment = time.time() if now is None else now
        with self._lock(exclusive=True):
            for pin in (self._pins / RECENT).glob("*"):
                if moment - pin.stat().st_mtime >= recent_seconds:
                    pin.unlink()
                    self._garbage.touch()
            for left in self._pack_folder.glob("tmp*"):
                left.unlink(missing_ok=True)  # we are alone: nobody is writing it
            self.refresh()
            garbage = self._garbage.exists()
            if not garbage and len(self._packs) <= MANY_PACKS:
                return False
            held = {tree for trees in self.pinned().values() for tree in trees}
            lines = "".join(f"{tree} refs/pins/{tree}\n" for tree in sorted(held) if self.has(bytes.fromhex(tree)))
            replace_file(self.path / "packed-refs", f"# pack-refs with: sorted \n{lines}".encode())
            how = ("-a", "-d") if garbage else ("-d", "--geometric=2")
            run_git(self.path, ["repack", "-q", *how], stop=stop, timeout=_REPACK_SECONDS)
            self._garbage.unlink(missing_ok=True)
            self.refresh()
        return True


async def collect_garbage(store: ObjectStore) -> bool:
    """`ObjectStore.collect` in a thread: to be called now and then by the process that owns the store."""

    def work(stop: Stop) -> bool:
        return store.collect(stop)

    return await in_thread(work)


class Batch:
    """Objects on their way into the store. What is there already is not written again."""

    def __init__(self, store: ObjectStore, writer: PackWriter) -> None:
        self.store = store
        self.writer = writer
        self.pins: list[tuple[str, bytes]] = []

    def add(self, kind: int, content: bytes, oid: bytes | None = None) -> bytes:
        """Store an object and give its id; `oid` spares the hashing where the caller has done it."""
        oid = object_id(kind, content) if oid is None else oid
        if not self._stored(oid):
            self.writer.add_packed(oid, Packed(kind, len(content), compress(content)))
        return oid

    def add_packed(self, oid: bytes, packed: Packed) -> None:
        """Store an object that is compressed already and whose id the caller has verified."""
        if not self._stored(oid):
            self.writer.add_packed(oid, packed)

    def _stored(self, oid: bytes) -> bool:
        return oid in self.writer or self.store.search(oid) is not None

    def has(self, oid: bytes) -> bool:
        return oid in self.writer or self.store.has(oid)

    def read_tree(self, oid: bytes) -> dict[bytes, Entry]:
        """A tree of the store or of this batch."""
        return parse_tree(self.writer.content(oid)) if oid in self.writer else self.store.read_tree(oid)

    def content(self, oid: bytes) -> bytes:
        """The content of an object of the store or of this batch."""
        return self.writer.content(oid) if oid in self.writer else self.store.read(oid)[1]

    def pin(self, holder: str, oid: bytes) -> None:
        """Pin a tree as soon as it is stored."""
        self.pins.append((holder, oid))
