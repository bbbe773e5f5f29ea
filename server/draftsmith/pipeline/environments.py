"""Making a project's environment as a step: once for each lock file and tool chain, in the sandbox, kept for later.

The user's folder is never touched. Network is had for hosts that a rule or the user granted, for this step alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import platform
import re
from dataclasses import dataclass, replace
from pathlib import Path

from draftsmith.code.facts.preparations import Preparation
from draftsmith.code.shell.view import view
from draftsmith.domain.decisions import Decision
from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import CallId, DecisionId
from draftsmith.domain.policy import ANSWERS, ONCE_ONLY, Judgement, RuleId, judge
from draftsmith.domain.session.events import (
    CommandUse,
    DecisionRequested,
    EnvironmentFinished,
    EnvironmentIntended,
    EnvironmentOutcome,
)
from draftsmith.domain.text import hold
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.measured import Measured, command_use
from draftsmith.pipeline.packages import Packages, Wanted
from draftsmith.pipeline.permission import ALLOWED, placed
from draftsmith.pipeline.suite_run import output_of
from draftsmith.platform.clock import new_id, now_ms
from draftsmith.ports.sandbox import Command, CommandResult, MountedFolder
from draftsmith.sandbox.environments import CACHE_FOLDER
from draftsmith.tools.command import mounted_roots
from draftsmith.tools.tool import DraftRoot, ToolContext

LOOK_SECONDS = 60.0
MAKE_SECONDS = 1_200.0
KEPT_BYTES = 24_000
NOBODY = "nowhere.invalid"
"""A host that there is not: with it a command has a proxy, which tells whom it asked for."""
NOT_FOUND = 127
_REFUSED = re.compile(r"^It asked for (\S+), which is not granted\.$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a try ended; `folder` is what commands are to see from now on."""

    outcome: EnvironmentOutcome
    reason: str
    key: str = ""
    hosts: tuple[str, ...] = ()
    output: str = ""
    used: CommandUse | None = None
    folder: Path | None = None


async def show_packages(desk: Desk) -> None:
    """Gives the session's commands the cache of its workspace, and what was made for it before."""
    packages = desk.packages
    if packages is None:
        return
    cache = await asyncio.to_thread(packages.store.cache, packages.workspace_id)
    shown = MountedFolder(path=Path(CACHE_FOLDER), source=cache, writable=True)
    _show(desk, 0, shown, packages.store.cache_variables)
    for known in desk.log.state.environments:
        wanted = packages.named(known.wanted)
        folder = packages.store.find(packages.workspace_id, known.key)
        if wanted is not None and folder is not None and known.outcome in ("made", "found"):
            _attach(desk, packages, wanted, folder)


async def prepare(desk: Desk, name: str) -> None:
    """One try for what stands under `name`, unless it has to be asked about first, or may not be."""
    packages = desk.packages
    wanted = packages.named(name) if packages is not None else None
    if wanted is None:
        return
    if desk.log.state.environment is not None:
        await finish_environment(desk)
        return
    preparation = wanted.preparation
    if preparation.lacking:
        _skip(desk, preparation, preparation.lacking)
        return
    known = next((one for one in desk.log.state.environments if one.wanted == name), None)
    hosts = known.hosts if known is not None else ()
    decision_id = DecisionId(f"n_{name[:16]}_{len(hosts)}")
    answered = next((one for one in desk.log.state.answered if one.decision_id == decision_id), None)
    network = hosts
    if answered is not None and answered.answer not in ALLOWED:
        _skip(desk, preparation, f"You did not want `{preparation.command}` to be run.")
        return
    if answered is None:
        found = _judged(desk, wanted, hosts)
        if found.effect == "deny":
            _skip(desk, preparation, _denied(preparation, found, hosts))
            return
        if found.effect == "ask":
            _ask(desk, preparation, found, hosts, decision_id)
            return
        network = tuple(dict.fromkeys((*hosts, *found.network)))
    intent = EnvironmentIntended(
        call_id=CallId(new_id("n")),
        wanted=name,
        name=preparation.name,
        command=preparation.command,
        network=network,
    )
    desk.log.stage(intent)
    await desk.log.flush()
    await finish_environment(desk)


