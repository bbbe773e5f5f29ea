"""Gates, findings, checkpoints, files, hunks and applies as clients see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import TreeId
from draftsmith.domain.proposal import Hunk, Proposal
from draftsmith.domain.session.events import (
    ApplyFinished,
    ApplyIntended,
    BaseRenewed,
    BaseTaken,
    CheckpointTaken,
    CritiqueFinished,
    DraftRestored,
    GateFinished,
    GateIntended,
    ProposalEdited,
    ProposalMade,
    SessionEvent,
)
from draftsmith.domain.session.state import Checkpoint, SessionState
from draftsmith.domain.testing import CaseOutcome, ComparedTests
from draftsmith.hub.projection.names import shown
from draftsmith.protocol.entities import (
    AnyEntity,
    ApplyEntity,
    CaseResult,
    CheckpointEntity,
    EntityKind,
    FileEntity,
    FindingEntity,
    GateEntity,
    HunkEntity,
    SuiteResult,
)

Held = Mapping[tuple[EntityKind, str], AnyEntity]


def changed(
    held: Held, before: SessionState, after: SessionState, envelope: Envelope[SessionEvent]
) -> Iterator[AnyEntity]:
    """Result entities that the event changed."""
    match envelope.event:
        case GateIntended() as event:
            yield _running_gate(event, envelope.version)
        case GateFinished() as event:
            yield _gate(event, envelope.version)
        case CritiqueFinished() as event:
            yield from _findings(event, envelope.version)
        case CheckpointTaken() | DraftRestored() | BaseTaken():
            yield _checkpoint(after.checkpoints[-1], after.base, envelope)
        case BaseRenewed(checkpoint_id=checkpoint_id, round_id=round_id):
            for point in after.checkpoints[-2:]:
                if point.checkpoint_id in (checkpoint_id, round_id):
                    base = before.base if point.checkpoint_id == checkpoint_id else after.base
                    yield _checkpoint(point, base, envelope)
        case ProposalMade(proposal=proposal) | ProposalEdited(proposal=proposal):
            yield from _files(proposal, envelope.version)
        case ApplyIntended() | ApplyFinished():
            yield from _applies(held, after, envelope)
        case _:
            pass
    yield from _hunks(before, after, envelope.version)


def superseded(held: Held, envelope: Envelope[SessionEvent]) -> list[tuple[EntityKind, str]]:
    """Files and hunks of the last proposal that a new one no longer has."""
    if not isinstance(envelope.event, ProposalMade | ProposalEdited):
        return []
    proposal = envelope.event.proposal
    kept: set[tuple[EntityKind, str]] = {("hunk", hunk.hunk_id) for hunk in proposal.hunks}
    kept |= {("file", f"{file.root}:{shown(file.path)}") for file in proposal.files}
    return [key for key in held if key[0] in ("hunk", "file") and key not in kept]


def _running_gate(event: GateIntended, version: int) -> GateEntity:
    return GateEntity(
        id=f"{event.task_id}:{event.gate}",
        version=version,
        ordinal=version,
        task_id=event.task_id,
        gate=event.gate,
        verdict="running",
        reason="",
        command=event.command,
        evidence="",
        evidence_document=None,
        duration_ms=0,
    )


def _gate(event: GateFinished, version: int) -> GateEntity:
    result = event.result
    return GateEntity(
        id=f"{event.task_id}:{result.gate}",
        version=version,
        ordinal=version,
        task_id=event.task_id,
        gate=result.gate,
        verdict=result.verdict,
        reason=result.reason,
        command=result.command,
        evidence=result.evidence.preview,
        evidence_document=result.evidence.document,
        duration_ms=result.duration_ms,
        tests=None if result.tests is None else _suite(result.tests),
    )


def _suite(tests: ComparedTests) -> SuiteResult:
    return SuiteResult(
        runner=tests.runner,
        summary=tests.describe(),
        passed=tests.counts.passed,
        failed=tests.counts.failed,
        errors=tests.counts.errors,
        skipped=tests.counts.skipped,
        compared=tests.compared,
        newly_failing=_cases(tests.newly_failing),
        newly_failing_count=tests.newly_failing_count,
        still_failing=_cases(tests.still_failing),
        still_failing_count=tests.still_failing_count,
        fixed=_cases(tests.fixed),
        fixed_count=tests.fixed_count,
        flaky=_cases(tests.flaky),
        flaky_count=tests.flaky_count,
        new_count=tests.new_count,
        gone=tests.gone,
        gone_count=tests.gone_count,
    )


def _cases(cases: tuple[CaseOutcome, ...]) -> tuple[CaseResult, ...]:
    return tuple(
        CaseResult(name=one.name, status=one.status, path=shown(one.path), line=one.line, message=one.message)
        for one in cases
    )


def _findings(event: CritiqueFinished, version: int) -> Iterator[FindingEntity]:
    for index, finding in enumerate(event.findings):
        yield FindingEntity(
            id=f"{event.task_id}:{version}:{index}",
            version=version,
            ordinal=version,
            task_id=event.task_id,
            path=finding.path,
            line=finding.line,
            severity=finding.severity,
            message=finding.message,
            remedy=finding.remedy,
            rule=finding.rule,
        )


def _checkpoint(point: Checkpoint, base: TreeId | None, envelope: Envelope[SessionEvent]) -> CheckpointEntity:
    return CheckpointEntity(
        id=point.checkpoint_id,
        version=envelope.version,
        ordinal=envelope.version,
        tree=point.tree,
        base=base or "",
        label=point.label,
        green=point.green,
        at=envelope.at,
    )


def _files(proposal: Proposal, version: int) -> Iterator[FileEntity]:
    for ordinal, file in enumerate(proposal.files):
        yield FileEntity(
            id=f"{file.root}:{shown(file.path)}",
            version=version,
            ordinal=ordinal,
            path=shown(file.path),
            root=file.root,
            change=file.change,
            hunks=file.hunks,
        )


def _hunks(before: SessionState, after: SessionState, version: int) -> Iterator[HunkEntity]:
    if after.proposal is None or before.proposal is after.proposal:
        return
    old = {hunk.hunk_id: hunk for hunk in before.proposal.hunks} if before.proposal else {}
    for ordinal, hunk in enumerate(after.proposal.hunks):
        if old.get(hunk.hunk_id) != hunk:
            yield _hunk(hunk, ordinal, version)


def _hunk(hunk: Hunk, ordinal: int, version: int) -> HunkEntity:
    return HunkEntity(
        id=hunk.hunk_id,
        version=version,
        ordinal=ordinal,
        path=shown(hunk.path),
        root=hunk.root,
        base_start=hunk.base_start,
        base_length=hunk.base_length,
        new_length=hunk.new_length,
        status=hunk.status,
        note=hunk.note,
    )


def _applies(held: Held, state: SessionState, envelope: Envelope[SessionEvent]) -> Iterator[ApplyEntity]:
    if isinstance(envelope.event, ApplyIntended):
        event = envelope.event
        yield ApplyEntity(
            id=event.apply_id,
            version=envelope.version,
            ordinal=envelope.version,
            hunks=event.hunks,
            state="writing",
            undoes=event.undoes,
            at=envelope.at,
        )
        return
    record = state.applies[-1]
    for apply_id, done in ((record.apply_id, "done"), (record.undoes, "undone")):
        entity = held.get(("apply", apply_id)) if apply_id else None
        if isinstance(entity, ApplyEntity):
            yield entity.model_copy(update={"version": envelope.version, "state": done})
