"""One tool call as an effect: parsed, allowed, recorded before and after, the draft checkpointed with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from draftsmith.domain.errors import AdapterError, ModelMistake, UserError
from draftsmith.domain.ids import TreeId
from draftsmith.domain.session.events import (
    CommandUse,
    DriftNoticed,
    SessionEvent,
    SessionStopped,
    ToolCallFinished,
    ToolCallIntended,
    ToolOutcome,
)
from draftsmith.domain.session.state import PendingToolCall
from draftsmith.domain.text import hold
from draftsmith.pipeline.control_calls import control
from draftsmith.pipeline.desk import Desk
from draftsmith.pipeline.interruptible import Interrupted, interruptible
from draftsmith.pipeline.measured import Measured
from draftsmith.pipeline.permission import Permitted, Refused, permission
from draftsmith.pipeline.roles import TOOLS_OF
from draftsmith.pipeline.session_log import NotAppended
from draftsmith.pipeline.traces import traces
from draftsmith.platform.clock import now_ms
from draftsmith.tools.command import mounted_roots
from draftsmith.tools.paths import locate
from draftsmith.tools.registry import Call, parse_call, run_call
from draftsmith.tools.tool import CommandMeta, EditMeta, ToolContext, ToolResult
from draftsmith.workspace.draft import PathInRoot

TITLE_CHARACTERS = 200


async def run_tool(desk: Desk, pending: PendingToolCall) -> None:
    """Carries out a call that the model asked for, or refuses it in words that let the model repair it."""
    try:
        call = await _parsed(desk, pending)
    except ModelMistake as mistake:
        finish_call(desk, pending, "mistake", pending.request.name, str(mistake), code=mistake.code)
        return
    if call.tool.effect == "control":
        control(desk, pending, call.arguments, finish_call)
        return
    network: tuple[str, ...] = ()
    if call.tool.effect == "command":
        match permission(desk, pending, call):
            case None:
                return
            case Refused(words=words):
                finish_call(desk, pending, "denied", call.title, words, tree=pending.tree)
                return
            case Permitted(network=granted):
                network = granted
    try:
        if call.tool.effect == "read":
            await _read(desk, pending, call)
        else:
            await _effect(desk, pending, call, network)
    except NotAppended:
        raise
    except (UserError, AdapterError) as error:
        if error.code == "hub_gone":
            raise
        # Something the user has to mend, such as a missing sandbox or a full disk: no other call can do better.
        way_on = f"{error.remedy} Then `draftsmith resume`.".strip()
        stopped = SessionStopped(category="environment", reason=error.message, way_on=way_on)
        tree = _tree_if_begun(desk, pending)
        finish_call(desk, pending, "failed", call.title, str(error), tree=tree, extra=(stopped,))


def _tree_if_begun(desk: Desk, pending: PendingToolCall) -> TreeId | None:
    """The draft as it was before the effect, when its intent is in the log."""
    open_calls = {call.request.call_id: call for call in desk.log.state.tool_calls}
    found = open_calls.get(pending.request.call_id)
    return found.tree if found else None


async def _parsed(desk: Desk, pending: PendingToolCall) -> Call:
    name = pending.request.name
    if name not in TOOLS_OF[pending.role]:
        raise ModelMistake(
            f"There is no tool {name!r} here.",
            code="unknown_tool",
            remedy=f"The tools are: {', '.join(TOOLS_OF[pending.role])}.",
        )
    return parse_call(name, await desk.whole(pending.request.arguments))


async def _read(desk: Desk, pending: PendingToolCall, call: Call) -> None:
    begun = now_ms()
    try:
        context = replace(desk.tools, earlier=_earlier(desk))
        result = await interruptible(desk.log, run_call(call, context))
    except Interrupted:
        finish_call(desk, pending, "interrupted", call.title, "The session was ended.")
        return
    _finish(desk, pending, result, begun=begun)


async def _effect(desk: Desk, pending: PendingToolCall, call: Call, network: tuple[str, ...]) -> None:
    """An edit or a command. The draft's tree is in the intent and in the outcome."""
    before = TreeId(desk.draft.tree)
    if pending.effect is None:
        effect: Literal["edit", "command"] = "edit" if call.tool.effect == "edit" else "command"
        confined = effect == "edit" or (desk.tools.sandbox.confines and not network)
        intent = ToolCallIntended(call_id=pending.request.call_id, effect=effect, tree=before, confined=confined)
        desk.log.stage(intent)
        if effect == "command":
            desk.tools.sandbox.stand_by(mounted_roots(desk.tools))
        await desk.log.flush()
    begun = now_ms()
    context = replace(
        desk.tools,
        on_output=_shower(desk, pending),
        on_usage=Measured.shower(desk.log, pending.request.call_id),
        network_hosts=network,
    )
    try:
        result = await interruptible(desk.log, run_call(call, context))
        tree, left = await _checkpoint(desk, context, result)
    except Interrupted:
        await desk.draft.restore(before)
        finish_call(desk, pending, "interrupted", call.title, "The session was ended.", tree=before)
        return
    except (UserError, AdapterError):
        await desk.draft.restore(before)
        raise
    # Said wherever the result is shown.
    if call.tool.effect == "command" and not context.sandbox.confines:
        result = replace(result, title=f"{result.title} (unconfined)")
    _finish(desk, pending, replace(result, text=result.text + left), begun=begun, tree=tree)


