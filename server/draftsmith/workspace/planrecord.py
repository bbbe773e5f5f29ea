"""An apply's plan as the document that the log keeps of it: written before the first byte changes, read after a crash.

What an earlier version wrote is read too.
"""

from __future__ import annotations

import json

from draftsmith.domain.errors import AdapterError
from draftsmith.workspace.applyplan import ApplyPlan, Buffer, FilePlan
from draftsmith.workspace.changes import state_in, state_out
from draftsmith.workspace.held import Holder
from draftsmith.workspace.merge import HunkOutcome
from draftsmith.workspace.records import as_int, as_list, as_object, as_text

_VERSION = 2


def encode_plan(plan: ApplyPlan) -> bytes:
    """The plan as the document that is recorded before it is carried out, so that a repetition comes to the same."""
    files = [
        [
            one.root,
            one.path,
            state_out(one.before),
            state_out(one.after),
            list(one.hunk_ids),
            None
            if one.buffer is None
            else [one.buffer.holder.client, one.buffer.holder.name, one.buffer.line_end or ""],
            one.moved_from,
            one.by_editor,
        ]
        for one in plan.files
    ]
    outcomes = [[one.hunk_id, one.state, one.reason] for one in plan.outcomes]
    whole = {"version": _VERSION, "keep": plan.keep, "files": files, "outcomes": outcomes}
    return json.dumps(whole, separators=(",", ":")).encode()


def decode_plan(document: bytes) -> ApplyPlan:
    """Read what `encode_plan` wrote, now or before there were buffers; raises `AdapterError` (`bad_document`)."""
    try:
        whole = as_object(json.loads(document))
        if whole["version"] not in (1, _VERSION):
            raise ValueError("another version")
        files = tuple(_file(as_list(item)) for item in as_list(whole["files"]))
        told = [[name, "applied", ""] for file in files for name in file.hunk_ids]
        outcomes = tuple(_outcome(as_list(item)) for item in as_list(whole.get("outcomes", told)))
        return ApplyPlan(files=files, outcomes=outcomes, keep=as_text(whole["keep"]))
    except (ValueError, KeyError, TypeError) as failure:
        raise AdapterError(
            f"The record of an apply cannot be read: {failure}.",
            code="bad_document",
            remedy="Update Draftsmith; the files are as they are.",
        ) from failure


def _file(item: list[object]) -> FilePlan:
    root, path, before, after, hunk_ids, *rest = item
    return FilePlan(
        root=as_int(root),
        path=as_text(path),
        before=state_in(before),
        after=state_in(after),
        hunk_ids=tuple(as_text(name) for name in as_list(hunk_ids)),
        buffer=_buffer(rest[0]) if rest and rest[0] is not None else None,
        moved_from=as_text(rest[1]) if len(rest) > 1 else "",
        by_editor=len(rest) > 2 and rest[2] is True,
    )


def _outcome(item: list[object]) -> HunkOutcome:
    hunk_id, state, reason = (as_text(part) for part in item)
    if state not in ("applied", "already_there", "conflict", "refused"):
        raise ValueError("an outcome that there is not")
    return HunkOutcome(hunk_id=hunk_id, state=state, reason=reason)


def _buffer(item: object) -> Buffer:
    client, name, line_end = (as_text(part) for part in as_list(item))
    if line_end not in ("", "\n", "\r\n"):
        raise ValueError("a line end that there is not")
    return Buffer(holder=Holder(client=client, name=name), line_end=line_end or None)
