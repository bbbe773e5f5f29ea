"""What has to hold of a session however often it was killed, as a list of what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from draftsmith.domain.envelope import Envelope
from draftsmith.domain.session.events import (
    ApplyFinished,
    ApplyIntended,
    DecisionRequested,
    DecisionTaken,
    GateFinished,
    GateIntended,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ProposalMade,
    SessionEvent,
    SessionTakenUp,
    ToolCallFinished,
    ToolCallIntended,
)
from reliability import story
from reliability.crash import Ending


def defects(ending: Ending, reference: Ending, kills: int) -> list[str]:
    """Everything that differs from the session that nobody killed, beyond what a kill may cost."""
    found = [*_log(ending, reference), *_money(ending, kills), *_files(ending), *ending.left]
    if len(ending.struck) < kills:
        found.append(f"only {len(ending.struck)} of {kills} kills happened")
    if ending.proposal != reference.proposal:
        found.append(f"another proposal: {ending.proposal}")
    if _made(ending.events) != _made(reference.events):
        found.append("the proposal stands on other trees")
    if not ending.untouched:
        found.append("the user's files were changed before anything was accepted")
    if not ending.git_kept:
        found.append("the user's .git was changed")
    return found


def _made(events: Sequence[Envelope[SessionEvent]]) -> list[tuple[str, str, int]]:
    made = [one.event.proposal for one in events if isinstance(one.event, ProposalMade)]
    return [(one.base, one.tree, len(one.hunks)) for one in made]


def _log(ending: Ending, reference: Ending) -> list[str]:
    """No gap, every intent with one outcome, and the same course up to the proposal."""
    found: list[str] = []
    if [one.version for one in ending.events] != list(range(1, len(ending.events) + 1)):
        found.append("the log has gaps")
    intents: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    effects = {one.event.call_id for one in ending.events if isinstance(one.event, ToolCallIntended)}
    for envelope in ending.events:
        match envelope.event:
            case ModelCallIntended(call_id=name) | ToolCallIntended(call_id=name) | GateIntended(call_id=name):
                intents[name] += 1
            case ApplyIntended(apply_id=name):
                intents[name] += 1
            case ModelCallFinished(call_id=name) | ModelCallFailed(call_id=name) | GateFinished(call_id=name):
                outcomes[name] += 1
            case ApplyFinished(apply_id=name):
                outcomes[name] += 1
            case ToolCallFinished(call_id=name) if name in effects:
                outcomes[name] += 1
            case _:
                pass
    if intents != outcomes or set(intents.values()) != {1}:
        found.append(f"intents and outcomes do not match: {intents - outcomes} {outcomes - intents}")
    if _course(ending.events) != _course(reference.events):
        found.append(f"another course: {' '.join(_course(ending.events))}")
    return found


def _course(events: Sequence[Envelope[SessionEvent]]) -> list[str]:
    """Kinds of events up to the proposal, without what only a kill brings: take-overs, calls and keys asked again."""
    lost = {one.event.call_id for one in events if isinstance(one.event, ModelCallFailed)}
    keys: set[str] = set()
    course: list[str] = []
    for envelope in events:
        match envelope.event:
            case SessionTakenUp() | ModelCallFailed():
                continue
            case DecisionRequested(decision=decision) if decision.subject == "key":
                keys.add(decision.decision_id)
                continue
            case DecisionTaken(decision_id=decision_id) if decision_id in keys:
                continue
            case ModelCallIntended(call_id=call_id) if call_id in lost:
                continue
            case event:
                course.append(event.kind)
        if isinstance(envelope.event, ProposalMade):
            break
    return course


def _money(ending: Ending, kills: int) -> list[str]:
    """A lost call is charged what it had reserved, and is asked again at most once for each kill."""
    found: list[str] = []
    events = [one.event for one in ending.events]
    reserved = {one.call_id: one.reserved_nano_usd or 0 for one in events if isinstance(one, ModelCallIntended)}
    lost = [one for one in events if isinstance(one, ModelCallFailed)]
    if any(one.charged_nano_usd != reserved[one.call_id] or one.category != "interrupted" for one in lost):
        found.append(f"lost calls were not charged their reservation: {lost}")
    if len(lost) > kills:
        found.append(f"{len(lost)} calls were lost in {kills} kills")
    spent = sum(one.charged_nano_usd for one in lost)
    spent += sum(one.cost_nano_usd or 0 for one in events if isinstance(one, ModelCallFinished))
    for name, ledger in (("session", ending.ledger), ("day", ending.shared)):
        if ledger.reserved_nano_usd or ledger.spent_nano_usd != spent:
            found.append(f"the {name}'s ledger says {ledger}, the log {spent}")
    if not story.MODEL_CALLS <= ending.requests <= story.MODEL_CALLS + len(lost):
        found.append(f"the vendor was asked {ending.requests} times with {len(lost)} calls lost")
    return found


def _files(ending: Ending) -> list[str]:
    """Accepted once each, with everything that the user wrote meanwhile."""
    wanted = dict(story.AFTER)
    wanted["settings.ini"] = story.USER_LINE + wanted["settings.ini"]
    if ending.edited_during:
        wanted["settings.ini"] += story.LATER_LINE
    return [
        f"{name} is {ending.workspace.get(name)!r}"
        for name in sorted(wanted.keys() | ending.workspace.keys())
        if wanted.get(name) != ending.workspace.get(name)
    ]
