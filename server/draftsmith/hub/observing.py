"""Where applied hunks really are: looked up in buffers and files whenever something happened to them.

Nothing is assumed: a hunk is in the buffer when its lines stand in the buffer's text, on disk when they stand in the
file, and pending again when they are in neither. What somebody edited on the spot keeps its state.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import HunkId
from draftsmith.domain.proposal import APPLIED, BufferEdit, Hunk, HunkResult, HunkStatus
from draftsmith.domain.session.commands import Record
from draftsmith.domain.session.events import HunksObserved, SessionEvent
from draftsmith.domain.session.state import SessionState
from draftsmith.hub.apply_results import unsaved_note
from draftsmith.hub.applying import Applying
from draftsmith.hub.buffer_routes import absolute, differs, on_disk, text_of
from draftsmith.hub.buffers import Buffers, Editor
from draftsmith.hub.host import SessionHost
from draftsmith.hub.workspaces import Workspaces
from draftsmith.platform.clock import now_ms
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.held import Holder, hash_of, held_text
from draftsmith.workspace.presence import Presence, presences, whole_presence
from draftsmith.workspace.store import ObjectStore

QUIET_SECONDS = 0.15
"""What happens within it is looked at once."""

WATCH_SECONDS = 2.0
WATCHED_FOR_MS = 24 * 60 * 60 * 1_000
"""Files of sessions that rested for longer are looked at only when an editor holds them."""
WATCHED_FILES = 2_000

Appended = Callable[[SessionHost, Sequence[Envelope[SessionEvent]]], None]
Spawn = Callable[[Coroutine[None, None, None]], None]


@dataclass(frozen=True, slots=True)
class _Watched:
    """The files of a session in which applied hunks may be, for one state of it."""

    state: SessionState
    paths: frozenset[str]


class Observing:
    """One look at a time, never while an apply is under way."""

    def __init__(
        self,
        hosts: Callable[[], Iterable[SessionHost]],
        buffers: Buffers,
        applying: Applying,
        workspaces: Workspaces,
        *,
        appended: Appended,
        spawn: Spawn,
    ) -> None:
        self._hosts = hosts
        self._buffers = buffers
        self._applying = applying
        self._workspaces = workspaces
        self._appended = appended
        self._spawn = spawn
        self._due: set[str] = set()
        self._looking: set[str] = set()
        self._watched: WeakKeyDictionary[SessionHost, _Watched] = WeakKeyDictionary()

    @property
    def busy(self) -> bool:
        """Whether something is still to be looked at."""
        return bool(self._looking)

    def notice(self, paths: Iterable[str], *, after: float | None = None) -> None:
        """Something happened to these files; they are looked at in a moment."""
        for path in paths:
            if not self._watching(path):
                continue
            self._due.add(path)
            if path not in self._looking:
                self._looking.add(path)
                self._spawn(self._look_at(path, QUIET_SECONDS if after is None else after))

    def notice_all(self, host: SessionHost, *, after: float) -> None:
        """Every file of a session that was taken up with hunks in buffers."""
        self.notice(self._paths(host), after=after)

    async def watch_files(self) -> None:
        """Looks again at files that change on disk, for as long as the hub lives."""
        known: dict[str, _Stat] = {}
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            recent = now_ms() - WATCHED_FOR_MS
            paths = {path for host in self._hosts() if host.state.updated_at > recent for path in self._paths(host)}
            seen = await asyncio.to_thread(_stats, sorted(paths)[:WATCHED_FILES])
            self.notice(path for path, now in seen.items() if known.get(path, ()) != now)
            known = seen

    def concerns(self, host: SessionHost) -> bool:
        """Whether an editor holds a file in which hunks of the session are or were: they may come and go."""
        return any(self._buffers.holding(path) for path in self._paths(host))

    async def _look_at(self, path: str, after: float) -> None:
        try:
            while path in self._due:
                await asyncio.sleep(after)
                after = QUIET_SECONDS
                self._due.discard(path)
                for host in self._watching(path):
                    async with self._applying.under_way:
                        await self._settle(host, path)
        finally:
            self._looking.discard(path)

    def _watching(self, path: str) -> list[SessionHost]:
        return [host for host in self._hosts() if path in self._paths(host)]

    def _paths(self, host: SessionHost) -> frozenset[str]:
        state = host.state
        if not state.applies or state.proposal is None:
            return frozenset()
        known = self._watched.get(host)
        if known is None or known.state.proposal is not state.proposal or known.state.applies is not state.applies:
            paths = frozenset(absolute(state, hunk.root, hunk.path) for hunk in _applied_once(state))
            known = self._watched[host] = _Watched(state, paths)
        return known.paths

    async def _settle(self, host: SessionHost, path: str) -> None:
        state = host.state
        hunks = [hunk for hunk in _applied_once(state) if absolute(state, hunk.root, hunk.path) == path]
        editor = self._editor(state, path)
        hunks = [hunk for hunk in hunks if hunk.status != "accepted"]
        if not hunks:
            return
        seen = await self._look(state, hunks, path, editor)
        results = tuple(result for hunk in hunks if (result := seen.result(hunk)) is not None)
        if results:
            actor = Actor(client="hub" if editor is None else editor.client)
            observed = Record(events=(HunksObserved(results=results),))
            self._appended(host, await host.command(observed, actor, correlation_id=host.correlation_id))

    def _editor(self, state: SessionState, path: str) -> Editor | None:
        """Whose buffer counts: that of the editor that was asked last, if it still holds the file."""
        editors = self._buffers.holding(path)
        for record in reversed(state.applies):
            for edit in record.buffers:
                if absolute(state, edit.root, edit.path) == path:
                    found = next((one for one in editors if one.name == edit.holder), None)
                    if found is not None:
                        return found
        return editors[0] if editors else None

    async def _look(self, state: SessionState, hunks: Sequence[Hunk], path: str, editor: Editor | None) -> _Seen:
        root, name = hunks[0].root, hunks[0].path
        change = next(one for one in await self._applying.changes(state) if (one.root, one.path) == (root, name))
        store = await self._workspaces.store(state.workspace_id)
        disk = await on_disk(state, root, name)
        wanted = {hunk.hunk_id for hunk in hunks}
        in_file = await asyncio.to_thread(_presences, store, change, wanted, disk.content)
        if editor is None:
            return _Seen(client=None, unsaved=False, buffer=None, disk=in_file)
        text = await text_of(self._buffers, editor, path, disk)
        if text is None:
            # It was closed meanwhile, which will be noticed, or cannot be read: then nothing is known.
            return _Seen(client=editor.client, unsaved=True, buffer={}, disk=in_file)
        content = await asyncio.to_thread(_as_file, store, change, disk.content, text)
        found = await asyncio.to_thread(_presences, store, change, wanted, content)
        known = _by_hash(state, root, name, hash_of(text))
        in_buffer: dict[str, Presence] = {
            one: known.get(one, presence) if presence == "unclear" else presence for one, presence in found.items()
        }
        return _Seen(client=editor.client, unsaved=differs(editor, path, disk), buffer=in_buffer, disk=in_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What was found of a file's hunks; `buffer` is None when no editor holds it."""

    client: str | None
    unsaved: bool
    buffer: dict[str, Presence] | None
    disk: dict[str, Presence]

    def result(self, hunk: Hunk) -> HunkResult | None:
        """The hunk's state as it was seen, or None when that is nothing new."""
        status = self._status(hunk)
        if status == hunk.status:
            return None
        if status == "in_buffer":
            note = unsaved_note(self.client or "the editor")
        elif status == "pending":
            gone = "It is no longer in the file." if hunk.status == "on_disk" else "It was closed unsaved."
            note = f"Undone in {self.client}." if self.client else gone
        else:
            note = ""
        return HunkResult(hunk_id=hunk.hunk_id, status=status, note=note)

    def _status(self, hunk: Hunk) -> HunkStatus:
        disk = self.disk.get(hunk.hunk_id, "unclear")
        if self.buffer is None:
            return _without_editor(hunk.status, disk)
        match self.buffer.get(hunk.hunk_id, "unclear"):
            case "there":
                return "on_disk" if disk == "there" else "in_buffer"
            case "gone":
                return "pending" if hunk.status in APPLIED else hunk.status
            case "unclear":
                return "on_disk" if hunk.status in APPLIED and not self.unsaved else hunk.status


