"""What failed before the change: the same command, run on the base, once for each session and runner."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace

from draftsmith.domain.ids import CallId
from draftsmith.pipeline.desk import CheckedBefore, Desk
from draftsmith.pipeline.facts import Check
from draftsmith.pipeline.outcomes import failing_tests
from draftsmith.pipeline.present_base import present_base
from draftsmith.ports.sandbox import CommandResult
from draftsmith.tools.tool import ToolContext
from draftsmith.workspace.draft import Draft


async def failing_before(desk: Desk, call_id: CallId, check: Check, after: CommandResult) -> frozenset[str] | None:
    """Names of tests that fail on the base, or None when that cannot be told."""
    from draftsmith.pipeline.gates import evidence_of

    if check.command in desk.baseline:
        return desk.baseline[check.command]
    if after.stopped_by is not None:
        return None
    result = await _on_base(desk, call_id, check)
    if result is None:
        return None
    known = None if result.stopped_by else failing_tests(evidence_of(result))
    desk.baseline[check.command] = known
    return known


async def output_before(desk: Desk, call_id: CallId, check: Check) -> CheckedBefore | None:
    """What a linter or its kin says of the base, or None when that cannot be told."""
    from draftsmith.pipeline.gates import evidence_of

    if check.command in desk.checked:
        return desk.checked[check.command]
    result = await _on_base(desk, call_id, check)
    if result is None or result.stopped_by is not None:
        return None
    whole = not (result.stdout.omitted_lines or result.stderr.omitted_lines)
    known = CheckedBefore(passed=result.exit_code == 0, output=evidence_of(result), whole=whole)
    desk.checked[check.command] = known
    return known


async def _on_base(desk: Desk, call_id: CallId, check: Check) -> CommandResult | None:
    """The command's end on the base; None when there is no base yet."""
    from draftsmith.pipeline.gates import run_check

    base = await present_base(desk)
    if base is None:
        return None
    folder = desk.draft.folder.parent / "base"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    draft = await Draft.create(desk.store, base, folder)
    try:
        roots = tuple(
            replace(root, draft_path=place) for root, place in zip(desk.tools.roots, draft.roots, strict=True)
        )
        context: ToolContext = replace(desk.tools, roots=roots)
        return await run_check(replace(desk, tools=context), call_id, check, roots[check.root].workspace_path)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
