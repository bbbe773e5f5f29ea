"""Gates: what a task has to pass, each with its evidence. "Not verified" is an answer of its own and is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from draftsmith.code.syntax import newly_broken
from draftsmith.domain.errors import UserError
from draftsmith.domain.gates import GateResult, Verdict
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.session.events import GateFinished, GateIntended
from draftsmith.domain.text import count, hold
from draftsmith.pipeline.baseline import output_before
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.facts import Check, ProjectFacts
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.present_base import present_base
from draftsmith.pipeline.static_gates import CHECKED, Looked, compare_checks, look, static_gates
from draftsmith.pipeline.suite_gate import EXIT_NOT_FOUND, missing_tool, tests_gate
from draftsmith.pipeline.suite_run import EVIDENCE_BYTES, TIME_LIMIT_SECONDS, output_of
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.sandbox import Command, CommandResult
from draftsmith.tools.command import mounted_roots
from draftsmith.workspace.aside import bring_back, put_aside
from draftsmith.workspace.draft import PathInRoot
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.proposal import propose
from draftsmith.workspace.replay import reproduces

SHOWN_ASIDE = 10


def gates_of(facts: ProjectFacts) -> tuple[str, ...]:
    """The gates of every task, in order: cheap ones first."""
    checked = [gate for gate in ("format", "lint", "types") if facts.check(gate)]
    return ("applies", "parses", *static_gates(facts), *checked, "tests")


async def run_gate(desk: Desk, task_id: TaskId, gate: str) -> None:
    """Runs one gate and records what it found."""
    check = desk.facts.check(gate)
    call_id = CallId(new_id("g"))
    command = check.command if check else ""
    desk.log.stage(GateIntended(call_id=call_id, task_id=task_id, gate=gate, command=command))
    await desk.log.flush()
    await finish_gate(desk, call_id, task_id, gate)


async def finish_gate(desk: Desk, call_id: CallId, task_id: TaskId, gate: str) -> None:
    """The run itself, also of a gate whose intent is in the log and whose outcome was lost."""
    begun = now_ms()
    desk.measured.begin()
    check = desk.facts.check(gate)
    try:
        looked = _as_looked(await interruptible(desk.log, _look(desk, call_id, gate, check)))
    except Interrupted:
        looked = Looked(verdict="not_verified", reason="The session was ended while it ran.")
    except UserError as error:
        looked = Looked(verdict="not_verified", reason=str(error))
    text, documents = hold(looked.evidence)
    result = GateResult(
        gate=gate,
        verdict=looked.verdict,
        reason=looked.reason,
        command=check.command if check else "",
        evidence=text,
        duration_ms=max(0, now_ms() - begun),
        findings=looked.findings,
        tests=looked.tests,
    )
    desk.log.stage(
        GateFinished(call_id=call_id, task_id=task_id, result=result, used=desk.measured.sum), documents=documents
    )


Found = tuple[Verdict, str, str] | Looked
"""Verdict, reason, evidence; with findings where there are some."""


def _as_looked(found: Found) -> Looked:
    if isinstance(found, Looked):
        return found
    verdict, reason, evidence = found
    return Looked(verdict=verdict, reason=reason, evidence=evidence)


async def _look(desk: Desk, call_id: CallId, gate: str, check: Check | None) -> Found:
    match gate:
        case "applies":
            return await _applies(desk)
        case "parses":
            return await _parses(desk)
        case "secrets" | "quality" | "dependencies":
            return await look(desk, gate)
        case _ if check is None:
            return "not_verified", "No command for it was found in the project's files.", ""
        case _:
            return await _command(desk, call_id, gate, check)


async def _applies(desk: Desk) -> Found:
    """The proposal's hunks, put onto the base, give the draft to the byte."""
    base, draft = await present_base(desk), desk.log.state.draft
    if base is None or draft is None:
        return "not_verified", "There is no draft yet.", ""
    changes = await propose(desk.store, base, draft)
    wrong = await reproduces(desk.store, changes)
    if wrong:
        return "failed", f"The hunks do not give the draft in {count(len(wrong), 'file')}.", "\n".join(wrong)
    hunks = count(sum(len(change.hunks) for change in changes), "hunk")
    return "passed", f"{hunks} in {count(len(changes), 'file')}: put onto the base they give the draft exactly.", ""