def _without_editor(status: HunkStatus, disk: Presence) -> HunkStatus:
    match disk:
        case "there":
            return "on_disk"
        case "gone":
            return "pending" if status in APPLIED else status
        case "unclear":
            return "on_disk" if status in APPLIED else status


_Stat = tuple[int, ...] | None


def _stats(paths: Sequence[str]) -> dict[str, _Stat]:
    """By which a change of a file is noticed; None where there is none."""
    found: dict[str, _Stat] = {}
    for path in paths:
        try:
            stat = os.lstat(path)
        except OSError:
            found[path] = None
        else:
            found[path] = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return found


def _applied_once(state: SessionState) -> list[Hunk]:
    applied: set[HunkId] = {hunk for record in state.applies for hunk in record.hunks}
    return [hunk for hunk in state.proposal.hunks if hunk.hunk_id in applied] if state.proposal else []


def _as_file(store: ObjectStore, change: FileChange, disk: bytes | None, text: str) -> bytes | None:
    """A buffer's text as saving it would write it; None when there is nothing, in the buffer or on disk."""
    if disk is None and not text:
        return None
    reference = disk if change.before is None else store.read_blob(bytes.fromhex(change.before.blob))
    held = held_text(Holder(client="", name=""), reference, text)
    return text.encode("utf-8", "surrogatepass") if held is None else held.content


def _presences(
    store: ObjectStore, change: FileChange, wanted: set[HunkId], content: bytes | None
) -> dict[str, Presence]:
    found: dict[str, Presence] = {}
    for hunk in change.hunks:
        if hunk.kind == "whole" and hunk.hunk_id in wanted:
            before, after = (
                None if state is None else store.read_blob(bytes.fromhex(state.blob))
                for state in (change.before, change.after)
            )
            found[hunk.hunk_id] = whole_presence(before, after, content)
    texts = {hunk.hunk_id for hunk in change.hunks if hunk.kind == "text"} & wanted
    if texts and change.before is not None:
        base = store.read_blob(bytes.fromhex(change.before.blob))
        found |= presences(base, change.hunks, texts, content or b"")
    return found


def _by_hash(state: SessionState, root: int, path: str, sha256: str) -> dict[str, Presence]:
    """What is known of a text that an apply was made from, or led to."""
    known: dict[str, Presence] = {}
    for record in state.applies:
        for edit in record.buffers:
            if (edit.root, edit.path) == (root, path):
                known |= _told(edit, sha256, undo=record.undoes is not None)
    return known


def _told(edit: BufferEdit, sha256: str, *, undo: bool) -> dict[str, Presence]:
    if sha256 not in (edit.before, edit.after):
        return {}
    there = (sha256 == edit.after) != undo
    return dict.fromkeys(edit.hunks, "there" if there else "gone")
