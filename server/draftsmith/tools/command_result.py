"""A command's end and output in words, and what the command tools have in common. Nothing is run here."""

from __future__ import annotations

import signal as signals
from pathlib import Path

from draftsmith.domain.escapes import without_escapes
from draftsmith.domain.text import count
from draftsmith.ports.sandbox import Captured, Command, CommandResult, MountedRoot
from draftsmith.tools.paths import locate
from draftsmith.tools.tool import CommandMeta, ToolContext, ToolResult

MAX_SECONDS = 1_800
KEPT_BYTES = 16_000


def finished(result: CommandResult, command: Command, title: str) -> ToolResult:
    """A command that has ended, for the model."""
    return ToolResult(
        text=render(result, command),
        title=title,
        kind="limit" if result.stopped_by else "ok",
        code=f"command_{result.stopped_by}" if result.stopped_by else "",
        meta=command_meta(result, command),
    )


def command_meta(result: CommandResult, command: Command) -> CommandMeta:
    """How it ended, for whoever records it."""
    return CommandMeta(
        exit_code=result.exit_code,
        signal=result.signal,
        stopped_by=result.stopped_by,
        wall_seconds=result.wall_seconds,
        cpu_seconds=result.cpu_seconds,
        peak_memory_bytes=result.peak_memory_bytes,
        read_bytes=result.read_bytes,
        written_bytes=result.written_bytes,
        output_id=command.output_id,
        stdout=result.stdout,
        stderr=result.stderr,
    )


def working_folder(context: ToolContext, cwd: str) -> Path:
    """With several roots there is no folder above them in the draft; the first is meant by "."."""
    named = str(context.roots[0].workspace_path) if cwd.strip() in (".", "", "./") else cwd
    return locate(context, named).workspace_path


def mounted_roots(context: ToolContext) -> tuple[MountedRoot, ...]:
    """The context's roots as the sandbox takes them."""
    return tuple(
        MountedRoot(
            workspace_path=root.workspace_path,
            draft_path=root.draft_path,
            dependency_folders=root.dependency_folders,
            folders=root.folders,
            variables=root.variables,
        )
        for root in context.roots
    )


def render(result: CommandResult, command: Command) -> str:
    """A command's end and output as text for the model: stdout and stderr apart, nothing escaped."""
    parts = [ending(result, command)]
    for name, captured in (("stdout", result.stdout), ("stderr", result.stderr)):
        if captured.total_bytes == 0:
            parts.append(f"{name}: empty")
            continue
        parts += [
            f"--- {name}: {count(captured.total_lines, 'line')} ---",
            _shown(captured, f"{command.output_id}.{name}"),
        ]
    return "\n".join(parts)


def ending(result: CommandResult, command: Command) -> str:
    """How it ended, in words, with what to do about it."""
    seconds = f"{result.wall_seconds:.1f} s"
    match result.stopped_by:
        case "time":
            return (
                f"Stopped after {seconds}: the time limit of {command.time_limit_seconds:.0f} s was reached. "
                f"Pass a larger timeout_seconds (at most {MAX_SECONDS}) or run less at once."
            )
        case "idle":
            return f"Stopped after {seconds}: no output for {command.idle_seconds or 0:.0f} s."
        case "output":
            return f"Stopped after {seconds}: more than {command.output_limit_bytes:,} bytes of output."
        case "cpu":
            return (
                f"Stopped after {seconds}: it used more than {command.limits.cpu_seconds or 0:,.0f} s of processor "
                "time, all its processes together. Run less at once."
            )
        case "memory":
            limit = f"more than {_megabytes(memory)}" if (memory := command.limits.memory_bytes) else "too much memory"
            return (
                f"Stopped after {seconds}: it used {limit}, all its processes and /tmp together. Run with fewer "
                "processes at one time, or on less data."
            )
        case "processes":
            return (
                f"Stopped after {seconds}: it had as many processes and threads as it may have "
                f"({command.limits.processes or 0:,}). Start fewer at one time."
            )
        case "disk":
            return (
                f"Stopped after {seconds}: it wrote more than {_megabytes(command.limits.disk_bytes or 0)}, or the "
                "disk is nearly full. Write less, and remove what is not needed."
            )
        case "cancelled":
            return f"Stopped after {seconds}: the user cancelled it."
        case None:
            died = f" (died of {_signal_name(result.signal)}{_why(result.signal)})" if result.signal else ""
            return f"Exit code {result.exit_code}{died} after {seconds}."


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _why(signal: int) -> str:
    """What most likely sent it, where that can be told."""
    if signal == signals.SIGXFSZ:
        return ": a file became larger than it may be"
    return ": not by Draftsmith; perhaps the machine had no memory left" if signal == signals.SIGKILL else ""


def _signal_name(number: int) -> str:
    try:
        return signals.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shown(captured: Captured, output: str) -> str:
    beginning, end = without_escapes(captured.head), without_escapes(captured.tail)
    if captured.spilled is None:
        return beginning.rstrip("\n")
    head = beginning.count("\n")
    gap = (
        f"[… {captured.omitted_lines} lines ({captured.omitted_bytes:,} bytes) left out; the complete output: "
        f'read_output(output="{output}", start={head + 1})]'
    )
    return "\n".join([beginning.rstrip("\n"), gap, end.rstrip("\n")])


def cut_command(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= 100 else f"{line[:99]}…"