async def _parses(desk: Desk) -> Found:
    base, draft = await present_base(desk), desk.log.state.draft
    if base is None or draft is None:
        return "not_verified", "There is no draft yet.", ""
    changes = await propose(desk.store, base, draft)

    def check(stop: Stop) -> tuple[int, list[str]]:
        problems: list[str] = []
        looked = 0
        for change in changes:
            stop.check()
            if change.after is None or change.kind not in ("modify", "create"):
                continue
            after = desk.store.read_blob(bytes.fromhex(change.after.blob))
            before = None if change.before is None else desk.store.read_blob(bytes.fromhex(change.before.blob))
            looked += 1
            problems += (f"{change.path}: {problem}" for problem in newly_broken(change.path, before, after))
        return looked, problems

    looked, problems = await in_thread(check)
    if problems:
        return "failed", f"{len(problems)} places no longer parse.", "\n".join(problems)
    return "passed", f"No file that parsed is broken ({looked} looked at).", ""


async def _command(desk: Desk, call_id: CallId, gate: str, check: Check) -> Found:
    """Run on base and proposal alone: what else lies in the draft is put aside while it runs."""
    before = desk.draft.tree
    folder = desk.draft.folder.parent / "aside"
    aside = await put_aside(desk.draft, folder)
    try:
        if gate == "tests":
            found = await tests_gate(desk, call_id, check)
        else:
            result = await run_check(desk, call_id, check, desk.tools.roots[check.root].workspace_path)
            found = _as_looked(await judge(desk, call_id, gate, check, result))
    finally:
        try:
            await _undo_traces(desk, before)
        finally:
            await bring_back(desk.draft, folder, aside)
    if found.verdict != "passed" and aside:
        return replace(found, reason=f"{found.reason} {_not_in_proposal(desk, aside)}")
    return found


def _not_in_proposal(desk: Desk, aside: Sequence[PathInRoot]) -> str:
    names = [
        f"{desk.tools.roots[one.root].name}/{one.path}" if len(desk.tools.roots) > 1 else one.path for one in aside
    ]
    more = " …" if len(names) > SHOWN_ASIDE else ""
    return f"It ran without what is ignored and not in the proposal: {', '.join(names[:SHOWN_ASIDE])}{more}"


async def run_check(desk: Desk, call_id: CallId, check: Check, folder: Path) -> CommandResult:
    """The check's command in the sandbox."""
    command = Command(
        run=check.command,
        cwd=folder,
        roots=mounted_roots(desk.tools),
        output_dir=desk.tools.output_dir,
        output_id=call_id,
        time_limit_seconds=TIME_LIMIT_SECONDS,
        kept_bytes=EVIDENCE_BYTES,
    )
    result = await desk.tools.sandbox.run(
        command,
        on_output=lambda _, text: desk.log.show(call_id, "text", text),
        on_usage=desk.measured.shower(desk.log, call_id),
    )
    desk.measured.add(result)
    return result


async def _undo_traces(desk: Desk, before: str) -> None:
    """A gate looks and leaves nothing: what its command wrote into the draft is taken back."""
    after = await desk.draft.checkpoint()
    if after.tree != before:
        await desk.draft.restore(before)


async def judge(desk: Desk, call_id: CallId, gate: str, check: Check, result: CommandResult) -> Found:
    """The verdict on the end of a command that is no run of tests."""
    output = output_of(result)
    if result.stopped_by is not None:
        return "not_verified", f"It was stopped ({result.stopped_by} limit) after {result.wall_seconds:.0f} s.", output
    if result.exit_code == 0:
        return "passed", f"`{check.command}` succeeded.", output
    named = missing_tool(output)
    if result.exit_code in EXIT_NOT_FOUND or (named and named in check.command):
        return (
            "not_verified",
            f"{named or check.command.split()[0]} is not installed in the project's environment.",
            output,
        )
    if gate in CHECKED:
        return await _checked(desk, call_id, gate, check, result)
    return "failed", f"`{check.command}` ended with exit code {result.exit_code}.", output


async def _checked(desk: Desk, call_id: CallId, gate: str, check: Check, result: CommandResult) -> Found:
    """The verdict on a linter, formatter or type checker that found something."""
    output = output_of(result)
    plain = f"`{check.command}` ended with exit code {result.exit_code}."
    before = await output_before(desk, call_id, check)
    if before is None or before.passed:
        known = compare_checks(gate, str(desk.tools.roots[check.root].workspace_path), output, None)
        return replace(known, evidence=output) if known else ("failed", plain, output)
    whole = before.whole and not (result.stdout.omitted_lines or result.stderr.omitted_lines)
    looked = compare_checks(gate, str(desk.tools.roots[check.root].workspace_path), output, before.output)
    if looked is None or not whole:
        why = "its output is too long to compare" if looked else "what is new cannot be told from its output"
        return "not_verified", f"It fails on the base as well, and {why}.", output
    return looked
