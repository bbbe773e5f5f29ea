"""The tools for commands that go on between calls: servers that are started and stopped, programs that are typed to."""

from __future__ import annotations

import asyncio

from pydantic import Field

from draftsmith.domain.errors import ModelMistake
from draftsmith.ports.sandbox import RunningCommand
from draftsmith.tools.command_result import command_meta, cut_command, mounted_roots
from draftsmith.tools.ongoing import MAX_RUNNING, command_in, described, log_note, require_room, sizes
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

MAX_WAIT_SECONDS = 600


class StartProcess(Arguments):
    command: str = Field(min_length=1, description="a shell command line")
    cwd: str = Field(default=".", description="the folder to run it in")
    wait_for_port: int | None = Field(default=None, ge=1, le=65_535, description="return when this TCP port listens")
    wait_for_text: str | None = Field(
        default=None, min_length=1, max_length=500, description="return when a line of its output contains this"
    )
    wait_seconds: int = Field(default=30, ge=0, le=MAX_WAIT_SECONDS, description="return after this long at the latest")
    terminal: bool = Field(default=False, description="give it a terminal, which can be typed into by send_input")
    network: tuple[str, ...] = Field(
        default=(), max_length=20, description="hosts that it has to reach; the user is asked"
    )


class SendInput(Arguments):
    process: str = Field(min_length=1, description="the name that start_process or run_command gave")
    text: str = Field(
        default="", max_length=20_000, description="what to type; end it with \\n for Enter, \\u0003 is Ctrl-C"
    )
    end_of_input: bool = Field(default=False, description="close its input after the text (Ctrl-D)")
    wait_seconds: int = Field(default=20, ge=0, le=MAX_WAIT_SECONDS, description="wait this long for what it answers")


class StopProcess(Arguments):
    process: str = Field(min_length=1, description="the name that start_process or run_command gave")


async def start_process(context: ToolContext, arguments: StartProcess) -> ToolResult:
    """Start a command that goes on, and wait for what was asked."""
    require_room(context)
    command = command_in(context, arguments.command, arguments.cwd, terminal=arguments.terminal)
    started = await context.sandbox.start(command, on_output=context.on_output, on_usage=context.on_usage)
    try:
        awaited = await started.until(
            seconds=arguments.wait_seconds, port=arguments.wait_for_port, line=arguments.wait_for_text
        )
    except asyncio.CancelledError:
        await asyncio.shield(started.stop())
        raise
    title = f"start {cut_command(arguments.command)}"
    return await described(started, awaited, title, _wanted(arguments))


async def send_input(context: ToolContext, arguments: SendInput) -> ToolResult:
    """Type into a running command."""
    started = _find(context, arguments.process)
    before = await asyncio.to_thread(sizes, started.command)
    if arguments.text:
        await started.write(arguments.text.encode("utf-8", "replace"))
    if arguments.end_of_input:
        await started.close_input()
    awaited = await started.until(seconds=arguments.wait_seconds)
    return await described(started, awaited, f"type into {arguments.process}", "", before)


async def stop_process(context: ToolContext, arguments: StopProcess) -> ToolResult:
    """End a running command."""
    started = _find(context, arguments.process)
    had_ended = started.result is not None
    result = await started.stop()
    told = "It had ended before." if had_ended else "Stopped."
    told += f" {log_note(started.command)}"
    title = f"stop {arguments.process}"
    return ToolResult(text=told, title=title, meta=command_meta(result, started.command))


def _find(context: ToolContext, name: str) -> RunningCommand:
    known = context.sandbox.running(mounted_roots(context))
    found = next((each for each in known if each.command.output_id == name), None)
    if found is None:
        names = ", ".join(each.command.output_id for each in known if each.result is None) or "none"
        raise ModelMistake(
            f"There is no process {name!r}. Running: {names}.",
            code="no_such_process",
            remedy="Processes end with the runner, for example after a crash: start it again if it is needed.",
        )
    return found


def _wanted(arguments: StartProcess) -> str:
    wanted: list[str] = []
    if arguments.wait_for_port is not None:
        wanted.append(f"port {arguments.wait_for_port} listens")
    if arguments.wait_for_text is not None:
        wanted.append(f"its output contains {arguments.wait_for_text!r}")
    return " or ".join(wanted)


START_PROCESS = Tool(
    name="start_process",
    description=(
        "Start a command that goes on after the call, such as a development server, and wait until its port listens, "
        "its output contains a text, or wait_seconds are over. Later commands of this session reach its ports on "
        "127.0.0.1 and see the same draft. It is confined as run_command's commands are, ends with the session at the "
        f"latest, and at most {MAX_RUNNING} run at one time. read_output reads its log, send_input types into one "
        "with a terminal, stop_process ends it."
    ),
    arguments=StartProcess,
    effect="command",
    title=lambda a: f"start {cut_command(a.command)}",
    execute=start_process,
)

SEND_INPUT = Tool(
    name="send_input",
    description=(
        "Type into a process that runs in a terminal, then wait until it ends or waits for input again, or "
        "wait_seconds are over. Shows what it wrote since. Without text it only waits."
    ),
    arguments=SendInput,
    effect="command",
    title=lambda a: f"type into {a.process}",
    execute=send_input,
)

STOP_PROCESS = Tool(
    name="stop_process",
    description="End a process that start_process or run_command left running, with all that it started.",
    arguments=StopProcess,
    effect="command",
    title=lambda a: f"stop {a.process}",
    execute=stop_process,
)
