"""What a tool is: typed arguments, an executor, a typed result, and what it may touch.

Tools know drafts and the sandbox port only; they decide no policy and write no log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from draftsmith.ports.code_index import CodeIndex
from draftsmith.ports.editor_diagnostics import EditorDiagnostics
from draftsmith.ports.sandbox import Captured, CommandResult, MountedFolder, OnOutput, OnUsage, Sandbox, StopReason

Effect = Literal["read", "edit", "command", "control"]
ResultKind = Literal["ok", "mistake", "failed", "limit"]


class Arguments(BaseModel):
    """Base of every tool's arguments: frozen, and unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRoot:
    """One workspace folder in the draft. `dependency_folders` are ignored folders of the workspace by their
    absolute workspace paths: readable, never writable. `folders` and `variables` are the sandbox's."""

    name: str
    workspace_path: Path
    draft_path: Path
    dependency_folders: tuple[Path, ...] = ()
    folders: tuple[MountedFolder, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a call works on. `output_dir` is a private folder outside the draft, on the same disk if possible:
    complete command outputs and files being written live there. `cancel` stops a running command. `index` is None
    where there is no index of code; `base` is the snapshot that the draft was made from; `editors` is None where no
    editor can be asked."""

    roots: tuple[DraftRoot, ...]
    sandbox: Sandbox
    output_dir: Path
    on_output: OnOutput | None = None
    on_usage: OnUsage | None = None
    on_result: Callable[[CommandResult], None] | None = None
    """Gets how each run of tests ended."""
    cancel: asyncio.Event | None = None
    index: CodeIndex | None = None
    base: str = ""
    network_hosts: tuple[str, ...] = ()
    """What this one call may reach, as the user allowed it."""
    editors: EditorDiagnostics | None = None
    earlier: Callable[[str], Awaitable[str | None]] | None = None
    """What an earlier call answered, by its id; None for an id that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file before and after, by SHA-256 of its bytes; None where there was or is no file."""

    path: str
    before_sha256: str | None
    after_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMeta:
    """`syntax_broken` holds the paths that could be parsed before the edit and no longer can."""

    changes: tuple[FileChange, ...] = ()
    syntax_broken: tuple[str, ...] = ()
    kind: Literal["edit"] = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMeta:
    """How a command ended; `output_id` is what `read_output` takes."""

    exit_code: int | None
    signal: int | None
    stopped_by: StopReason | None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None
    read_bytes: int | None
    written_bytes: int | None
    output_id: str
    stdout: Captured
    stderr: Captured
    kind: Literal["command"] = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """`text` is for the model, `title` one line for people. `touched` are paths as the model sees them.

    `mistake`: the model asked for something invalid; `failed`: rightly asked, could not be done;
    `limit`: a stated limit ended it. A command that ran to its own end is `ok` whatever its exit code.
    """

    text: str
    title: str
    kind: ResultKind = "ok"
    touched: tuple[str, ...] = ()
    meta: EditMeta | CommandMeta | None = None
    code: str = field(default="")
    """Stable code of the error when `kind` is not `ok`."""

    @property
    def ok(self) -> bool:
        return self.kind == "ok"


Execute = Callable[[ToolContext, Any], Awaitable[ToolResult]]
"""Takes the tool's own `Arguments` class; the registry pairs them, so the type is checked at `parse_call`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """`execute` is None for control tools: the pipeline acts on their arguments. `title` makes the line for people
    before the call runs. Raise `ModelMistake` or `ToolFailure` in an executor; `run_call` makes the result."""

    name: str
    description: str
    arguments: type[Arguments]
    effect: Effect
    title: Callable[[Any], str]
    execute: Execute | None = None
