"""Questions to the user, each answered once, by any client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from draftsmith.domain.ids import CallId, DecisionId
from draftsmith.domain.policy import Rule
from draftsmith.domain.text import Text

DecisionSubject = Literal["plan", "question", "command", "repeat_command", "key", "price", "cost"]

KEY_PROVIDED = "provided"
"""The answer to a question for a key: the key itself never is one."""

GO_ON = "go on"
STOP = "stop"
"""Answers to questions about money: a model without a known price, a plan that may cost much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An open question. `options` are the answers that are understood; `free_text` allows any other."""

    decision_id: DecisionId
    subject: DecisionSubject
    prompt: Text
    options: tuple[str, ...] = ()
    free_text: bool = False
    call_id: CallId | None = None
    grants: tuple[Rule, ...] = ()
    """The rules that the answers `session` and `workspace` give."""
