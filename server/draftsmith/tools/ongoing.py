"""Commands that go on between calls, as the tools have them: how they are made, and what they did so far in words."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

from draftsmith.domain.errors import ModelMistake
from draftsmith.domain.escapes import without_escapes
from draftsmith.ports.sandbox import Awaited, Command, RunningCommand, TerminalSize
from draftsmith.tools.command_result import (
    KEPT_BYTES,
    command_meta,
    cut_command,
    ending,
    finished,
    mounted_roots,
    working_folder,
)
from draftsmith.tools.tool import ToolContext, ToolResult

PROCESS_SECONDS = 4 * 3_600
"""How long a started command may run; sessions seldom do."""
MAX_RUNNING = 8
_SHOWN_BYTES = 12_000


def command_in(context: ToolContext, line: str, cwd: str, *, terminal: bool) -> Command:
    """A command that goes on between calls."""
    return Command(
        run=line,
        cwd=working_folder(context, cwd),
        roots=mounted_roots(context),
        output_dir=context.output_dir,
        output_id=f"p{secrets.token_hex(4)}",
        terminal=TerminalSize() if terminal else None,
        network_hosts=context.network_hosts,
        time_limit_seconds=PROCESS_SECONDS,
        kept_bytes=KEPT_BYTES,
    )


def require_room(context: ToolContext) -> None:
    running = [each for each in context.sandbox.running(mounted_roots(context)) if each.result is None]
    if len(running) >= MAX_RUNNING:
        raise ModelMistake(
            f"{MAX_RUNNING} processes run already: {', '.join(each.command.output_id for each in running)}.",
            code="too_many_processes",
            remedy="Stop one with stop_process.",
        )


async def run_in_terminal(context: ToolContext, line: str, cwd: str, seconds: float) -> ToolResult:
    """`run_command` with a terminal: it comes back when the command ends, or waits to be typed to."""
    require_room(context)
    command = replace(command_in(context, line, cwd, terminal=True), time_limit_seconds=seconds)
    started = await context.sandbox.start(command, on_output=context.on_output, on_usage=context.on_usage)
    try:
        awaited = await started.until(seconds=seconds + 5)
        if awaited == "input":
            return await described(started, awaited, f"run {cut_command(line)}", "")
        result = started.result or await started.stop()
    except asyncio.CancelledError:
        await asyncio.shield(started.stop())
        raise
    return finished(result, command, f"run {cut_command(line)}")


async def described(
    started: RunningCommand, awaited: Awaited, title: str, wanted: str, before: tuple[int, int] = (0, 0)
) -> ToolResult:
    """What a command did so far, in words, with what it wrote since `before`."""
    name = started.command.output_id
    result = started.result
    match awaited:
        case "ended":
            said = f"It has ended. {ending(result, started.command)}" if result is not None else "It has ended."
        case "input":
            said = (
                f"Process {name} waits for input (waiting_for_input). Type with send_input(process={name!r}, "
                f"text='…\\n'), or end it with stop_process."
            )
        case "port" | "line":
            said = (
                f"Process {name} runs: {wanted if awaited == 'port' or ' or ' not in wanted else 'the text is there'}."
            )
        case "time":
            missing = f", but not yet: {wanted}" if wanted else ""
            said = f"Process {name} runs{missing}."
    shown = await asyncio.to_thread(_written, started.command, before)
    rest = [log_note(started.command)] if result is None else []
    return ToolResult(
        text="\n".join([said, *rest, *shown]),
        title=title,
        kind="limit" if result is not None and result.stopped_by else "ok",
        code=f"command_{result.stopped_by}" if result is not None and result.stopped_by else "",
        meta=command_meta(result, started.command) if result is not None else None,
    )


def log_note(command: Command) -> str:
    """How to read on."""
    stderr = "" if command.terminal is not None else f" and read_output(output='{command.output_id}.stderr')"
    return f"Its whole output: read_output(output='{command.output_id}.stdout'){stderr}."


def _files(command: Command) -> tuple[tuple[str, Path], ...]:
    names = ("stdout",) if command.terminal is not None else ("stdout", "stderr")
    return tuple((name, command.output_dir / f"{command.output_id}.{name}") for name in names)


def sizes(command: Command) -> tuple[int, int]:
    sizes = [path.stat().st_size if path.exists() else 0 for _, path in _files(command)]
    return (sizes[0], sizes[1] if len(sizes) > 1 else 0)


def _written(command: Command, before: tuple[int, int]) -> list[str]:
    """The end of what was written since."""
    parts: list[str] = []
    for (name, path), start in zip(_files(command), before, strict=False):
        if not path.exists():
            continue
        with path.open("rb") as file:
            size = file.seek(0, 2)
            at = max(start, size - _SHOWN_BYTES)
            file.seek(at)
            data = file.read(_SHOWN_BYTES)
        if not data:
            continue
        cut = f" (the last {len(data):,} bytes)" if at > start else ""
        parts += [f"--- {name}{cut} ---", without_escapes(data.decode("utf-8", "replace")).rstrip("\n")]
    return parts or ["It has written nothing."]
