"""What an apply will do, file by file, fixed before anything is touched.

A plan is the recorded intent: it names for every file the bytes it expects and the bytes it leaves, so that carrying
it out twice, or after a crash in the middle, ends the same. Planning reads the user's files and writes objects only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from draftsmith.workspace.changes import FileChange, FileState, TextHunk
from draftsmith.workspace.held import Held, HeldText, Holder
from draftsmith.workspace.merge import Conflict, HunkOutcome, HunkState, merge_hunks
from draftsmith.workspace.objects import BLOB, FILE, LINK, TREE, Entry, encode_tree, object_id, parents
from draftsmith.workspace.offload import Stop
from draftsmith.workspace.proposal import is_text
from draftsmith.workspace.store import RECENT, ObjectStore
from draftsmith.workspace.text import LineEnd
from draftsmith.workspace.userfiles import Current, Place, Refused

Blocked = Mapping[tuple[int, str], str]
"""By root and path: files that are not to be changed now, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """Whose buffer is to be changed; `line_end` is what the buffer has in place of the file's own line ends."""

    holder: Holder
    line_end: LineEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """One file to be brought from `before`, what it is now, to `after`; `None` where it does not exist.

    With `buffer`, both are the text of an editor's buffer as saving it would write it, and the disk is left alone.
    `moved_from`: the editor makes this file of that one, whose own plan is to be deleted. `by_editor`: the editor does
    not hold the file, and makes or deletes it on disk.
    """

    root: int
    path: str
    before: FileState | None
    after: FileState | None
    hunk_ids: tuple[str, ...] = ()
    buffer: Buffer | None = None
    moved_from: str = ""
    by_editor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPlan:
    """`keep` is a tree that holds all bytes the plan names: pin it for as long as the apply may be undone."""

    files: tuple[FilePlan, ...]
    outcomes: tuple[HunkOutcome, ...]
    keep: str


@dataclass(slots=True)
class _Draft:
    """A file's plan in the making."""

    state: FileState | None
    content: bytes
    outcomes: list[HunkOutcome]

    def settle(self, hunk: TextHunk, state: HunkState, reason: str = "", conflict: Conflict | None = None) -> None:
        self.outcomes.append(HunkOutcome(hunk_id=hunk.hunk_id, state=state, reason=reason, conflict=conflict))

    def empty(self) -> None:
        """A file that is in a buffer only cannot be deleted, only emptied."""
        self.state, self.content = state_with(None, b""), b""


def make_plan(
    stop: Stop,
    store: ObjectStore,
    roots: Sequence[Path],
    changes: Sequence[FileChange],
    wanted: Collection[str],
    earlier: Collection[str],
    held: Held,
    blocked: Blocked,
) -> ApplyPlan:
    """Plan the wanted hunks against the files as they are now; `earlier` are hunks applied before.

    Of files in `held` the newest text is in an editor: it is what hunks are merged into.
    """
    files: list[FilePlan] = []
    outcomes: list[HunkOutcome] = []
    contents: dict[str, bytes] = {}
    leaving = folders_left(
        (one.root, one.raw_path)
        for one in changes
        if one.kind == "delete" and any(hunk.hunk_id in wanted for hunk in one.hunks)
    )
    # Deletions first: what is created may need a deleted file's place for a folder.
    for change in sorted(changes, key=lambda one: (one.kind != "delete", one.root, one.raw_path)):
        stop.check()
        hunks = [hunk for hunk in change.hunks if hunk.hunk_id in wanted]
        if not hunks:
            continue
        key = (change.root, change.path)
        if key in blocked:
            outcomes += (_blocked(hunk, blocked[key]) for hunk in hunks)
            continue
        try:
            vacated = (change.root, change.raw_path) in leaving
            with Place(roots[change.root], change.raw_path, vacated=vacated) as place:
                current = place.read()
        except Refused as refusal:
            outcomes += (HunkOutcome(hunk_id=one.hunk_id, state="refused", reason=str(refusal)) for one in hunks)
            continue
        for part, now, text in _parts(hunks, current, held.get(key)):
            made = _plan_file(stop, store, change, part, earlier, now)
            if made.state is None and text is not None and current.state is None:
                made.empty()
            outcomes += made.outcomes
            applied = tuple(one.hunk_id for one in made.outcomes if one.state == "applied")
            if text is not None:
                # Also what is there already: that it is in the buffer is for the editor to say.
                applied = tuple(one.hunk_id for one in made.outcomes if one.state in ("applied", "already_there"))
            if made.state != now.state or (text is not None and applied):
                files.append(
                    FilePlan(
                        root=change.root,
                        path=change.path,
                        before=now.state,
                        after=made.state,
                        hunk_ids=applied,
                        buffer=buffer_of(text),
                    )
                )
                _remember(contents, now.state, now.content)
                _remember(contents, made.state, made.content)
    return ApplyPlan(files=tuple(files), outcomes=tuple(outcomes), keep=keep_contents(store, contents))


def _parts(
    hunks: Sequence[TextHunk], current: Current, text: HeldText | None
) -> list[tuple[Sequence[TextHunk], Current, HeldText | None]]:
    """What goes to the disk and what to the buffer: an editor has a file's text and not its mode."""
    if text is None:
        return [(hunks, current, None)]
    modes = [hunk for hunk in hunks if hunk.kind == "mode"]
    others = [hunk for hunk in hunks if hunk.kind != "mode"]
    parts: list[tuple[Sequence[TextHunk], Current, HeldText | None]] = []
    if modes:
        parts.append((modes, current, None))
    if others:
        parts.append((others, in_buffer(current, text), text))
    return parts


