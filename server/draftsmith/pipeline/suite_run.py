"""One run of the project's tests in the sandbox, with what it says of itself read: report files first, then its text.

Reports are written by the project's code and may be anything: read bounded, plain files below the draft only.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from draftsmith.code.testresults.gotest import JSON_FORMAT, go_output
from draftsmith.code.testresults.reading import MAX_OUTPUT, read_output, read_report, together
from draftsmith.code.testresults.recipes import ReportedRun, again, reported
from draftsmith.code.testresults.report import Report, settled
from draftsmith.domain.escapes import without_escapes
from draftsmith.domain.ids import CallId
from draftsmith.domain.testing import CaseOutcome
from draftsmith.pipeline.facts import Check
from draftsmith.ports.sandbox import Captured, Command, CommandResult
from draftsmith.tools.command import mounted_roots
from draftsmith.tools.tool import DraftRoot, ToolContext

TIME_LIMIT_SECONDS = 900.0
AGAIN_SECONDS = 120.0
EVIDENCE_BYTES = 24_000
MAX_REPORT_BYTES = 32_000_000
MAX_REPORTS = 500
MANIFEST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """`output` is what people and models are shown. `report` None: nothing that it left could be read."""

    result: CommandResult
    report: Report | None
    output: str


async def run_suite(context: ToolContext, check: Check, call_id: CallId) -> SuiteRun:
    """All tests, in the roots of `context`, which gets the output as it comes."""
    root = context.roots[check.root]
    script = await asyncio.to_thread(_test_script, root)
    run = reported(check.command, script, str(root.workspace_path), secrets.token_hex(4))
    return await _run(context, check, call_id, run, TIME_LIMIT_SECONDS)


async def run_again(
    context: ToolContext, check: Check, call_id: CallId, cases: Sequence[CaseOutcome]
) -> SuiteRun | None:
    """These tests alone; None when nobody knows how to ask the runner for it."""
    root = context.roots[check.root]
    script = await asyncio.to_thread(_test_script, root)
    run = again(check.command, script, str(root.workspace_path), secrets.token_hex(4), cases)
    return None if run is None else await _run(context, check, call_id, run, AGAIN_SECONDS)


async def _run(context: ToolContext, check: Check, call_id: CallId, run: ReportedRun, seconds: float) -> SuiteRun:
    root = context.roots[check.root]
    command = Command(
        run=run.command,
        cwd=root.workspace_path,
        roots=mounted_roots(context),
        output_dir=context.output_dir,
        output_id=call_id,
        env=run.env,
        time_limit_seconds=seconds,
        kept_bytes=EVIDENCE_BYTES,
    )
    result = await context.sandbox.run(command, on_output=context.on_output, on_usage=context.on_usage)
    if context.on_result is not None:
        context.on_result(result)
    return await asyncio.to_thread(_read, result, root, run.reports)


def _read(result: CommandResult, root: DraftRoot, patterns: Sequence[str]) -> SuiteRun:
    """A file that a run left is taken away again: it is no part of the draft."""
    reports = [found for content in _contents(root.draft_path, patterns) if (found := read_report(content))]
    whole = "\n".join(part for part in (_whole(result.stdout), _whole(result.stderr)) if part)
    report = together(reports)
    if report is None:
        report = read_output(whole)
    output = output_of(result)
    if report is not None:
        if report.format == JSON_FORMAT:
            output = _cut(go_output(whole))
        report = settled(report, str(root.workspace_path), lambda name: (root.draft_path / name).is_file())
    return SuiteRun(result=result, report=report, output=output)


def _contents(folder: Path, patterns: Sequence[str]) -> Iterator[bytes]:
    left = MAX_REPORTS
    real = folder.resolve()
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            left -= 1
            if left < 0:
                return
            own = pattern.startswith(".draftsmith-")
            if path.parent.resolve().is_relative_to(real) and (content := _content(path)) is not None:
                yield content
            if own:
                path.unlink(missing_ok=True)


def _content(path: Path) -> bytes | None:
    """The bytes of a plain file that is not too long; never what a link or a pipe leads to."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_REPORT_BYTES:
            return None
        return file.read(MAX_REPORT_BYTES)


def _whole(captured: Captured) -> str:
    """All of a stream, from the file that it was spilled to when it is long."""
    if captured.spilled is None:
        return captured.head + captured.tail
    try:
        with captured.spilled.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - MAX_OUTPUT))
            return file.read(MAX_OUTPUT).decode("utf-8", "replace")
    except OSError:
        return captured.head + captured.tail


def _cut(text: str) -> str:
    """Head and tail, cut at lines."""
    if len(text) <= EVIDENCE_BYTES:
        return text.rstrip("\n")
    half = EVIDENCE_BYTES // 2
    head, tail = text[:half].rpartition("\n")[0], text[-half:].partition("\n")[2]
    gap = text.count("\n") - head.count("\n") - tail.count("\n")
    return f"{head}\n[… {gap} lines left out …]\n{tail}".rstrip("\n")


def output_of(result: CommandResult) -> str:
    """A command's output as one text without colours, standard error after standard output."""
    parts: list[str] = []
    for captured in (result.stdout, result.stderr):
        if captured.total_bytes:
            gap = f"\n[… {captured.omitted_lines} lines left out …]\n" if captured.tail else ""
            parts.append(f"{captured.head}{gap}{captured.tail}".rstrip("\n"))
    return without_escapes("\n".join(parts))


def _test_script(root: DraftRoot) -> str:
    """What `npm test` and its kin run, as the draft has it."""
    content = _content(root.draft_path / "package.json")
    if content is None or len(content) > MANIFEST_BYTES:
        return ""
    try:
        found: Any = json.loads(content)
        script: Any = found["scripts"]["test"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return script if isinstance(script, str) else ""
