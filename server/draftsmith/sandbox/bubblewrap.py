"""The bubblewrap adapter of the sandbox port (Linux and WSL).

No network, no capabilities, own processes, the drafts as the only lasting place to write. It never runs a command
unconfined: without bubblewrap or user namespaces it refuses.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from draftsmith.domain.errors import AdapterError, ModelMistake, UserError
from draftsmith.platform.processes import start
from draftsmith.ports.sandbox import Command, CommandResult, OnOutput, SandboxProbe
from draftsmith.sandbox.launch import CONFINE, Launch
from draftsmith.sandbox.mounts import View, sandbox_view
from draftsmith.sandbox.running import ConfinedRun
from draftsmith.sandbox.toolchains import Toolchains, find_toolchains

_PROBE_SECONDS = 10.0
_NAMESPACE_SIGNS = (b"namespace", b"uid map", b"Operation not permitted", b"Permission denied", b"No permissions")
_NO_NAMESPACES = (
    "Allow user namespaces: `sudo sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu 24.04 and later"
    " `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` or an AppArmor profile for bwrap; in a container"
    " start it with `--security-opt seccomp=unconfined`."
)
_NO_ENGINE = "Install bubblewrap: `apt-get install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`."


class BubblewrapSandbox:
    """Runs each command in a fresh bubblewrap. `environ` is where PATH, HOME and the language are read from; of it
    only an allow-list reaches the command."""

    def __init__(self, *, environ: Mapping[str, str] | None = None) -> None:
        self._environ = dict(os.environ if environ is None else environ)

    async def probe(self) -> SandboxProbe:
        """See the port."""
        engine = self._engine()
        if engine is None:
            return SandboxProbe(usable=False, engine="bubblewrap", reason=_why_no_engine(), remedy=_NO_ENGINE)
        version = (await self._try([engine, "--version"]))[1].decode("utf-8", "replace").split()
        code, _, errors = await self._try(
            [engine, *CONFINE, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
        )
        usable = code == 0
        return SandboxProbe(
            usable=usable,
            engine="bubblewrap",
            version=version[-1] if version else "",
            reason="" if usable else errors.decode("utf-8", "replace").strip()[:500],
            remedy="" if usable else _NO_NAMESPACES,
        )

    async def run(
        self,
        command: Command,
        *,
        on_output: OnOutput | None = None,
        cancel: asyncio.Event | None = None,
    ) -> CommandResult:
        """See the port."""
        engine = self._engine()
        if engine is None:
            raise UserError(_why_no_engine(), code="sandbox_missing", remedy=_NO_ENGINE)
        toolchains, view = await asyncio.to_thread(self._prepare, command)
        launch = Launch(engine=engine, command=command, view=view, environment=self._environment(command, toolchains))
        result = await ConfinedRun(command, on_output, cancel).execute(launch)
        if result.exit_code == 1 and result.stderr.head.startswith("bwrap: "):
            await self._refuse_if_broken(launch, result)
        return result

    def _engine(self) -> str | None:
        return shutil.which("bwrap", path=self._environ.get("PATH", os.defpath)) if sys.platform == "linux" else None

    def _prepare(self, command: Command) -> tuple[Toolchains, View]:
        _require_folder(command)
        toolchains = find_toolchains(self._environ, command.roots)
        return toolchains, sandbox_view(command.roots, toolchains)

    def _environment(self, command: Command, toolchains: Toolchains) -> dict[str, str]:
        """An allow-list. Secrets of the user's environment never reach a command."""
        kept = {
            name: value for name, value in self._environ.items() if name in ("LANG", "TZ") or name.startswith("LC_")
        }
        return {
            "LANG": "C.UTF-8",
            **kept,
            **dict(toolchains.variables),
            "PATH": toolchains.path,
            "HOME": toolchains.home,
            "TMPDIR": "/tmp",  # noqa: S108  the sandbox's own
            "TERM": "dumb",
            "SHELL": "/bin/sh",
            "PAGER": "cat",
            "GIT_PAGER": "cat",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            # The folders that hold .git belong to the sandbox's maker, which git would call dubious.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            # Caches beside the sources would become part of a proposal where nothing ignores them.
            "PYTHONDONTWRITEBYTECODE": "1",
            # Output that is still in a buffer when a limit strikes would be lost.
            "PYTHONUNBUFFERED": "1",
            **dict(command.env),
        }

    async def _refuse_if_broken(self, launch: Launch, result: CommandResult) -> None:
        """The message looks like the engine's own; running nothing in the same place tells whether it is."""
        with launch.arguments(("true",)) as (argv, descriptors):
            code, _, errors = await self._try(argv, launch.environment, descriptors)
        if code == 0:
            return
        message = result.stderr.head.strip()[:500]
        if any(sign in errors for sign in _NAMESPACE_SIGNS) and not (await self.probe()).usable:
            raise UserError(f"The sandbox cannot start: {message}", code="sandbox_missing", remedy=_NO_NAMESPACES)
        raise AdapterError(
            f"The sandbox could not be set up: {message}",
            code="sandbox_failed",
            remedy="`draftsmith doctor` shows more.",
        )

    async def _try(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, descriptors: Sequence[int] = ()
    ) -> tuple[int, bytes, bytes]:
        """Run the engine for a moment: exit code (127 when it cannot be run), stdout, stderr."""
        try:
            process = await start(argv, env=environment or {"PATH": "/usr/bin:/bin"}, pass_fds=descriptors)
        except OSError as failure:
            return 127, b"", str(failure).encode()
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
                return (await process.wait()).returncode, out, err
        except TimeoutError:
            return 124, b"", b"no answer"
        finally:
            await process.kill_tree()
            process.close()


def _why_no_engine() -> str:
    if sys.platform != "linux":
        return "bubblewrap exists on Linux only."
    return "bubblewrap (`bwrap`) is not installed, and commands never run unconfined."


def _require_folder(command: Command) -> None:
    """The working folder must exist in the draft, or below a dependency folder."""
    for root in sorted(command.roots, key=lambda each: -len(each.workspace_path.parts)):
        if not command.cwd.is_relative_to(root.workspace_path) or ".." in command.cwd.parts:
            continue
        in_draft = root.draft_path / command.cwd.relative_to(root.workspace_path)
        shown = any(command.cwd.is_relative_to(folder) for folder in root.dependency_folders)
        if in_draft.is_dir() or (shown and command.cwd.is_dir()):
            return
        break
    raise ModelMistake(
        f"The working folder {command.cwd} does not exist in the draft.",
        code="bad_working_folder",
        remedy="Name an existing folder of the workspace.",
    )
