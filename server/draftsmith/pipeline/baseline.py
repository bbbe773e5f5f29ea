"""What failed before the change: the same command, run on the base, once for each base and command."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from draftsmith.code.testresults.record import encode_report
from draftsmith.domain.ids import CallId, DocumentId, TreeId
from draftsmith.domain.session.events import BaselineRun
from draftsmith.domain.session.state import Baseline
from draftsmith.domain.testing import CaseCounts
from draftsmith.pipeline.desk import CheckedBefore, Desk
from draftsmith.pipeline.facts import Check
from draftsmith.pipeline.present_base import present_base
from draftsmith.pipeline.suite_run import output_of, run_suite
from draftsmith.platform.clock import now_ms
from draftsmith.ports.sandbox import CommandResult, StreamName
from draftsmith.tools.tool import ToolContext
from draftsmith.workspace.draft import Draft


async def suite_before(desk: Desk, call_id: CallId, check: Check) -> Baseline | None:
    """How the tests ended on the base: from the log, or run now and recorded. None when that cannot be told."""
    base = await present_base(desk)
    if base is None:
        return None
    key = (base, check.root, check.command)
    known = next((one for one in desk.log.state.baselines if (one.base, one.root, one.command) == key), None)
    if known is not None:
        return known
    begun = now_ms()
    async with _base_context(desk, base) as context:
        run = await run_suite(showing(desk, call_id, context), check, call_id)
    if run.result.stopped_by is not None:
        return None
    document = None if run.report is None else encode_report(run.report)
    name = None if document is None else DocumentId(hashlib.sha256(document).hexdigest())
    event = BaselineRun(
        call_id=call_id,
        base=base,
        root=check.root,
        command=check.command,
        passed=run.result.exit_code == 0,
        report=name,
        counts=run.report.counts if run.report is not None else CaseCounts(),
        duration_ms=max(0, now_ms() - begun),
    )
    desk.log.stage(event, documents=() if document is None else (document,))
    return desk.log.state.baselines[-1]


def showing(desk: Desk, call_id: CallId, context: ToolContext) -> ToolContext:
    """The context with its output and what it uses shown in the gate's step, as it comes."""

    def show(_stream: StreamName, text: str) -> None:
        desk.log.show(call_id, "text", text)

    return replace(
        context, on_output=show, on_usage=desk.measured.shower(desk.log, call_id), on_result=desk.measured.add
    )


async def output_before(desk: Desk, call_id: CallId, check: Check) -> CheckedBefore | None:
    """What a linter or its kin says of the base, or None when that cannot be told."""
    if check.command in desk.checked:
        return desk.checked[check.command]
    result = await _on_base(desk, call_id, check)
    if result is None or result.stopped_by is not None:
        return None
    whole = not (result.stdout.omitted_lines or result.stderr.omitted_lines)
    known = CheckedBefore(passed=result.exit_code == 0, output=output_of(result), whole=whole)
    desk.checked[check.command] = known
    return known


async def _on_base(desk: Desk, call_id: CallId, check: Check) -> CommandResult | None:
    """The command's end on the base; None when there is no base yet."""
    from draftsmith.pipeline.gates import run_check

    base = await present_base(desk)
    if base is None:
        return None
    async with _base_context(desk, base) as context:
        return await run_check(replace(desk, tools=context), call_id, check, context.roots[check.root].workspace_path)


@asynccontextmanager
async def _base_context(desk: Desk, base: TreeId) -> AsyncGenerator[ToolContext]:
    """The base as a draft of its own, for as long as it is needed."""
    folder = desk.draft.folder.parent / "base"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    try:
        draft = await Draft.create(desk.store, base, folder)
        roots = tuple(
            replace(root, draft_path=place) for root, place in zip(desk.tools.roots, draft.roots, strict=True)
        )
        yield replace(desk.tools, roots=roots)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
