"""Sessions over endpoints that fail at random and bill as they like; what became of each, and whether it was right.

`python -m harness.chaos --sessions 200` runs it and prints the table of outcomes.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import os
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from e2e.hubs import RunningHub, Talk, running
from vendor.script import Asked, Behaviour, Script, ScriptedCall, ScriptedReply, ScriptedUsage
from vendor.server import ReceivedRequest, VendorServer

RATES = (0.4, 0.3, 0.2)
"""Of the calls that fail, by endpoint."""
FAULTS: tuple[Behaviour, ...] = (
    "http_429",
    "http_500",
    "http_529",
    "cut_stream",
    "early_end",
    "malformed_sse",
    "empty",
    "wrong_content_type",
    "invalid_tool_json",
    "unknown_tool",
)
MODEL = "openai_compatible/m"
INPUT_RATE, OUTPUT_RATE = 10**9, 10**8
"""Nano-dollars for a million tokens: a dollar in, a tenth of one out."""
AT_ONCE = 8
SESSION_SECONDS = 240.0
TIGHT = 40 * 10**6
"""Nano-dollars: some calls, and then the budget strikes."""
BUDGETS = (None, 10**9, TIGHT)
LINE = "a line that is added once\n"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a session. `wrong` is empty when all is as it has to be."""

    number: int
    ended: str
    budget: int | None
    billed: int
    wrong: tuple[str, ...]


