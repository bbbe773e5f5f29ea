"""Kill points: a process of ours ends itself, or its partner, by `kill -9` at one exact place of its work.

The product has no hooks for this. Its methods are wrapped here, in processes that only tests start: the hub's
appends and its writing of the user's files, the runner's appends, model calls, commands and edits.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Victim = Literal["hub", "runner", "both"]
Process = Literal["hub", "runner"]

PLAN, STRUCK, TRACE = "plan.json", "struck", "trace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """The `nth` time that a process comes to `place`, `victim` is killed; once for each session."""

    place: str
    nth: int
    victim: Victim

    def __str__(self) -> str:
        return f"{self.place} {self.nth} {self.victim}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What hub and runner of one session are told. `nursery` is the address that runners are forked from, if any;
    `reserve` is the money that every model call reserves, in billionths of a dollar, if not the real amount."""

    kills: tuple[Kill, ...] = ()
    nursery: str | None = None
    reserve: int | None = None
    trace: bool = False

    def write(self, folder: Path) -> None:
        (folder / PLAN).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Plan:
        fields = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        return cls(**{**fields, "kills": tuple(Kill(**one) for one in fields["kills"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A place that a process came by, and what it was about to do or had done there."""

    place: str
    nth: int
    doing: str


def passed(folder: Path) -> list[Passed]:
    """The places of a session run with `trace`, in order."""
    lines = (folder / TRACE).read_text(encoding="utf-8").splitlines()
    return [Passed(**json.loads(line)) for line in lines]


def struck(folder: Path) -> list[str]:
    """What was under way at the kills that really happened, in order."""
    return [
        (folder / f"{STRUCK}.{number}").read_text(encoding="utf-8")
        for number in range(10)
        if (folder / f"{STRUCK}.{number}").exists()
    ]


class Trap:
    """Counts the places that this process comes by, and strikes where the plan says so."""

    def __init__(self, folder: Path, process: Process) -> None:
        self.plan = Plan.read(folder)
        self._folder = folder
        self._process: Process = process
        self._counts: Counter[str] = Counter()
        (folder / f"{process}.pid").write_text(str(os.getpid()), encoding="ascii")

    def passing(self, place: str, doing: str = "") -> None:
        self._counts[place] += 1
        nth = self._counts[place]
        if self.plan.trace:
            with (self._folder / TRACE).open("a", encoding="utf-8") as trace:
                trace.write(json.dumps({"place": place, "nth": nth, "doing": doing}) + "\n")
        for number, kill in enumerate(self.plan.kills):
            # One after the other: the second kill of a plan counts from the processes that the first one made new.
            if (self._folder / f"{STRUCK}.{number}").exists():
                continue
            if (kill.place, kill.nth) == (place, nth):
                self._strike(number, kill.victim, doing)
            return

    def _strike(self, number: int, victim: Victim, doing: str) -> None:
        try:
            with (self._folder / f"{STRUCK}.{number}").open("x", encoding="utf-8") as mark:
                mark.write(doing)
        except FileExistsError:
            return
        other: Process = "runner" if self._process == "hub" else "hub"
        if victim in (other, "both"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((self._folder / f"{other}.pid").read_text(encoding="ascii")), signal.SIGKILL)
        if victim in (self._process, "both"):
            os.kill(os.getpid(), signal.SIGKILL)


def arm_hub(trap: Trap) -> None:
    """Traps around what the hub makes durable and what it writes to the user's files."""
    from draftsmith.hub import applying
    from draftsmith.store.event_store import SqlEventStore
    from draftsmith.workspace.userfiles import Place

    store, carry_out, replace, prepare = SqlEventStore.append, applying.carry_out, Place.replace, Place._prepare

    async def trapped_store(self: SqlEventStore, append: Any) -> None:
        doing = " + ".join(one.event.kind for one in append.envelopes)
        if doing:
            trap.passing("commit.before", doing)
        await store(self, append)
        if doing:
            trap.passing("commit.after", doing)

    async def trapped_carry_out(objects: Any, roots: Any, plan: Any) -> Any:
        doing = ", ".join(file.path for file in plan.files)
        trap.passing("apply.begun", doing)
        done = await carry_out(objects, roots, plan)
        trap.passing("apply.written", doing)
        return done

    def trapped_replace(self: Place, current: Any, after: Any, content: bytes) -> None:
        trap.passing("apply.file", os.fsdecode(self.name))
        replace(self, current, after, content)

    def trapped_prepare(self: Place, current: Any, after: Any, content: bytes) -> Any:
        ready = prepare(self, current, after, content)
        trap.passing("apply.prepared", os.fsdecode(self.name))
        return ready

    SqlEventStore.append = trapped_store
    applying.carry_out = trapped_carry_out
    Place.replace = trapped_replace
    Place._prepare = trapped_prepare


def arm_runner(trap: Trap) -> None:
    """Traps around what the runner sends, and in the middle of its effects."""
    from draftsmith.models.routing import RoutingGateway
    from draftsmith.pipeline import tool_calls
    from draftsmith.runner.channel import HubChannel
    from draftsmith.sandbox.bubblewrap import BubblewrapSandbox

    append, run, complete = HubChannel.append, BubblewrapSandbox.run, RoutingGateway.complete
    run_call = tool_calls.run_call

    async def trapped_append(self: HubChannel, *arguments: Any, **named: Any) -> int:
        doing = " + ".join(one.event.kind for one in arguments[2])
        trap.passing("send.before", doing)
        version = await append(self, *arguments, **named)
        trap.passing("send.after", doing)
        return version

    async def trapped_run(self: BubblewrapSandbox, command: Any, *, on_output: Any = None, **named: Any) -> Any:
        seen: list[str] = []

        def heard(stream: Any, text: str) -> None:
            if not seen:
                seen.append(text)
                trap.passing("command.running", str(command.run))
            if on_output is not None:
                on_output(stream, text)

        result = await run(self, command, on_output=heard, **named)
        trap.passing("command.ended", str(command.run))
        return result

    async def trapped_run_call(call: Any, context: Any) -> Any:
        result = await run_call(call, context)
        if call.tool.effect == "edit":
            trap.passing("edit.done", call.title)
        return result

    async def trapped_complete(self: RoutingGateway, request: Any, *, credentials: Any, on_delta: Any) -> Any:
        trap.passing("model.asking", request.role)
        begun: list[object] = []

        def heard(delta: Any) -> None:
            if not begun:
                begun.append(delta)
                trap.passing("model.answering", request.role)
            on_delta(delta)

        return await complete(self, request, credentials=credentials, on_delta=heard)

    HubChannel.append = trapped_append
    BubblewrapSandbox.run = trapped_run
    RoutingGateway.complete = trapped_complete
    tool_calls.run_call = trapped_run_call
    if trap.plan.reserve is not None:
        reserve = trap.plan.reserve
        RoutingGateway.worst_case_cost_nano_usd = lambda self, model, input_tokens, max_output_tokens: reserve
