"""`draftsmith models try`: a version of a model on the example tasks, beside the version that is in use.

Ordinary sessions on folders of their own, with a budget; the user's projects are not touched.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.cli import amounts
from draftsmith.cli.choose import session_entity
from draftsmith.cli.models.tasks import TASKS, TrialTask
from draftsmith.client.messages import (
    AttachParams,
    AttachResult,
    Empty,
    LimitsParams,
    ModelInfo,
    RatesInfo,
    SessionRef,
    StartParams,
    UsageParams,
    UsageResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from draftsmith.client.connection import HubConnection

_LOOK_SECONDS = 0.3
_OVER = ("proposed", "finished", "stopped", "cancelled")
_MINUTES = 15
ENOUGH_TASKS = 3
"""Recorded tasks of a model from which its figures are believed."""
MARGIN = 3
"""A budget is so many times the estimate, unless the user gives one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one task went with one model."""

    task: str
    model: str
    passed: bool
    said: str
    nano_usd: int
    unpriced_calls: int
    tokens: int
    milliseconds: int
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """Tokens that all tasks are likely to take with one model, and what that rests on."""

    input_tokens: int
    output_tokens: int
    basis: str

    def cost(self, rates: RatesInfo) -> int | None:
        """Nano-dollars; None when the price is not known."""
        if rates["input"] is None or rates["output"] is None:
            return None
        return (self.input_tokens * rates["input"] + self.output_tokens * rates["output"]) // 1_000_000


def likely(models: Sequence[ModelInfo]) -> Likely:
    """By the record of the first of the models of which enough is recorded, else by what the tasks hold."""
    for model in models:
        record = model.get("record", [])
        tasks = sum(one["tasks"] for one in record if one["role"] == "code")
        if tasks >= ENOUGH_TASKS:
            read, written = (sum(one.get(name, 0) for one in record) for name in ("input_tokens", "output_tokens"))
            return Likely(
                input_tokens=read * len(TASKS) // tasks,
                output_tokens=written * len(TASKS) // tasks,
                basis=f"from {amounts.count(tasks, 'recorded task')} of {model['sent_as']}",
            )
    return Likely(
        input_tokens=sum(task.input_tokens for task in TASKS),
        output_tokens=sum(task.output_tokens for task in TASKS),
        basis="rough: nothing is recorded yet, so the tasks were counted for a course without detours",
    )


def present(models: list[ModelInfo], pin: str) -> ModelInfo | None:
    """The model in use that `pin` is a version of."""
    newer = next((one for one in models if pin in one.get("newer", [])), None)
    return newer or next((one for one in models if pin.startswith(f"{one['model']}-")), None)


async def run_trial(hub: HubConnection, task: TrialTask, model: str, budget: int | None) -> Trial:
    """One session, to its end."""
    with tempfile.TemporaryDirectory(prefix="draftsmith-trial-") as name:
        folder = await asyncio.to_thread(_laid_out, Path(name), task)
        params = StartParams(
            folders=[str(folder)],
            request=task.request,
            autonomy="auto",
            model=model,
            limits=LimitsParams(steps=100, seconds=_MINUTES * 60, nano_usd=budget),
        )
        session_id = (await hub.call("session/start", params, SessionRef))["session_id"]
        while True:
            session = await session_entity(hub, session_id)
            if session["status"] in _OVER and not session["applying"]:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        snapshot = (await hub.call("session/attach", AttachParams(session_id=session_id), AttachResult))["snapshot"]
        await hub.call("session/detach", SessionRef(session_id=session_id), Empty)
    used = await hub.call("usage/read", UsageParams(by="session", session_id=session_id), UsageResult)
    gates = [one for one in snapshot["entities"] if one["kind"] == "gate"] if snapshot else []
    red = [one["gate"] for one in gates if one["kind"] == "gate" and one["verdict"] == "failed"]
    tests = [one for one in gates if one["kind"] == "gate" and one["gate"] == "tests"]
    passed = session["status"] in ("proposed", "finished") and not red and any(_green(one) for one in tests)
    stopped = session["stopped"]
    spent = next((one for one in snapshot["entities"] if one["kind"] == "usage"), None) if snapshot else None
    total = used["total"]
    return Trial(
        task=task.name,
        model=model,
        passed=passed,
        said="passed" if passed else stopped["reason"] if stopped else f"failed: {', '.join(red) or 'no test passed'}",
        nano_usd=total["cost_nano_usd"],
        unpriced_calls=total["unpriced_calls"],
        tokens=total["input_tokens"] + total["output_tokens"],
        milliseconds=spent["milliseconds"] if spent is not None and spent["kind"] == "usage" else 0,
        session_id=session_id,
    )


def _green(gate: object) -> bool:
    return isinstance(gate, dict) and gate.get("verdict") == "passed"


def _laid_out(place: Path, task: TrialTask) -> Path:
    folder = place.resolve() / "workspace"
    folder.mkdir()
    for name, text in task.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def comparison(trials: list[Trial]) -> Iterator[tuple[str, ...]]:
    """A row for each trial, and one for each model with the sums; for people."""
    yield ("task", "model", "outcome", "tokens", "cost", "time")
    for one in trials:
        yield (
            one.task,
            one.model,
            one.said,
            f"{one.tokens:,}",
            amounts.cost(one.nano_usd, one.unpriced_calls),
            amounts.duration(one.milliseconds),
        )
    for model in dict.fromkeys(one.model for one in trials):
        own = [one for one in trials if one.model == model]
        yield (
            "all",
            model,
            f"{sum(one.passed for one in own)} of {len(own)} passed",
            f"{sum(one.tokens for one in own):,}",
            amounts.cost(sum(one.nano_usd for one in own), sum(one.unpriced_calls for one in own)),
            amounts.duration(sum(one.milliseconds for one in own)),
        )