@dataclass(kw_only=True)
class Report:
    seconds: float
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    faults: Counter[str] = field(default_factory=Counter[str])
    calls: int = 0
    limit: int = 0
    billed: int = 0

    @property
    def wrong(self) -> list[str]:
        found = [f"session {one.number}: {what}" for one in self.outcomes for what in one.wrong]
        over = self.billed > self.limit
        return [*found, f"{self.billed} nano-dollars were billed, {self.limit} allowed"] if over else found

    def table(self) -> str:
        """In Markdown."""
        ends = Counter(one.ended for one in self.outcomes)
        tight = [one for one in self.outcomes if one.budget is not None]
        rows = [
            ("sessions", str(len(self.outcomes))),
            *((f"… {ended}", str(number)) for ended, number in sorted(ends.items())),
            ("calls that reached an endpoint", f"{self.calls:,}"),
            ("… that failed or misled", f"{sum(self.faults.values()):,}"),
            *((f"… {fault}", f"{number:,}") for fault, number in sorted(self.faults.items())),
            ("sessions with a budget of their own", str(len(tight))),
            ("… that were billed more", str(sum(one.billed > (one.budget or 0) for one in tight))),
            ("billed of what all may spend", f"{self.billed / self.limit:.0%}"),
            ("lost sessions, effects done twice, budgets passed", str(len(self.wrong))),
        ]
        return "\n".join(["| what | number |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in rows)])


class Chaos(Script):
    """Answers by what the conversation holds, so that a call that is repeated gets the same reply; fails at random."""

    def __init__(self, seed: int, rate: float) -> None:
        super().__init__([])
        self._random = random.Random(seed)  # noqa: S311  (repeatable chance)
        self._rate = rate
        self.faults: Counter[str] = collections.Counter()

    def pick(self, asked: Asked) -> ScriptedReply | None:
        reply = replace(_right(asked), usage=self._bill(), chunk_size=8)
        if self._random.random() >= self._rate:
            return reply
        fault = self._random.choice(FAULTS)
        self.faults[fault] += 1
        return replace(reply, behaviour=fault, retry_after=0.1 if fault == "http_429" else None)

    def _bill(self) -> ScriptedUsage:
        """A quarter more than the request's size says, at times; at times without a word of it."""
        chance = self._random.random()
        return ScriptedUsage(factor=1.25 if chance < 0.4 else 1.0, dropped=chance > 0.8)


def _right(asked: Asked) -> ScriptedReply:
    if not asked.tools:
        return ScriptedReply(text='{"title": "Add a line", "subject": "Add a line", "body": ""}')
    if "begin_work" in asked.tools:
        return _call("begin_work", title="Add a line")
    if "submit_review" in asked.tools:
        return _call("submit_review", approved=True, summary="It is there.")
    answers = "\n".join(text for role, text in asked.messages if role in ("tool", "user"))
    if "1 place replaced" not in answers:
        return _call("edit", path="notes.txt", old="the end\n", new=f"{LINE}the end\n")
    if "Exit code" not in answers:
        return _call("run_command", command="echo once >> counted.txt")
    return _call("finish", summary="Added.")


def _call(name: str, **arguments: object) -> ScriptedReply:
    return ScriptedReply(text="I go on.", tool_calls=(ScriptedCall(name=name, arguments=arguments),))


async def run(sessions: int, *, seed: int, folder: Path, limit: int) -> Report:
    """Runs so many sessions, some at once; `limit` is what they may spend together, in nano-dollars."""
    begun = time.monotonic()
    scripts = [Chaos(seed + number, rate) for number, rate in enumerate(RATES)]
    async with contextlib.AsyncExitStack() as stack:
        vendors = [await stack.enter_async_context(VendorServer(one, models=("m",))) for one in scripts]
        environment = {**os.environ, "DRAFTSMITH_RUNNER_QUICK": "on"}
        hub = stack.enter_context(running(folder / "state", environment=environment))
        talk = await stack.enter_async_context(hub.connected())
        await _set_up(talk, vendors, limit)
        chance = random.Random(seed)  # noqa: S311  (repeatable chance)
        plans = [(number, chance.choice(BUDGETS), chance.random() < 0.1) for number in range(sessions)]
        free = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, budget: int | None, cancelled: bool) -> tuple[str, tuple[str, ...]]:
            async with free:
                return await _session(hub, folder / f"ws{number}x", budget, cancelled=cancelled)

        ended = await asyncio.gather(*(one(*plan) for plan in plans))
        requests = [request for vendor in vendors for request in vendor.requests]
    bills = _bills(requests)
    report = Report(seconds=time.monotonic() - begun, calls=len(requests), limit=limit, billed=sum(bills.values()))
    for script in scripts:
        report.faults += script.faults
    for (number, budget, _), (end, wrong) in zip(plans, ended, strict=True):
        billed = bills[number]
        if budget is not None and billed > budget:
            wrong = (*wrong, f"billed {billed}, allowed {budget}")
        report.outcomes.append(Outcome(number=number, ended=end, budget=budget, billed=billed, wrong=wrong))
    return report


async def _set_up(talk: Talk, vendors: Sequence[VendorServer], limit: int) -> None:
    for number, vendor in enumerate(vendors):
        endpoint = {"name": f"e{number}", "base_url": vendor.openai_url, "models": ["m"]}
        await talk.call("models/endpoint", endpoint)
    facts = {"input_rate": INPUT_RATE, "output_rate": OUTPUT_RATE}
    await talk.call("models/facts", {"model": MODEL, "facts": facts})
    await talk.call("models/limit", {"scope": "day", "label": "", "limit_nano_usd": limit})


async def _session(
    hub: RunningHub, workspace: Path, budget: int | None, *, cancelled: bool
) -> tuple[str, tuple[str, ...]]:
    workspace.mkdir(parents=True)
    (workspace / "notes.txt").write_text("the beginning\nthe end\n", "utf-8")
    async with hub.connected() as talk:
        limits = {} if budget is None else {"nano_usd": budget}
        request = f"Add a line (/{workspace.name})"  # so that a bill can be told from others also by that alone
        session_id = await talk.start(workspace, request=request, model="", limits=limits)
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                if cancelled:
                    await _calls(talk, session_id, 2)
                    with contextlib.suppress(Exception):  # it may be over before
                        await talk.call("session/cancel", {"session_id": session_id})
                while True:
                    session = await talk.session(session_id)
                    if session["status"] in ("proposed", "stopped", "cancelled", "finished"):
                        break
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return "lost", (f"still {(await talk.session(session_id))['status']}",)
        return await _judged(talk, session_id, session, workspace)


async def _calls(talk: Talk, session_id: str, number: int) -> None:
    """Returns when so many calls have begun, or the session is over."""
    while (await talk.session(session_id))["status"] not in ("proposed", "stopped"):
        exported = await talk.call("session/export", {"session_id": session_id})
        if sum('"model_call_intended"' in event for event in exported["events"]) >= number:
            return
        await asyncio.sleep(0.05)


async def _judged(
    talk: Talk, session_id: str, session: Mapping[str, Any], workspace: Path
) -> tuple[str, tuple[str, ...]]:
    match session["status"]:
        case "stopped":
            category = str(session["stopped"]["category"])
            wrong = () if category == "budget" else (f"stopped: {session['stopped']['reason']}",)
            return f"stopped by a {category}", wrong
        case "proposed":
            await talk.accept(session_id)
            text = (workspace / "notes.txt").read_text("utf-8")
            counted = (workspace / "counted.txt").read_text("utf-8")
            wrong = [f"the edit was done {text.count(LINE)} times"] if text.count(LINE) != 1 else []
            if counted != "once\n":
                wrong.append(f"the command ran {counted.count('once')} times")
            return "proposed and accepted", tuple(wrong)
        case other:
            return str(other), ()


def _bills(requests: Sequence[ReceivedRequest]) -> Counter[int]:
    """Nano-dollars by session, as the vendors count them."""
    bills: Counter[int] = collections.Counter()
    for request in requests:
        if request.billed is None:
            continue
        number = re.search(r"/ws(\d+)x", str(request.body["messages"]))
        read, written = request.billed
        assert number is not None, "a request that names no workspace"
        bills[int(number[1])] += -(-(read * INPUT_RATE + written * OUTPUT_RATE) // 10**6)
    return bills


async def _main(arguments: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="ds-chaos-"))
    try:
        report = await run(arguments.sessions, seed=arguments.seed, folder=folder, limit=arguments.limit)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report.table())
    print(f"\n{report.seconds:.0f} s, seed {arguments.seed}", *report.wrong, sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Sessions over endpoints that fail at random.")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=10**10, help="nano-dollars that all may spend together")
    sys.exit(asyncio.run(_main(parser.parse_args())))
