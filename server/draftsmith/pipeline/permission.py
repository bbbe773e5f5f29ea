"""Whether a command may run: its parsed view against the session's and the workspace's rules, and the user's answer.

The sandbox confines what is allowed, whatever stands here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from draftsmith.code.shell.view import view
from draftsmith.domain.decisions import Decision
from draftsmith.domain.ids import DecisionId
from draftsmith.domain.policy import (
    ANSWERS,
    OLD_YES,
    ONCE_ONLY,
    CommandView,
    Judgement,
    ProgramUse,
    RuleId,
    judge,
)
from draftsmith.domain.session.events import DecisionRequested
from draftsmith.domain.session.state import AnsweredDecision, PendingToolCall
from draftsmith.domain.text import hold
from draftsmith.pipeline.desk import Desk
from draftsmith.platform.clock import new_id
from draftsmith.tools.registry import Call
from draftsmith.tools.tool import DraftRoot

MOVING = ("cd", "pushd", "popd")
"""Programs after which a relative name means another file."""
ENDING = "stop_process"
"""The tool that only ends what was allowed before."""
CUT_SHORT = "Draftsmith ended in the middle of this command, which could reach out of the sandbox. Run it again?"
ALLOWED: tuple[str, ...] = ("once", "session", "workspace", OLD_YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """It may run now, and reach these hosts."""

    network: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """`words` tell the model what to make of it."""

    words: str


def permission(desk: Desk, pending: PendingToolCall, call: Call) -> Permitted | Refused | None:
    """None: the user has just been asked, and the call waits for the answer."""
    hosts = _hosts(call)
    if call.tool.name == ENDING:
        return Permitted()
    if pending.effect is not None and not pending.confined:
        return _again(desk, pending, call, hosts)
    if pending.effect is not None:
        return Permitted(network=hosts)  # confined, and repeated from the tree in its intent
    decision_id = DecisionId(f"d_{pending.request.call_id}")
    answered = _answer(desk, decision_id)
    if answered is not None:
        return Permitted(network=hosts) if answered.answer in ALLOWED else Refused(words=_denial(answered))
    found = judgement(desk, call)
    if found.effect == "allow":
        return Permitted(network=tuple(one for one in hosts if one in found.network) or hosts)
    if found.effect == "deny":
        return Refused(words=f"{found.reason} It was not run: do without it, or ask the user for another rule.")
    _ask(desk, pending, call, found, decision_id)
    return None


def _answer(desk: Desk, decision_id: DecisionId) -> AnsweredDecision | None:
    return next((one for one in desk.log.state.answered if one.decision_id == decision_id), None)


def _again(desk: Desk, pending: PendingToolCall, call: Call, hosts: tuple[str, ...]) -> Permitted | Refused | None:
    """A command that was not confined, or had network, was cut short by a crash: what it did outside of the draft is
    not known."""
    decision_id = DecisionId(f"r_{pending.request.call_id}_{desk.log.state.fence}")
    answered = _answer(desk, decision_id)
    if answered is not None and answered.answer in ALLOWED:
        return Permitted(network=hosts)
    if answered is not None:
        return Refused(words="It was cut short by a crash, and the user does not want it to be run again.")
    line = getattr(call.arguments, "command", call.title)
    words = (
        f"Draftsmith ended in the middle of this command, which could reach out of the sandbox. Run it again?\n{line}"
    )
    prompt, documents = hold(words)
    decision = Decision(
        decision_id=decision_id,
        subject="repeat_command",
        prompt=prompt,
        options=ONCE_ONLY,
        call_id=pending.request.call_id,
    )
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)
    return None


def judgement(desk: Desk, call: Call) -> Judgement:
    """What rules and defaults say of the call."""
    state = desk.log.state
    line = getattr(call.arguments, "command", None)
    seen = CommandView(uses=()) if not isinstance(line, str) else placed(view(line), _folder(call), desk.tools.roots)
    if state.autonomy == "suggest" and not seen.uses:
        seen = replace(seen, opaque=(*seen.opaque, "it runs something in the sandbox"))
    return judge(
        seen,
        state.rules,
        state.workspace_rules,
        asks=state.autonomy != "auto",
        asks_everything=state.autonomy == "suggest",
        wanted_hosts=_hosts(call),
    )


def _hosts(call: Call) -> tuple[str, ...]:
    found: object = getattr(call.arguments, "network", ())
    return found if isinstance(found, tuple) else ()  # pyright: ignore[reportUnknownVariableType] (an argument that is a tuple of names)


def _folder(call: Call) -> str:
    found: object = getattr(call.arguments, "cwd", ".")
    return found if isinstance(found, str) else "."


def placed(seen: CommandView, folder: str, roots: Sequence[DraftRoot]) -> CommandView:
    """The view with its paths as rules mean them: relative to the workspace's folder they are in, else absolute."""
    start = folder if folder.startswith("/") else posixpath.join(str(roots[0].workspace_path), folder)
    moved = any(one.program in MOVING for one in seen.uses)

    def path(name: str) -> str:
        if name.startswith("~"):
            return name
        whole = posixpath.normpath(posixpath.join(start, name))
        for root in roots:
            if Path(whole).is_relative_to(root.workspace_path):
                return str(Path(whole).relative_to(root.workspace_path))
        return whole

    def use(one: ProgramUse) -> ProgramUse:
        return replace(one, paths=tuple(map(path, one.paths)), unknown_paths=one.unknown_paths or moved)

    return replace(seen, uses=tuple(map(use, seen.uses)), writes=tuple(map(path, seen.writes)))


def _ask(desk: Desk, pending: PendingToolCall, call: Call, found: Judgement, decision_id: DecisionId) -> None:
    line = getattr(call.arguments, "command", None) or f"{call.title}\n{getattr(call.arguments, 'text', '')}".rstrip()
    parts = [f"May the agent run this command in the sandbox?\n{line}"]
    if desk.log.state.autonomy != "suggest" or _hosts(call):
        parts.append(f"It is asked because {found.reason}.")
    if found.grants:
        rules = ", ".join(f"`{rule.describe()}`" for rule in found.grants)
        parts.append(f"`session` and `workspace` let {rules} run without asking, there.")
    prompt, documents = hold("\n\n".join(parts))
    decision = Decision(
        decision_id=decision_id,
        subject="command",
        prompt=prompt,
        options=ANSWERS if found.grants else ONCE_ONLY,
        call_id=pending.request.call_id,
        grants=tuple(replace(rule, rule_id=RuleId(new_id("u"))) for rule in found.grants),
    )
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)


def _denial(answered: AnsweredDecision) -> str:
    said = f" They said: {answered.text.preview!r}." if answered.text.length else ""
    return f"The user does not want this command to be run: do without it.{said}"