async def finish_environment(desk: Desk) -> None:
    """The try itself, also one whose intent is in the log and whose outcome was lost: it only downloads."""
    under_way = desk.log.state.environment
    packages = desk.packages
    if under_way is None:
        return
    begun = now_ms()
    wanted = packages.named(under_way.wanted) if packages is not None else None
    if packages is None or wanted is None:
        ended = Ended(outcome="skipped", reason="It is not wanted any more.")
    else:
        try:
            ended = await interruptible(desk.log, _try(desk, packages, wanted, under_way.call_id, under_way.network))
        except Interrupted:
            ended = Ended(outcome="interrupted", reason="The session was ended while it was made.")
        except UserError as error:
            ended = Ended(outcome="failed", reason=str(error))
        if ended.folder is not None:
            before = mounted_roots(desk.tools)
            _attach(desk, packages, wanted, ended.folder)
            await desk.tools.sandbox.end(before)
            await desk.tools.sandbox.stand_down(before)
    text, documents = hold(ended.output)
    desk.log.stage(
        EnvironmentFinished(
            call_id=under_way.call_id,
            outcome=ended.outcome,
            reason=ended.reason,
            key=ended.key,
            hosts=ended.hosts,
            text=text,
            duration_ms=max(0, now_ms() - begun),
            used=ended.used,
        ),
        documents=documents,
    )


def _judged(desk: Desk, wanted: Wanted, hosts: tuple[str, ...]) -> Judgement:
    """Without network it runs as a gate does, unless a rule denies it; with network as any command of the agent's."""
    state = desk.log.state
    root = desk.tools.roots[wanted.root]
    seen = placed(view(wanted.preparation.command), str(root.workspace_path), desk.tools.roots)
    return judge(
        seen,
        state.rules,
        state.workspace_rules,
        asks=bool(hosts) and state.autonomy != "auto",
        asks_everything=bool(hosts) and state.autonomy == "suggest",
        wanted_hosts=hosts,
    )


def _denied(preparation: Preparation, found: Judgement, hosts: tuple[str, ...]) -> str:
    if not hosts:
        return found.reason
    program = " ".join(preparation.command.split()[:2])
    options = " ".join(f"--network {host}" for host in hosts)
    return (
        f"{found.reason} To have the packages of {preparation.lock} installed: "
        f"`draftsmith rules add allow {program} {options}`, or install them yourself."
    )


def _ask(
    desk: Desk, preparation: Preparation, found: Judgement, hosts: tuple[str, ...], decision_id: DecisionId
) -> None:
    parts = [f"May the packages of {preparation.lock} be installed for this session?\n{preparation.command}"]
    parts.append(f"It is asked because {found.reason}.")
    if hosts:
        parts.append(f"It reaches {', '.join(hosts)} and nothing else. Your folder is not changed.")
    if found.grants:
        rules = ", ".join(f"`{rule.describe()}`" for rule in found.grants)
        parts.append(f"`session` and `workspace` let {rules} run without asking, there.")
    prompt, documents = hold("\n\n".join(parts))
    decision = Decision(
        decision_id=decision_id,
        subject="command",
        prompt=prompt,
        options=ANSWERS if found.grants else ONCE_ONLY,
        grants=tuple(replace(rule, rule_id=RuleId(new_id("u"))) for rule in found.grants),
    )
    desk.log.stage(DecisionRequested(decision=decision), documents=documents)


def _skip(desk: Desk, preparation: Preparation, reason: str) -> None:
    """Says why nothing is made; the work goes on with what there is."""
    call_id = CallId(new_id("n"))
    desk.log.stage(
        EnvironmentIntended(
            call_id=call_id, wanted=preparation.wanted, name=preparation.name, command=preparation.command
        ),
        EnvironmentFinished(call_id=call_id, outcome="skipped", reason=reason),
    )


async def _try(desk: Desk, packages: Packages, wanted: Wanted, call_id: CallId, network: tuple[str, ...]) -> Ended:
    """In the base, from which what is wanted was read: what the agent changed since must not come into an environment
    that later sessions find under the same key."""
    own = desk.draft.tree
    try:
        if desk.tools.base not in ("", own):
            await desk.draft.restore(desk.tools.base)
        return await _tried(desk, packages, wanted, call_id, network)
    finally:
        if desk.draft.tree != own:
            await desk.draft.restore(own)


async def _tried(desk: Desk, packages: Packages, wanted: Wanted, call_id: CallId, network: tuple[str, ...]) -> Ended:
    """Looked at, found as it was made before, or made."""
    preparation = wanted.preparation
    line = f"command -v {preparation.program} >/dev/null || exit {NOT_FOUND}; {preparation.look}"
    looked = await _run(desk, desk.tools, wanted, call_id, line, LOOK_SECONDS)
    if looked.exit_code == NOT_FOUND:
        reason = (
            f"{preparation.lock} asks for {preparation.name}, and `{preparation.program}` is not installed here. "
            "Commands use what this machine has."
        )
        return Ended(outcome="skipped", reason=reason)
    if looked.exit_code != 0:
        return Ended(outcome="failed", reason=_failure(preparation.look, looked), output=output_of(looked))
    parts = (preparation.wanted, looked.stdout.head, platform.system(), platform.machine())
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
    if (folder := packages.store.find(packages.workspace_id, key)) is not None:
        reason = f"The packages of {preparation.lock} were installed before."
        return Ended(outcome="found", reason=reason, key=key, folder=folder)
    if preparation.has:
        there = await _run(desk, desk.tools, wanted, call_id, preparation.has, MAKE_SECONDS)
        if there.exit_code == 0:
            return Ended(outcome="skipped", reason=f"This machine has what {preparation.lock} names already.")
    async with packages.store.making(packages.workspace_id, key) as making:
        result = await _install(desk, wanted, call_id, making, network)
        if result.exit_code == 0:
            folder = packages.store.keep(making)
            await asyncio.to_thread(packages.store.remove_older, packages.workspace_id)
            return Ended(
                outcome="made",
                reason=f"`{preparation.command}` installed the packages of {preparation.lock}.",
                key=key,
                output=output_of(result),
                used=command_use(result),
                folder=folder,
            )
    return _unmade(preparation, result, key)


