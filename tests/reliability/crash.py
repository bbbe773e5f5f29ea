"""One session with its processes, killed as planned and driven on to its end, and what is left of it afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import psutil

from draftsmith.client.connection import HubConnection
from draftsmith.client.endpoint import read_endpoint
from draftsmith.client.failures import HubLost, HubUnavailable
from draftsmith.domain.envelope import Envelope
from draftsmith.domain.ids import SessionId, ledger_stream, session_stream
from draftsmith.domain.ledger import LedgerEvent, LedgerState, evolve_ledger
from draftsmith.domain.session.events import SessionEvent
from draftsmith.platform.files import is_temporary
from draftsmith.store.event_store import SqlEventStore
from reliability import nursery, story
from reliability.killing import Kill, Passed, Plan, passed, struck
from reliability.user import Stuck, User
from vendor.server import VendorServer

TESTS = Path(__file__).parent.parent
START_SECONDS = 30.0
END_SECONDS = 120.0
LIGHT_MODEL, LIGHT_RESERVE = "openai_compatible/scripted", 7_000_000
"""The light gateway knows no price: every call reserves this, so that lost reservations show."""


class Process(Protocol):
    @property
    def ended(self) -> bool: ...
    async def wait(self) -> int: ...
    def kill(self) -> None: ...


class Plain:
    """A process started as usual."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def wait(self) -> int:
        return await self._process.wait()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


@dataclass(kw_only=True)
class Ending:
    """How a session ended. `left` are processes and files that should be gone."""

    events: list[Envelope[SessionEvent]]
    proposal: list[dict[str, Any]]
    untouched: bool
    workspace: dict[str, str]
    git_kept: bool
    requests: int
    ledger: LedgerState
    shared: LedgerState
    """The ledgers of days, taken together: what all sessions spent."""

    struck: list[str]
    left: list[str]
    edited_during: bool
    asked_for_key: bool
    seconds: float
    passed: list[Passed] = field(default_factory=list[Passed])


