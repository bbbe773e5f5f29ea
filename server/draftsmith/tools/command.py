"""The tools that run a command in the sandbox and page through what it wrote."""

from __future__ import annotations

import asyncio
import re
import secrets
import signal as signals
from pathlib import Path

from pydantic import Field

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.domain.escapes import without_escapes
from draftsmith.domain.text import count
from draftsmith.ports.sandbox import SPILL_BYTES, Captured, Command, CommandResult, MountedRoot
from draftsmith.tools.pages import (
    DEFAULT_PAGE_LINES,
    MAX_LINE_CHARACTERS,
    MAX_PAGE_BYTES,
    MAX_PAGE_LINES,
    page,
    page_note,
)
from draftsmith.tools.paths import locate
from draftsmith.tools.tool import Arguments, CommandMeta, Tool, ToolContext, ToolResult

DEFAULT_SECONDS = 120
MAX_SECONDS = 1_800
KEPT_BYTES = 16_000
_OUTPUT_ID = re.compile(r"\A[A-Za-z0-9_-]{1,64}\.(stdout|stderr)\Z")


class RunCommand(Arguments):
    command: str = Field(min_length=1, description="a shell command line")
    cwd: str = Field(default=".", description="the folder to run it in")
    timeout_seconds: int = Field(default=DEFAULT_SECONDS, ge=1, description=f"at most {MAX_SECONDS}")
    stdin: str | None = Field(
        default=None, description="text for the command's standard input, which is empty otherwise"
    )


class ReadOutput(Arguments):
    output: str = Field(min_length=1, description="the name that run_command gave, for example 'c3f9a1.stdout'")
    start: int = Field(default=1, ge=1, description="first line, from 1")
    lines: int = Field(default=DEFAULT_PAGE_LINES, ge=1, description=f"how many lines, at most {MAX_PAGE_LINES}")


async def run_command(context: ToolContext, arguments: RunCommand) -> ToolResult:
    """Run a shell line in the sandbox."""
    place = locate(context, _folder(context, arguments.cwd))
    output_id = f"c{secrets.token_hex(4)}"
    command = Command(
        run=arguments.command,
        cwd=place.workspace_path,
        roots=mounted_roots(context),
        output_dir=context.output_dir,
        output_id=output_id,
        stdin=None if arguments.stdin is None else arguments.stdin.encode("utf-8", "replace"),
        time_limit_seconds=min(arguments.timeout_seconds, MAX_SECONDS),
        kept_bytes=KEPT_BYTES,
    )
    result = await context.sandbox.run(command, on_output=context.on_output, cancel=context.cancel)
    return ToolResult(
        text=render(result, command),
        title=f"run {_one_line(arguments.command)}",
        kind="limit" if result.stopped_by else "ok",
        code=f"command_{result.stopped_by}" if result.stopped_by else "",
        meta=CommandMeta(
            exit_code=result.exit_code,
            signal=result.signal,
            stopped_by=result.stopped_by,
            wall_seconds=result.wall_seconds,
            cpu_seconds=result.cpu_seconds,
            peak_memory_bytes=result.peak_memory_bytes,
            output_id=output_id,
            stdout=result.stdout,
            stderr=result.stderr,
        ),
    )


def _folder(context: ToolContext, cwd: str) -> str:
    """With several roots there is no folder above them in the draft; the first is meant by "."."""
    return str(context.roots[0].workspace_path) if cwd.strip() in (".", "", "./") else cwd


def mounted_roots(context: ToolContext) -> tuple[MountedRoot, ...]:
    """The context's roots as the sandbox takes them."""
    return tuple(
        MountedRoot(
            workspace_path=root.workspace_path,
            draft_path=root.draft_path,
            dependency_folders=root.dependency_folders,
        )
        for root in context.roots
    )


def render(result: CommandResult, command: Command) -> str:
    """A command's end and output as text for the model: stdout and stderr apart, nothing escaped."""
    parts = [_ending(result, command)]
    for name, captured in (("stdout", result.stdout), ("stderr", result.stderr)):
        if captured.total_bytes == 0:
            parts.append(f"{name}: empty")
            continue
        parts += [
            f"--- {name}: {count(captured.total_lines, 'line')} ---",
            _shown(captured, f"{command.output_id}.{name}"),
        ]
    return "\n".join(parts)


def _ending(result: CommandResult, command: Command) -> str:
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
        case "cancelled":
            return f"Stopped after {seconds}: the user cancelled it."
        case None:
            died = f" (died of {_signal_name(result.signal)})" if result.signal else ""
            return f"Exit code {result.exit_code}{died} after {seconds}."


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


def _one_line(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


async def read_output(context: ToolContext, arguments: ReadOutput) -> ToolResult:
    """A page of a command's complete output."""
    if not _OUTPUT_ID.match(arguments.output):
        raise ModelMistake(
            f"{arguments.output!r} is not the name of an output.",
            code="bad_output",
            remedy="Use the name that run_command gave, for example 'c3f9a1.stdout'.",
        )
    return await asyncio.to_thread(_read_output, context.output_dir / arguments.output, arguments)


def _read_output(path: Path, arguments: ReadOutput) -> ToolResult:
    try:
        text = without_escapes(path.read_bytes().decode("utf-8", "replace"))
    except FileNotFoundError as failure:
        raise ToolFailure(
            f"There is no complete output {arguments.output}.",
            code="no_such_output",
            remedy="Outputs that were shown whole are not kept, and others go when the runner changes: run it again.",
        ) from failure
    lines = text.removesuffix("\n").split("\n")
    if arguments.start > len(lines):
        raise ModelMistake(
            f"{arguments.output} has {len(lines)} lines; there is no line {arguments.start}.",
            code="no_such_line",
            remedy="Read from an earlier line.",
        )
    shown, last = page(lines, start=arguments.start, wanted=arguments.lines)
    return ToolResult(
        text="\n".join([page_note(arguments.output, start=arguments.start, last=last, total=len(lines)), *shown]),
        title=f"read output {arguments.output}",
    )


RUN_COMMAND = Tool(
    name="run_command",
    description=(
        "Run a bash command line in a sandbox. It sees the draft at the workspace's own path and may write "
        "there and in /tmp, which is empty at every call; there is no network, and the home folder is empty "
        "but for tool chains. Dependency folders (.venv, node_modules …) are there, read-only; the project's "
        f".venv/bin and node_modules/.bin come first on the PATH. .git is read-only. The time limit is "
        f"{DEFAULT_SECONDS} "
        f"s unless timeout_seconds says otherwise (at most {MAX_SECONDS}); background processes end with the "
        f"command. stdout and stderr are shown apart, of each the first and last {KEPT_BYTES // 2:,} bytes "
        f"when it is longer than {KEPT_BYTES:,}, "
        f"cut at lines; read_output gives the rest. A command is stopped after {SPILL_BYTES:,} bytes of "
        "output. The result names the files that the command changed and that are proposed, and the ignored ones that "
        "are not."
    ),
    arguments=RunCommand,
    effect="command",
    title=lambda a: f"run {_one_line(a.command)}",
    execute=run_command,
)

READ_OUTPUT = Tool(
    name="read_output",
    description=(
        "Read lines of a command's complete output, when run_command showed only its beginning and end. At "
        f"most {MAX_PAGE_LINES:,} lines ({DEFAULT_PAGE_LINES} unless asked) and {MAX_PAGE_BYTES:,} bytes an "
        f"answer; lines over {MAX_LINE_CHARACTERS:,} characters are cut and marked."
    ),
    arguments=ReadOutput,
    effect="read",
    title=lambda a: f"read output {a.output}",
    execute=read_output,
)
