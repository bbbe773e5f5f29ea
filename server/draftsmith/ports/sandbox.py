"""The port behind which a project's commands run, confined.

An adapter never falls back to running unconfined: what it cannot confine it refuses with `UserError`.
Policy (what may run without asking) is not decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

StreamName = Literal["stdout", "stderr"]
OnOutput = Callable[[StreamName, str], None]
"""Called in the event loop with each piece of decoded text in order; it must not block."""

StopReason = Literal["time", "idle", "output", "cancelled"]

KEPT_BYTES = 24_000
"""Default of the bytes kept of each stream: half from its head, half from its tail."""
SPILL_BYTES = 50_000_000
"""Default of the bytes of both streams together after which a command is stopped."""
TIME_LIMIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MountedRoot:
    """One workspace folder as the command sees it: the draft, at the workspace's own absolute path.

    `dependency_folders` are ignored folders of the workspace (`.venv`, `node_modules`, …) by their absolute
    workspace paths; they are shown read-only on top of the draft.
    """

    workspace_path: Path
    draft_path: Path
    dependency_folders: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. `run` is a shell line (str) or an argument vector (tuple); `cwd` is an absolute path in the
    workspace. `env` is added to the sandbox's own short environment and must hold no secret.

    `output_id` names the files below `output_dir` that receive the complete output once it is longer than
    what is kept: `<output_id>.stdout` and `<output_id>.stderr`. Limits are in seconds and bytes;
    `idle_seconds` is the time without any output.
    """

    run: str | tuple[str, ...]
    cwd: Path
    roots: tuple[MountedRoot, ...]
    output_dir: Path
    output_id: str
    env: tuple[tuple[str, str], ...] = ()
    stdin: bytes | None = None
    time_limit_seconds: float = TIME_LIMIT_SECONDS
    idle_seconds: float | None = None
    kept_bytes: int = KEPT_BYTES
    output_limit_bytes: int = SPILL_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One output stream as text. Up to `kept_bytes` it is whole in `head` and `tail` is empty; longer output
    is cut at line borders and stands complete in the file `spilled`. Invalid UTF-8 shows as U+FFFD."""

    head: str = ""
    tail: str = ""
    omitted_lines: int = 0
    omitted_bytes: int = 0
    total_lines: int = 0
    total_bytes: int = 0
    spilled: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """`exit_code` is None when a limit or the user stopped the command. `signal` is set when the command died
    of one, also by the shell's 128 + n. `peak_memory_bytes` is of the largest process, None when too small to
    be told apart from the process that started it. `notes` say what the command could not see or write."""

    exit_code: int | None
    signal: int | None = None
    stopped_by: StopReason | None = None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None = None
    stdout: Captured
    stderr: Captured
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProbe:
    """Whether the sandbox works here; if not, why, and what to do. `version` is the engine's own."""

    usable: bool
    engine: str
    version: str = ""
    reason: str = ""
    remedy: str = ""


class Sandbox(Protocol):
    """Runs commands with the draft as the only lasting place they can write, and without network."""

    async def probe(self) -> SandboxProbe:
        """Tries a harmless command for real. Never raises for a missing or forbidden engine."""
        ...

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """Returns when the command and everything it started are gone.

        Setting `cancel`, or cancelling the task, kills the whole tree at once. Raises `UserError`
        (`sandbox_missing`), `ModelMistake` (`bad_working_folder`) or `AdapterError` (`sandbox_failed`).
        """
        ...

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """A command in these roots is likely to come: what can be done before it is known is done in the background.

        Returns at once, raises nothing, runs nothing of the workspace's, and may be called as often as one likes.
        """
        ...

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """No command is likely to come in these roots (None: in any): nothing is kept ready for them any more."""
        ...