class Crash:
    """One session in `folder`, which must be new and empty. `nursery` forks its processes; without, they are plain."""

    def __init__(
        self,
        folder: Path,
        kills: Sequence[Kill] = (),
        *,
        nursery: str | None,
        model: str = LIGHT_MODEL,
        autonomy: str = "ask",
        key_when_asked: bool = False,
        trace: bool = False,
    ) -> None:
        self.folder = folder
        self._model = model
        self._autonomy = autonomy
        self._key_when_asked = key_when_asked
        self._nursery = nursery
        self._state = folder / "state"
        self._workspace = folder / "project"
        self._temporary = folder / "tmp"
        self._hub: Process | None = None
        self._user: User | None = None
        self._starts = 0
        self._edited_during = False
        for made in (self._temporary, folder / "home"):
            made.mkdir()
        story.make_workspace(self._workspace)
        reserve = LIGHT_RESERVE if model == LIGHT_MODEL else None
        Plan(kills=tuple(kills), nursery=nursery, reserve=reserve, trace=trace).write(folder)
        self._trace = trace

    async def run(self) -> Ending:
        """Raises Stuck, or AssertionError, with the end of the logs when the session cannot be ended."""
        begun = time.monotonic()
        git = story.everything_in(self._workspace / ".git")
        try:
            async with VendorServer(story.script()) as vendor, asyncio.timeout(END_SECONDS):
                user = self._user = User(
                    self._connect,
                    self._workspace,
                    model=self._model,
                    base_url=vendor.openai_url,
                    autonomy=self._autonomy,
                    waits_to_be_asked=self._key_when_asked,
                )
                held = await user.end()
                await self._stop()
                requests = vendor.count
        except (Stuck, TimeoutError) as stuck:
            raise Stuck(f"{stuck or 'It took too long.'}\n{self._logs()}") from stuck
        finally:
            if self._hub is not None and not self._hub.ended:
                self._hub.kill()
        events, ledger, shared = await self._log(SessionId(held.session_id))
        return Ending(
            events=events,
            proposal=user.proposal,
            untouched=user.untouched,
            workspace=self._files(),
            git_kept=story.everything_in(self._workspace / ".git") == git,
            requests=requests,
            ledger=ledger,
            shared=shared,
            struck=struck(self.folder),
            left=await self._left(),
            edited_during=self._edited_during,
            asked_for_key=user.asked_for_key,
            seconds=time.monotonic() - begun,
            passed=passed(self.folder) if self._trace else [],
        )

    # --- the hub ---

    async def _connect(self) -> HubConnection:
        """A connection as any client gets it: the hub that runs, or a new one when it is gone."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                if self._hub is None or self._hub.ended:
                    self._between_hubs()
                    self._hub = await self._start()
                endpoint = read_endpoint(self._state)
                if endpoint is not None:
                    with contextlib.suppress(HubUnavailable, HubLost):
                        return await HubConnection.open(endpoint, client="test")
                await asyncio.sleep(0.02)

    def _between_hubs(self) -> None:
        """While no hub runs, the user goes on with the file whose apply may be interrupted."""
        self._starts += 1
        if self._user is not None and self._user.edited and not self._edited_during:
            self._edited_during = True
            story.edit_during(self._workspace)

    async def _start(self) -> Process:
        arguments = ["--state-dir", str(self._state)]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self._temporary),
            "PYTHONPATH": str(TESTS),
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            # Titles and commit messages have crash tests of their own; here each call of the story is counted.
            "DRAFTSMITH_RUNNER_QUICK": "off",
        }
        output = self.folder / "hub.out"
        if self._nursery is not None:
            return await nursery.fork(self._nursery, "hub", arguments, environment, self.folder, output)
        with output.open("ab") as log:
            command = [sys.executable, "-m", "reliability.killable", "hub", *arguments]
            return Plain(
                await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environment,
                    cwd=self.folder,
                    start_new_session=True,
                )
            )

    async def _stop(self) -> None:
        """In order: the hub says that it ends, and ends well."""
        connection = await self._connect()
        with contextlib.suppress(HubLost):
            await connection.call(cast("Any", "hub/stop"), {}, dict)
        await connection.close()
        if self._hub is not None:
            code = await self._hub.wait()
            if code != 0:
                raise Stuck(f"The hub ended with code {code}.")

    # --- what is left ---

    async def _log(self, session_id: SessionId) -> tuple[list[Envelope[SessionEvent]], LedgerState, LedgerState]:
        store = await SqlEventStore.open(self._state / "hub" / "draftsmith.db", application_version="test")
        try:
            events = [one async for batch in store.read(session_stream(session_id)) for one in batch]
            ledger = await _folded(store, ledger_stream(f"session/{session_id}"))
            shared = await _folded(store, ledger_stream("day/"))
        finally:
            await store.close()
        return cast("list[Envelope[SessionEvent]]", events), ledger, shared

    def _files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self._workspace)): path.read_text(encoding="utf-8")
            for path in self._workspace.rglob("*")
            if ".git" not in path.relative_to(self._workspace).parts and not path.is_dir()
        }

    async def _left(self) -> list[str]:
        """Processes and mounts that name the session's folder, and temporary files."""
        for _ in range(100):  # what was told to end, or lost its hub, may need a moment
            if not self._processes():
                break
            await asyncio.sleep(0.1)
        mine = str(self.folder)
        found = [f"temporary file {path}" for path in self._temporary.rglob("*")]
        found += (f"unfinished file {path}" for path in self._state.rglob("*") if is_temporary(os.fsencode(path.name)))
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
        if mine in mounts:
            found.append(f"a mount of {mine}")
        return [*found, *self._processes()]

    def _processes(self) -> list[str]:
        """Living processes that have the session's folder among their arguments."""
        mine = str(self.folder)
        return [
            f"process {process.info['pid']}: {' '.join(process.info['cmdline'])[:200]}"
            for process in psutil.process_iter(["cmdline", "pid"])
            if any(mine in part for part in process.info["cmdline"] or ())
        ]

    def _logs(self) -> str:
        shown: list[str] = []
        for name in (
            "hub.out",
            "state/hub/logs/hub.log",
            "state/runner/logs/start.log",
            "state/runner/logs/runner.log",
        ):
            path = self.folder / name
            if path.exists():
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
                shown += [f"--- {name}", *(line[:600] for line in lines[-12:])]
        return "\n".join(shown)


async def _folded(store: SqlEventStore, prefix: str) -> LedgerState:
    """The ledgers whose streams begin so, as if they were one."""
    ledger = LedgerState()
    for stream in await store.streams(prefix):
        async for batch in store.read(stream):
            for one in batch:
                ledger = evolve_ledger(ledger, cast("LedgerEvent", one.event))
    return ledger
