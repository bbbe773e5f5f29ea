"""How tasks and sessions end: green checkpoint, rollback, proposal."""

from __future__ import annotations

from draftsmith.domain.ids import CheckpointId, TaskId, TreeId
from draftsmith.domain.session.events import (
    CheckpointTaken,
    DraftRestored,
    ErrorCategory,
    ProposalMade,
    SessionFinished,
    SessionStopped,
    TaskFinished,
)
from draftsmith.domain.session.state import SessionState
from draftsmith.domain.text import count, hold
from draftsmith.pipeline.describing import by_rule, describe
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.present_base import present_base
from draftsmith.platform.clock import new_id
from draftsmith.workspace.as_proposal import as_proposal
from draftsmith.workspace.changes import encode_changes
from draftsmith.workspace.proposal import propose as difference


def close_task(desk: Desk, task_id: TaskId) -> None:
    """A green checkpoint, and the task is done."""
    state = desk.log.state
    title = next(one.task.title for one in state.tasks if one.task.task_id == task_id)
    desk.log.stage(
        CheckpointTaken(
            checkpoint_id=CheckpointId(new_id("k")),
            tree=_tree(state),
            label=f"Done: {title}{_proved(state)}",
            green=True,
        ),
        TaskFinished(task_id=task_id, outcome="done"),
    )


def _proved(state: SessionState) -> str:
    """What the gates said of this state, for people who choose one to go back to."""
    said = [f"{one.gate} {one.verdict.replace('_', ' ')}" for one in state.gates if one.command or one.gate == "tests"]
    return f" ({', '.join(said)})" if said else ""


async def fail_task(desk: Desk, task_id: TaskId, reason: str) -> None:
    """Back to the last green checkpoint. What was tried stays as a checkpoint that is not green."""
    state = desk.log.state
    title = next(one.task.title for one in state.tasks if one.task.task_id == task_id)
    tried, green = _tree(state), state.green
    if green is not None and green.tree != tried:
        await desk.draft.restore(green.tree)
        desk.log.stage(
            DraftRestored(
                checkpoint_id=CheckpointId(new_id("k")),
                tree=green.tree,
                replaced=tried,
                reason=f"Task {title!r} was not finished: {reason}",
            )
        )
    desk.log.stage(TaskFinished(task_id=task_id, outcome="failed", reason=reason))


def _tree(state: SessionState) -> TreeId:
    if state.draft is None:
        raise ValueError("the session has no draft yet")
    return state.draft


async def propose(desk: Desk, *, extra: tuple[str, ...] = ()) -> None:
    """The proposal, or the end when there is nothing to propose. `extra` is said as not verified: a limit struck, so
    that no model is asked for a commit message."""
    state = desk.log.state
    base, tree = await present_base(desk), _tree(state)
    if base is None:
        raise ValueError("the session has no base yet")
    changes = await difference(desk.store, base, tree)
    failed = [task for task in state.tasks if task.status in ("failed", "skipped")]
    if not changes:
        _nothing_to_propose(desk, state, [task.reason for task in failed])
        return
    said = _summary(state)
    if extra:
        described = by_rule(state, said)
    else:
        described = await describe(desk, base, tree, said)
        now = desk.log.state
        if now.over or now.unread_messages or now.draft != tree:
            return  # somebody spoke or acted meanwhile: what comes next is decided anew
    document = encode_changes(changes)
    summary, documents = hold(said)
    message, message_documents = hold(described.commit_message)
    proposal = as_proposal(changes, base=base, tree=tree, document=document, summary=summary)
    verified, unverified = _evidence(state)
    unverified += [f"Task {task.task.title!r} was not done: {task.reason}" for task in failed]
    desk.log.stage(
        ProposalMade(
            proposal=proposal,
            verified=tuple(verified),
            unverified=(*unverified, *extra),
            title=described.title,
            commit_message=message,
            described_by=described.model,
        ),
        documents=(document, *documents, *message_documents),
    )


def _evidence(state: SessionState) -> tuple[list[str], list[str]]:
    """What was verified of the proposed state and what was not.

    Gates and review in the state are the last begun task's. When it failed they speak of what was rolled back.
    """
    begun = [task for task in state.tasks if task.status in ("done", "failed")]
    if begun and begun[-1].status == "failed":
        green = state.green
        return ([f"It is the last state whose gates did not fail: {green.label}"] if green else []), []
    verified = [f"{one.gate}: {one.reason}" for one in state.gates if one.verdict == "passed"]
    unverified = [f"{one.gate}: {one.reason}" for one in state.gates if one.verdict == "not_verified"]
    match state.critique_approved:
        case True:
            verified.append("review: approved")
        case False:
            unverified.append(f"review: not approved, {count(len(state.findings), 'open finding')}")
        case None:
            unverified.append("review: the reviewer came to no judgement")
    return verified, unverified


def _summary(state: SessionState) -> str:
    """What the coder said of each task that is in the proposal."""
    done = [task for task in state.tasks if task.status == "done"]
    if len(done) == 1:
        return done[0].report
    return "\n\n".join(f"{task.task.title}\n{task.report}" for task in done)


def _nothing_to_propose(desk: Desk, state: SessionState, reasons: list[str]) -> None:
    if reasons:
        category: ErrorCategory = "test" if "Gates failed" in reasons[0] else "stall"
        desk.log.stage(
            SessionStopped(
                category=category,
                reason=reasons[0],
                way_on="What was tried is kept: `draftsmith show` lists its checkpoints; send a message to go on.",
            )
        )
        return
    summary, documents = hold(_summary(state) or "Nothing had to be changed.")
    desk.log.stage(SessionFinished(summary=summary), documents=documents)