def in_buffer(current: Current, text: HeldText) -> Current:
    """The file as its editor has it. An empty buffer of a file that does not exist is nothing."""
    if current.state is None and not text.content:
        return current
    return replace(current, state=state_with(current.state, text.content), content=text.content)


def buffer_of(text: HeldText | None) -> Buffer | None:
    return None if text is None else Buffer(holder=text.holder, line_end=text.line_end)


def _blocked(hunk: TextHunk, reason: str) -> HunkOutcome:
    return HunkOutcome(hunk_id=hunk.hunk_id, state="conflict", reason=reason, conflict=_nothing())


def folders_left(deleted: Iterable[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
    """The folders above deleted files, by root: a file may be about to take the place of one."""
    return {(root, folder) for root, path in deleted for folder in parents([path])}


def _remember(contents: dict[str, bytes], state: FileState | None, content: bytes) -> None:
    if state is not None:
        contents[state.blob] = content


def keep_contents(store: ObjectStore, contents: dict[str, bytes]) -> str:
    """Store blobs under one tree, by which they are pinned."""
    with store.writing() as batch:
        entries = {blob.encode(): Entry(FILE, batch.add(BLOB, content)) for blob, content in contents.items()}
        tree = batch.add(TREE, encode_tree(entries))
        batch.pin(RECENT, tree)
    return tree.hex()


def state_with(state: FileState | None, content: bytes, mode: int | None = None) -> FileState:
    """The state of a file once it has `content`; its mode is kept unless another is given."""
    kept = state.mode if state is not None else FILE
    return FileState(mode=kept if mode is None else mode, blob=blob_id(content))


def blob_id(content: bytes) -> str:
    return object_id(BLOB, content).hex()


def _plan_file(
    stop: Stop,
    store: ObjectStore,
    change: FileChange,
    hunks: Sequence[TextHunk],
    earlier: Collection[str],
    current: Current,
) -> _Draft:
    made = _Draft(current.state, current.content, [])
    texts = [hunk for hunk in hunks if hunk.kind == "text"]
    if texts:
        _plan_text(stop, store, change, texts, earlier, made)
    for hunk in hunks:
        if hunk.kind == "whole":
            _plan_whole(store, change, hunk, made)
        elif hunk.kind == "mode":
            _plan_mode(change, hunk, made)
    return made


def _plan_text(
    stop: Stop,
    store: ObjectStore,
    change: FileChange,
    texts: Sequence[TextHunk],
    earlier: Collection[str],
    made: _Draft,
) -> None:
    base = store.read_blob(bytes.fromhex(change.before.blob)) if change.before is not None else b""
    if made.state is None:
        for hunk in texts:
            made.settle(hunk, "conflict", "The file was deleted.", Conflict(base=hunk.old, ours=b"", theirs=hunk.new))
    elif made.state.mode == LINK:
        for hunk in texts:
            made.settle(hunk, "conflict", "The file was replaced by a symbolic link.", _nothing())
    else:
        before = [hunk for hunk in change.hunks if hunk.kind == "text" and hunk.hunk_id in earlier]
        fresh = [hunk for hunk in texts if hunk.hunk_id not in earlier]
        content, outcomes = merge_hunks(store.path, made.content, base, before, fresh, stop)
        made.outcomes += outcomes
        for hunk in texts:
            if hunk.hunk_id in earlier:
                made.settle(hunk, "already_there")
        made.content = content
        made.state = state_with(made.state, content)


def _plan_whole(store: ObjectStore, change: FileChange, hunk: TextHunk, made: _Draft) -> None:
    before, after, now = change.before, change.after, made.state
    if _same(now, after):
        made.settle(hunk, "already_there")
    elif _same(now, before):
        made.settle(hunk, "applied")
        made.content = store.read_blob(bytes.fromhex(after.blob)) if after is not None else b""
        made.state = _with_users_mode(now, after)
    else:
        theirs = store.read_blob(bytes.fromhex(after.blob)) if after is not None else b""
        shown = is_text(made.content) and is_text(theirs)
        conflict = Conflict(base=hunk.old, ours=made.content, theirs=theirs) if shown else _nothing()
        made.settle(hunk, "conflict", _why(before, now), conflict)


def _same(now: FileState | None, planned: FileState | None) -> bool:
    """Equal but for the executable bit, which is a hunk of its own."""
    if now is None or planned is None:
        return now is planned
    return now.blob == planned.blob and (now.mode == LINK) == (planned.mode == LINK)


def _with_users_mode(now: FileState | None, after: FileState | None) -> FileState | None:
    """What replaces a file keeps the user's executable bit; a mode hunk changes it where that is wanted."""
    if now is None or after is None or LINK in (now.mode, after.mode):
        return after
    return FileState(mode=now.mode, blob=after.blob)


def _why(before: FileState | None, now: FileState | None) -> str:
    if before is None:
        return "Another file is there already."
    return "The file was deleted." if now is None else "The file was changed."


def _plan_mode(change: FileChange, hunk: TextHunk, made: _Draft) -> None:
    if change.after is None or made.state is None:
        made.settle(hunk, "conflict", "The file was deleted.", _nothing())
    elif made.state.mode == LINK:
        made.settle(hunk, "conflict", "The file was replaced by a symbolic link.", _nothing())
    elif made.state.mode == change.after.mode:
        made.settle(hunk, "already_there")
    else:
        made.settle(hunk, "applied")
        made.state = FileState(mode=change.after.mode, blob=made.state.blob)


def _nothing() -> Conflict:
    return Conflict(base=b"", ours=b"", theirs=b"")
