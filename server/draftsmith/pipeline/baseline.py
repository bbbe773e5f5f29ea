"""Which tests failed before the change: the same command, run on the base, once for each session and runner."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace

from draftsmith.domain.ids import CallId
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.facts import Check
from draftsmith.pipeline.outcomes import failing_tests
from draftsmith.ports.sandbox import CommandResult
from draftsmith.tools.tool import ToolContext
from draftsmith.workspace.draft import Draft


async def failing_before(desk: Desk, call_id: CallId, check: Check, after: CommandResult) -> frozenset[str] | None:
    """Names of tests that fail on the base, or None when that cannot be told."""
    from draftsmith.pipeline.gates import evidence_of, run_check

    if check.command in desk.baseline:
        return desk.baseline[check.command]
    base = desk.log.state.base
    if base is None or after.stopped_by is not None:
        return None
    folder = desk.draft.folder.parent / "base"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    draft = await Draft.create(desk.store, base, folder)
    try:
        roots = tuple(
            replace(root, draft_path=place) for root, place in zip(desk.tools.roots, draft.roots, strict=True)
        )
        context: ToolContext = replace(desk.tools, roots=roots)
        result = await run_check(replace(desk, tools=context), call_id, check, roots[check.root].workspace_path)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    known = None if result.stopped_by else failing_tests(evidence_of(result))
    desk.baseline[check.command] = known
    return known
