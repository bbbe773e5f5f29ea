"""What a session may spend, what it has spent, and which limit strikes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.text import count

NANO_USD = 1_000_000_000
"""Nano-dollars in one US dollar; money is counted in whole nano-dollars."""

LimitKind = Literal["steps", "seconds", "money", "errors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard limits of one session. `seconds` is time the agent worked, waiting for the user left out.
    `nano_usd` None means no money limit. `errors` bounds failures in a row."""

    steps: int = 300
    seconds: int = 3_600
    nano_usd: int | None = None
    errors: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """`nano_usd` counts settled cost and, for calls whose outcome was lost, their reservation."""

    steps: int = 0
    milliseconds: int = 0
    nano_usd: int = 0
    unpriced_calls: int = 0
    model_calls: int = 0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    errors_in_a_row: int = 0


DEFAULT_LIMITS = Limits()
NOTHING_SPENT = Spent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    limit: LimitKind
    allowed: int
    spent: int

    def describe(self) -> str:
        """One sentence for the user, with units."""
        match self.limit:
            case "steps":
                return f"The limit of {count(self.allowed, 'step')} is reached ({self.spent:,} taken)."
            case "seconds":
                return f"The limit of {count(self.allowed, 'second')} of work is reached ({self.spent:,} worked)."
            case "errors":
                return f"{self.spent} calls failed in a row; {self.allowed} are allowed."
            case "money":
                return (
                    f"The next call could bring the cost to {self.spent / NANO_USD:.4f} dollars;"
                    f" {self.allowed / NANO_USD:.4f} are allowed."
                )


def struck(limits: Limits, spent: Spent, *, reserve_nano_usd: int = 0) -> Struck | None:
    """The limit that forbids one more call of at most `reserve_nano_usd`, or None."""
    if spent.errors_in_a_row >= limits.errors:
        return Struck(limit="errors", allowed=limits.errors, spent=spent.errors_in_a_row)
    if spent.steps >= limits.steps:
        return Struck(limit="steps", allowed=limits.steps, spent=spent.steps)
    if spent.milliseconds >= limits.seconds * 1000:
        return Struck(limit="seconds", allowed=limits.seconds, spent=spent.milliseconds // 1000)
    if limits.nano_usd is not None and spent.nano_usd + reserve_nano_usd > limits.nano_usd:
        return Struck(limit="money", allowed=limits.nano_usd, spent=spent.nano_usd + reserve_nano_usd)
    return None
