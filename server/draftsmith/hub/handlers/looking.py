"""Looking through a session's log: words in its steps, and what a checkpoint would change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId
from draftsmith.hub.handlers.decisions import unknown_checkpoint
from draftsmith.hub.projection.names import shown
from draftsmith.hub.renewing import brought_over
from draftsmith.ports.events import EntityRow
from draftsmith.protocol.entities import ENTITY, CheckpointEntity, StepEntity
from draftsmith.protocol.methods.log import (
    CheckpointFile,
    CheckpointParams,
    CheckpointPreview,
    FoundStep,
    SearchStepsParams,
    SearchStepsResult,
)
from draftsmith.workspace.changes import FileChange
from draftsmith.workspace.proposal import propose

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

BATCH = 1_000
SECONDS = 2.0
"""A search that takes longer gives what it has, and says where it stopped."""
AROUND = 80
"""Characters of an excerpt before and after the words."""
MOST_FILES = 500


async def search(call: Call, params: SearchStepsParams) -> SearchStepsResult:
    session_id = SessionId(params.session_id)
    await call.hub.host(session_id)
    store, before = call.hub.store, params.before
    found: list[FoundStep] = []
    ends = time.monotonic() + SECONDS
    while True:
        rows = await store.entities(session_id, "step", limit=BATCH, before=before)
        first = await store.count_entities(session_id, "step", before=rows[0].ordinal) if rows else 0
        hits = await asyncio.to_thread(_hits, rows, first, params.text, params.limit - len(found))
        found += [hit for hit, _ in hits]
        if len(found) >= params.limit:
            return SearchStepsResult(found=tuple(found), searched_to=hits[-1][1])
        if len(rows) < BATCH:
            return SearchStepsResult(found=tuple(found), searched_to=None)
        before = rows[0].ordinal
        if time.monotonic() > ends:
            return SearchStepsResult(found=tuple(found), searched_to=before)


def _hits(rows: Sequence[EntityRow], first: int, text: str, most: int) -> list[tuple[FoundStep, int]]:
    """Newest first, each with its ordinal."""
    wanted = text.casefold()
    found: list[tuple[FoundStep, int]] = []
    for offset in range(len(rows) - 1, -1, -1):
        step = cast("StepEntity", ENTITY.validate_json(rows[offset].body))
        excerpt = _excerpt(step, wanted)
        if excerpt is None:
            continue
        hit = FoundStep(step_id=step.id, place=first + offset, title=step.title, excerpt=excerpt, at=step.at)
        found.append((hit, rows[offset].ordinal))
        if len(found) >= most:
            break
    return found


def _excerpt(step: StepEntity, wanted: str) -> str | None:
    for text in (step.title, step.text, step.arguments, step.outcome, step.reasoning):
        folded = text.casefold()
        at = folded.find(wanted)
        if at >= 0:
            end = at + len(wanted)
            if len(folded) != len(text):
                at, end = _unfolded(text, at), _unfolded(text, end)
            return " ".join(text[max(0, at - AROUND) : end + AROUND].split())
    return None


def _unfolded(text: str, folded: int) -> int:
    """The place in the text of a place in what it is folded to, which can be longer: `ß` becomes `ss`."""
    for place, letter in enumerate(text):
        if folded <= 0:
            return place
        folded -= len(letter.casefold())
    return len(text)


async def preview(call: Call, params: CheckpointParams) -> CheckpointPreview:
    """The draft as it is against the draft as it would be."""
    host = await call.hub.host(SessionId(params.session_id))
    point = host.entity("checkpoint", params.checkpoint_id)
    if not isinstance(point, CheckpointEntity):
        raise unknown_checkpoint(params.checkpoint_id)
    state = host.state
    if state.draft is None:
        raise UserError("The session has no draft yet.", code="illegal_command", remedy="Try again in a moment.")
    tree, word = await brought_over(call.hub.workspaces, state, point)
    changes = await propose(await call.hub.workspaces.store(state.workspace_id), state.draft, tree)
    return CheckpointPreview(files=tuple(map(_file, changes[:MOST_FILES])), total=len(changes), note=word.strip())


def _file(change: FileChange) -> CheckpointFile:
    return CheckpointFile(
        path=shown(change.path),
        root=change.root,
        change=change.kind,
        added=sum(_lines(hunk.new) for hunk in change.hunks),
        removed=sum(hunk.base_length for hunk in change.hunks),
    )


def _lines(text: bytes) -> int:
    return text.count(b"\n") + (not text.endswith(b"\n") and text != b"")
