"""The one registry of tools, and the way from a model's tool call to a result.

The pipeline calls `parse_call`, asks its policy by `tool.effect`, then `run_call`; control calls it acts on itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from draftsmith.domain.errors import ModelMistake, ToolFailure
from draftsmith.ports.models import ToolSpec
from draftsmith.tools.apply_patch import APPLY_PATCH
from draftsmith.tools.arguments import parse_arguments, plain_schema
from draftsmith.tools.change import DELETE, MOVE, WRITE
from draftsmith.tools.command import READ_OUTPUT, RUN_COMMAND
from draftsmith.tools.control import ASK_USER, FINISH, UPDATE_PLAN
from draftsmith.tools.diagnostics import DIAGNOSTICS
from draftsmith.tools.edit import EDIT
from draftsmith.tools.edit_lines import EDIT_LINES
from draftsmith.tools.files import LIST, READ
from draftsmith.tools.judging import BEGIN_WORK, SUBMIT_PLAN, SUBMIT_REVIEW
from draftsmith.tools.processes import SEND_INPUT, START_PROCESS, STOP_PROCESS
from draftsmith.tools.replace_symbol import REPLACE_SYMBOL
from draftsmith.tools.repo_map import REPO_MAP
from draftsmith.tools.search import SEARCH
from draftsmith.tools.symbols import SIMILAR, STRUCTURE, SYMBOLS, USES
from draftsmith.tools.tool import Arguments, Tool, ToolContext, ToolResult

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        LIST,
        READ,
        SEARCH,
        REPO_MAP,
        SYMBOLS,
        USES,
        SIMILAR,
        STRUCTURE,
        DIAGNOSTICS,
        EDIT,
        EDIT_LINES,
        REPLACE_SYMBOL,
        APPLY_PATCH,
        WRITE,
        DELETE,
        MOVE,
        RUN_COMMAND,
        READ_OUTPUT,
        START_PROCESS,
        SEND_INPUT,
        STOP_PROCESS,
        UPDATE_PLAN,
        ASK_USER,
        FINISH,
        BEGIN_WORK,
        SUBMIT_PLAN,
        SUBMIT_REVIEW,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A valid tool call: `arguments` is an instance of `tool.arguments`."""

    tool: Tool
    arguments: Arguments

    @property
    def title(self) -> str:
        """One line for people, known before the call runs."""
        return self.tool.title(self.arguments)


@cache  # written once for each role: making the schemas anew took most of a step's own time
@cache
def tool_specs(names: tuple[str, ...] | None = None) -> tuple[ToolSpec, ...]:
    """What a model is told of the tools, in a stable order so that prompt caches hold; those named in their order."""
    return tuple(
        ToolSpec(
            name=tool.name,
            description=tool.description,
            parameters=json.dumps(plain_schema(tool.arguments), ensure_ascii=False),
        )
        for tool in (TOOLS.values() if names is None else [TOOLS[name] for name in names])
    )


def parse_call(name: str, arguments: str) -> Call:
    """Raises `ModelMistake` (`unknown_tool`, `malformed_arguments`) with a text that lets the model repair it."""
    tool = TOOLS.get(name)
    if tool is None:
        raise ModelMistake(
            f"There is no tool {name!r}.", code="unknown_tool", remedy="The tools are: " + ", ".join(TOOLS) + "."
        )
    return Call(tool=tool, arguments=parse_arguments(tool.name, tool.arguments, arguments))


async def run_call(call: Call, context: ToolContext) -> ToolResult:
    """Run a call that is not a control call. Mistakes and failures come back as results; `UserError` (no sandbox),
    `AdapterError` and cancellation are raised."""
    if call.tool.execute is None:
        raise TypeError(f"{call.tool.name} is a control call; the pipeline acts on its arguments")
    try:
        return await call.tool.execute(context, call.arguments)
    except ModelMistake as error:
        return ToolResult(text=str(error), title=call.title, kind="mistake", code=error.code)
    except ToolFailure as error:
        return ToolResult(text=str(error), title=call.title, kind="failed", code=error.code)