def _unmade(preparation: Preparation, result: CommandResult, key: str) -> Ended:
    asked = [found[1] for note in result.notes if (found := _REFUSED.match(note))]
    hosts = tuple(dict.fromkeys(one.removesuffix(":443").removesuffix(":80") for one in asked))
    reason = _failure(preparation.command, result)
    if hosts:
        reason = f"`{preparation.command}` wants to reach {', '.join(hosts)}."
    return Ended(
        outcome="wants_network" if hosts else "failed",
        reason=reason,
        key=key,
        hosts=hosts,
        output=output_of(result),
        used=command_use(result),
    )


async def _install(
    desk: Desk, wanted: Wanted, call_id: CallId, making: Path, network: tuple[str, ...]
) -> CommandResult:
    """The command with the empty folder to write to; what else it leaves in the draft is taken back."""
    preparation = wanted.preparation
    root = desk.tools.roots[wanted.root]
    shown = MountedFolder(path=_place(root, preparation), source=making, writable=True)
    roots = list(desk.tools.roots)
    roots[wanted.root] = _with(root, shown, preparation.variables)
    context = replace(desk.tools, roots=tuple(roots))
    before = desk.draft.tree

    async def run(hosts: tuple[str, ...]) -> CommandResult:
        return await _run(desk, context, wanted, call_id, preparation.command, MAKE_SECONDS, hosts)

    try:
        try:
            return await run(network or (NOBODY,))
        except UserError:
            # This sandbox cannot grant hosts here: what needs none still works.
            if network:
                raise
            return await run(())
    finally:
        await desk.tools.sandbox.end(mounted_roots(context))
        await desk.tools.sandbox.stand_down(mounted_roots(context))
        if (await desk.draft.checkpoint()).tree != before:
            await desk.draft.restore(before)


async def _run(
    desk: Desk,
    context: ToolContext,
    wanted: Wanted,
    call_id: CallId,
    line: str,
    seconds: float,
    hosts: tuple[str, ...] = (),
) -> CommandResult:
    command = Command(
        run=line,
        cwd=context.roots[wanted.root].workspace_path,
        roots=mounted_roots(context),
        output_dir=context.output_dir,
        output_id=call_id,
        env=wanted.preparation.once,
        network_hosts=hosts,
        time_limit_seconds=seconds,
        kept_bytes=KEPT_BYTES,
    )
    return await context.sandbox.run(
        command,
        on_output=lambda _, text: desk.log.show(call_id, "text", text),
        on_usage=Measured.shower(desk.log, call_id),
    )


def _failure(command: str, result: CommandResult) -> str:
    if result.stopped_by is not None:
        return f"`{command}` was stopped ({result.stopped_by} limit) after {result.wall_seconds:.0f} s."
    return f"`{command}` ended with exit code {result.exit_code}."


def _place(root: DraftRoot, preparation: Preparation) -> Path:
    return root.workspace_path / preparation.makes  # an absolute one stays what it is


def _attach(desk: Desk, packages: Packages, wanted: Wanted, folder: Path) -> None:
    root = desk.tools.roots[wanted.root]
    shown = MountedFolder(path=_place(root, wanted.preparation), source=folder)
    _show(desk, wanted.root, shown, wanted.preparation.variables)
    packages.attached.add(wanted.preparation.wanted)


def _show(desk: Desk, number: int, shown: MountedFolder, variables: tuple[tuple[str, str], ...]) -> None:
    roots = list(desk.tools.roots)
    roots[number] = _with(roots[number], shown, variables)
    desk.tools = replace(desk.tools, roots=tuple(roots))


def _with(root: DraftRoot, shown: MountedFolder, variables: tuple[tuple[str, str], ...]) -> DraftRoot:
    others = tuple(one for one in root.folders if one.path != shown.path)
    return replace(
        root,
        folders=(*others, shown),
        variables=tuple((dict(root.variables) | dict(variables)).items()),
    )
