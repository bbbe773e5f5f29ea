"""The tools that run a command in the sandbox and page through what it wrote."""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path

from pydantic import Field

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.domain.escapes import without_escapes
from draftsmith.ports.sandbox import SPILL_BYTES, Command
from draftsmith.tools.command_result import (
    KEPT_BYTES,
    MAX_SECONDS,
    cut_command,
    finished,
    mounted_roots,
    working_folder,
)
from draftsmith.tools.ongoing import run_in_terminal
from draftsmith.tools.pages import (
    DEFAULT_PAGE_LINES,
    MAX_LINE_CHARACTERS,
    MAX_PAGE_BYTES,
    MAX_PAGE_LINES,
    page,
    page_note,
)
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

DEFAULT_SECONDS = 120
_OUTPUT_ID = re.compile(r"\A[A-Za-z0-9_-]{1,64}\.(stdout|stderr)\Z")


class RunCommand(Arguments):
    command: str = Field(min_length=1, description="a shell command line")
    cwd: str = Field(default=".", description="the folder to run it in")
    terminal: bool = Field(
        default=False, description="give it a terminal; when it waits for input, the call returns and send_input types"
    )
    timeout_seconds: int = Field(default=DEFAULT_SECONDS, ge=1, description=f"at most {MAX_SECONDS}")
    stdin: str | None = Field(
        default=None, description="text for the command's standard input, which is empty otherwise"
    )
    network: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="hosts that it has to reach, such as 'packages.example.org' or '*.example.org'; the user is asked",
    )


class ReadOutput(Arguments):
    output: str = Field(min_length=1, description="the name that run_command gave, for example 'c3f9a1.stdout'")
    start: int = Field(default=1, ge=1, description="first line, from 1")
    lines: int = Field(default=DEFAULT_PAGE_LINES, ge=1, description=f"how many lines, at most {MAX_PAGE_LINES}")


async def run_command(context: ToolContext, arguments: RunCommand) -> ToolResult:
    """Run a shell line in the sandbox."""
    if arguments.terminal:
        seconds = min(arguments.timeout_seconds, MAX_SECONDS)
        return await run_in_terminal(context, arguments.command, arguments.cwd, seconds)
    command = Command(
        run=arguments.command,
        cwd=working_folder(context, arguments.cwd),
        roots=mounted_roots(context),
        output_dir=context.output_dir,
        output_id=f"c{secrets.token_hex(4)}",
        stdin=None if arguments.stdin is None else arguments.stdin.encode("utf-8", "replace"),
        network_hosts=context.network_hosts,
        time_limit_seconds=min(arguments.timeout_seconds, MAX_SECONDS),
        kept_bytes=KEPT_BYTES,
    )
    result = await context.sandbox.run(
        command, on_output=context.on_output, on_usage=context.on_usage, cancel=context.cancel
    )
    return finished(result, command, f"run {cut_command(arguments.command)}")


async def read_output(context: ToolContext, arguments: ReadOutput) -> ToolResult:
    """A page of a command's complete output, or of what an earlier call answered."""
    if context.earlier is not None and (said := await context.earlier(arguments.output)) is not None:
        return _page(said, arguments)
    if not _OUTPUT_ID.match(arguments.output):
        raise ModelMistake(
            f"{arguments.output!r} is not the name of an output.",
            code="bad_output",
            remedy="Use the name that was given in place of the output, for example 'c3f9a1.stdout'.",
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
    return _page(text, arguments)


def _page(text: str, arguments: ReadOutput) -> ToolResult:
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
        "there and in /tmp, which is empty at every call; there is no network but to hosts that `network` names and "
        "the user allows, and the home folder is empty "
        "but for tool chains. Dependency folders (.venv, node_modules …) are there, read-only; the project's "
        f".venv/bin and node_modules/.bin come first on the PATH. .git is read-only. The time limit is "
        f"{DEFAULT_SECONDS} "
        f"s unless timeout_seconds says otherwise (at most {MAX_SECONDS}); background processes end with the "
        "command (start_process is for what has to go on). stdout and stderr are shown apart, of each the first and "
        f"last {KEPT_BYTES // 2:,} bytes "
        f"when it is longer than {KEPT_BYTES:,}, "
        f"cut at lines; read_output gives the rest. A command is stopped after {SPILL_BYTES:,} bytes of "
        "output. The result names the files that the command changed and that are proposed, and the ignored ones that "
        "are not."
    ),
    arguments=RunCommand,
    effect="command",
    title=lambda a: f"run {cut_command(a.command)}",
    execute=run_command,
)

READ_OUTPUT = Tool(
    name="read_output",
    description=(
        "Read lines of a command's complete output, when run_command showed only its beginning and end, or of an "
        "output that was left out of the conversation to make room. At "
        f"most {MAX_PAGE_LINES:,} lines ({DEFAULT_PAGE_LINES} unless asked) and {MAX_PAGE_BYTES:,} bytes an "
        f"answer; lines over {MAX_LINE_CHARACTERS:,} characters are cut and marked."
    ),
    arguments=ReadOutput,
    effect="read",
    title=lambda a: f"read output {a.output}",
    execute=read_output,
)