def _earlier(desk: Desk):
    """Outputs of earlier calls, which a shortened conversation leaves out."""

    async def read(call_id: str) -> str | None:
        text = desk.transcript.output(call_id)
        return None if text is None else await desk.whole(text)

    return read


def _shower(desk: Desk, pending: PendingToolCall):
    def show(_stream: str, text: str) -> None:
        desk.log.show(pending.request.call_id, "text", text)

    return show


def _used(result: ToolResult) -> CommandUse | None:
    if not isinstance(result.meta, CommandMeta):
        return None
    return CommandUse(
        wall_ms=round(result.meta.wall_seconds * 1000),
        cpu_ms=round(result.meta.cpu_seconds * 1000),
        peak_memory_bytes=result.meta.peak_memory_bytes,
        read_bytes=result.meta.read_bytes,
        written_bytes=result.meta.written_bytes,
        exit_code=result.meta.exit_code,
        stopped_by=result.meta.stopped_by or "",
    )


async def _checkpoint(desk: Desk, context: ToolContext, result: ToolResult) -> tuple[TreeId, str]:
    """The draft after the effect, and what a command left in it in words. An edit names its files, so that nothing
    else has to be looked at."""
    if isinstance(result.meta, EditMeta):
        touched = [_in_root(context, change.path) for change in result.meta.changes]
        return TreeId((await desk.draft.checkpoint(touched)).tree), ""
    before = desk.draft.tree
    taken = await desk.draft.checkpoint()
    return TreeId(taken.tree), await traces(desk, before, taken)


def _in_root(context: ToolContext, path: str) -> PathInRoot:
    place = locate(context, path)
    number = context.roots.index(place.root)
    return PathInRoot(root=number, path="/".join(place.parts))


def _finish(
    desk: Desk, pending: PendingToolCall, result: ToolResult, *, begun: int, tree: TreeId | None = None
) -> None:
    finish_call(
        desk,
        pending,
        result.kind,
        result.title,
        result.text,
        touched=result.touched,
        tree=tree,
        duration_ms=max(0, now_ms() - begun),
        code=result.code,
        used=_used(result),
    )
    _compare_with_recording(desk, pending, result)


def finish_call(
    desk: Desk,
    pending: PendingToolCall,
    outcome: ToolOutcome,
    title: str,
    text: str,
    *,
    touched: tuple[str, ...] = (),
    tree: TreeId | None = None,
    duration_ms: int = 0,
    code: str = "",
    used: CommandUse | None = None,
    extra: tuple[SessionEvent, ...] = (),
    documents: tuple[bytes, ...] = (),
) -> None:
    """Stages the outcome of a call; `tree` for calls with an effect only."""
    held, own = hold(_sayable(text))
    event = ToolCallFinished(
        call_id=pending.request.call_id,
        outcome=outcome,
        title=_sayable(title)[:TITLE_CHARACTERS],
        text=held,
        touched=touched,
        tree=tree,
        duration_ms=duration_ms,
        code=code,
        used=used,
    )
    desk.log.stage(event, *extra, documents=(*own, *documents))


def _sayable(text: str) -> str:
    """Text without lone surrogates, which neither vendors nor clients take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _compare_with_recording(desk: Desk, pending: PendingToolCall, result: ToolResult) -> None:
    expected = desk.model.expected_outcome if desk.model else None
    vendor_id = desk.vendor_ids.get(pending.request.call_id)
    if expected is None or vendor_id is None:
        return
    recorded = expected(vendor_id)
    if recorded is not None and recorded != result.kind:
        desk.log.stage(
            DriftNoticed(call_id=pending.request.call_id, recorded=recorded, seen=f"{result.kind}: {result.title}")
        )
