"""The port behind which a project's commands run, confined.

An adapter never falls back to running unconfined: what it cannot confine it refuses with `UserError`.
Policy (what may run without asking, who may have network) is not decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

StreamName = Literal["stdout", "stderr"]
OnOutput = Callable[[StreamName, str], None]
"""Called in the event loop with each piece of decoded text in order; it must not block."""

StopReason = Literal["time", "idle", "output", "cancelled", "cpu", "memory", "processes", "disk"]
"""What ended a command before its own end. `cancelled` is a person's doing, or a `stop`."""

KEPT_BYTES = 24_000
"""Default of the bytes kept of each stream: half from its head, half from its tail."""
SPILL_BYTES = 50_000_000
"""Default of the bytes of both streams together after which a command is stopped."""
TIME_LIMIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MountedFolder:
    """A folder of the runner's own that shows at `path`: packages that were installed for the project, or a cache of
    downloads. It is no part of the draft, wherever it shows."""

    path: Path
    source: Path
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MountedRoot:
    """One workspace folder as the command sees it: the draft, at the workspace's own absolute path.

    `dependency_folders` are ignored folders of the workspace (`.venv`, `node_modules`, …) by their absolute
    workspace paths; they are shown read-only on top of the draft. `folders` are shown beside them, and `variables` are
    what every command needs to find them. Unconfined commands see none of these.
    """

    workspace_path: Path
    draft_path: Path
    dependency_folders: tuple[Path, ...] = ()
    folders: tuple[MountedFolder, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def environments(self) -> tuple[tuple[Path, Path], ...]:
        """Folders with what is installed for the project: where each shows, and where it is."""
        return (
            *((folder, folder) for folder in self.dependency_folders),
            *((one.path, one.source) for one in self.folders),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What all processes of one command may use together; only `open_files` is of each process. None: no limit.

    `memory_bytes` is what they hold at one time, 0 for three quarters of the machine's. `processes` counts threads.
    `disk_bytes` is what is written in the draft, and the size that one file may have; the private places (`/tmp`, the
    home folder) hold less anyway. An adapter holds each of them as exactly as its engine can: what is held exactly is
    refused to the command itself (no more processes, no more space), what is watched ends it within a second.
    """

    cpu_seconds: float | None = 7_200.0
    memory_bytes: int | None = 0
    processes: int | None = 2_048
    open_files: int | None = 16_384
    disk_bytes: int | None = 20_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalSize:
    rows: int = 24
    columns: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. `run` is a shell line (str) or an argument vector (tuple); `cwd` is an absolute path in the
    workspace. `env` is added to the sandbox's own short environment and must hold no secret.

    `output_id` names the files below `output_dir` that receive the complete output once it is longer than
    what is kept: `<output_id>.stdout` and `<output_id>.stderr`. Limits are in seconds and bytes;
    `idle_seconds` is the time without any output.

    `terminal` gives it a pseudo-terminal of its own as all three streams: everything it writes is `stdout` then, and
    `TERM` is `xterm-256color`. `network_hosts` are the hosts that it may reach over HTTP and HTTPS: names such as
    `docs.example.org`, `*.example.org` for all below a name, with `:port` for another port than 80 and 443; it reaches
    them through a proxy that the variables `HTTP_PROXY` and kin name, and reaches nothing else. No host: no network.
    """

    run: str | tuple[str, ...]
    cwd: Path
    roots: tuple[MountedRoot, ...]
    output_dir: Path
    output_id: str
    env: tuple[tuple[str, str], ...] = ()
    stdin: bytes | None = None
    terminal: TerminalSize | None = None
    network_hosts: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
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
class Usage:
    """What a command and all its processes have used so far; None where the adapter cannot tell.

    `memory_bytes` is now, `peak_memory_bytes` the most that was seen at one time: of all processes together where
    they were looked at (commands of some tenths of a second and more), else of the largest one. I/O is what went to
    and came from the disk, not what the system's cache answered.
    """

    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    processes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None


OnUsage = Callable[[Usage], None]
"""Called in the event loop about once a second while a command runs, not before its first second; must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """`exit_code` is None when a limit or the user stopped the command. `signal` is set when the command died
    of one, also by the shell's 128 + n. `peak_memory_bytes` is `Usage`'s, None when too small to
    be told apart from the process that started it. `notes` say what the command could not see or write, and which
    hosts it asked for and was refused."""

    exit_code: int | None
    signal: int | None = None
    stopped_by: StopReason | None = None
    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    stdout: Captured
    stderr: Captured
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProbe:
    """Whether the sandbox works here; if not, why, and what to do. `version` is the engine's own. `limits` are
    sentences on what holds each limit here and which are weaker. `confines` is `Sandbox.confines`."""

    usable: bool
    engine: str
    version: str = ""
    reason: str = ""
    remedy: str = ""
    limits: tuple[str, ...] = ()
    confines: bool = True


Awaited = Literal["ended", "input", "port", "line", "time"]
"""What a wait for a started command ended with: its end, that it waits to be typed to, that its port listens, that it
wrote the line, or none of it in the time given."""


class RunningCommand(Protocol):
    """A command that `Sandbox.start` began and that goes on between calls: a server, or something that is typed to.

    Its complete output is in its files below `output_dir` from the first byte on, so that it can be read in pages
    while it runs.
    """

    @property
    def command(self) -> Command: ...

    @property
    def result(self) -> CommandResult | None:
        """None while it runs."""
        ...

    async def until(self, *, seconds: float, port: int | None = None, line: str | None = None) -> Awaited:
        """Waits for the first of: its end (`ended`); something that listens on TCP `port` in its network (`port`);
        the plain text `line` within one line of either stream, looked for in all it wrote since it began (`line`);
        with a terminal, or standard input open, that it waits for input (`input`): it is blocked in reading it and has
        been quiet for a second, or watches it while nothing runs and has been quiet for three, or, where that cannot
        be seen, stands still behind an unfinished line for five; or
        `seconds` (`time`). Asked for `port` or `line`, it does not end for input before `seconds` are over."""
        ...

    async def write(self, data: bytes) -> None:
        """Types: to its terminal, or to its standard input. Waits at most some seconds for it to be taken.
        Raises ToolFailure (`not_typed`) when it has ended, was started without either, or does not read."""
        ...

    async def close_input(self) -> None:
        """The end of its standard input; with a terminal, its end-of-file character."""
        ...

    async def stop(self) -> CommandResult:
        """Ends all of it at once: `stopped_by` is `cancelled` unless it had ended before. May be called repeatedly."""
        ...


class Sandbox(Protocol):
    """Runs commands with the draft as the only lasting place they can write, and without network."""

    @property
    def confines(self) -> bool:
        """False where commands run with all that the user may do, network included: only what needs no confinement
        holds there (limits that are watched, streams, the end of what can be found of a command's processes)."""
        ...

    async def probe(self) -> SandboxProbe:
        """Tries a harmless command for real. Never raises for a missing or forbidden engine."""
        ...

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """Returns when the command and everything it started are gone.

        Setting `cancel`, or cancelling the task, kills the whole tree at once. Raises `UserError`
        (`sandbox_missing`), `ModelMistake` (`bad_working_folder`) or `AdapterError` (`sandbox_failed`).

        While a started command of the same roots runs, this one shares its loopback network: it reaches its ports.
        """
        ...

    async def start(
        self,
        command: Command,
        *,
        keep_input_open: bool = False,
        on_output: OnOutput | None = None,
        on_usage: OnUsage | None = None,
    ) -> RunningCommand:
        """Begins a command and returns as soon as it runs. Raises as `run` does.

        It ends by itself, by its limits (`time_limit_seconds` counts from its start), by its `stop`, by `end` for its
        roots, or with this process. `keep_input_open` leaves its standard input open for `write` after
        `command.stdin`; a terminal's always is.
        """
        ...

    def running(self, roots: tuple[MountedRoot, ...]) -> tuple[RunningCommand, ...]:
        """What was started in these roots, in order, also what has ended; forgotten by `end` only."""
        ...

    async def end(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """Ends what was started in these roots (None: in any) and forgets it; returns when all of it is gone."""
        ...

    async def clear_leftovers(self) -> int:
        """Ends and removes what an earlier process with the same folder left when it was killed; how many processes
        and containers that were. To be called once, before the first command."""
        ...

    def stand_by(self, roots: tuple[MountedRoot, ...]) -> None:
        """A command in these roots is likely to come: what can be done before it is known is done in the background.

        Returns at once, raises nothing, runs nothing of the workspace's, and may be called as often as one likes.
        """
        ...

    async def stand_down(self, roots: tuple[MountedRoot, ...] | None = None) -> None:
        """No command is likely to come in these roots (None: in any): nothing is kept ready for them any more."""
        ...
