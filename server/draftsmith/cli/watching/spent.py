"""What a session has spent so far: one meaning of time and money on every screen, also while it works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from draftsmith.cli import amounts
from draftsmith.client.messages import StepEntity, UsageEntity

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession


def worked_ms(held: HeldSession) -> int:
    """Time that the agent worked, with the steps under way; waiting for people is left out."""
    settled = sum(usage["milliseconds"] for usage in held.of("usage", UsageEntity))
    running = [step["at"] for step in held.of("step", StepEntity) if step["state"] == "running"]
    return settled + (max(0, int(time.time() * 1_000) - min(running)) if running else 0)


def spent_words(usage: UsageEntity) -> str:
    """The cost of the calls that have ended."""
    if not usage["model_calls"]:
        return "no call paid yet"
    return amounts.cost(usage["cost_nano_usd"], usage["unpriced_calls"])
