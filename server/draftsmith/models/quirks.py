"""What families of models want otherwise than others, wherever they are served: data, found by the model's name.

A vendor's own habits are in `providers`. What differs is a field of this table, never an `if` on a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from draftsmith.models.providers import ModelName


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How a conversation has to look for one family of models. The defaults suit most."""

    bytes_per_token: float = 3.3
    """Of code and English, on the safe side; the recorded error of each model corrects it."""
    reasoning_back: str = ""
    """The field in which the model wants its own reasoning back with its tool calls; it refuses or forgets without."""
    call_ids: Literal["any", "nine"] = "any"
    """`nine`: exactly nine letters and digits."""
    user_after_tool: bool = True
    """Whether a user's message may follow a tool's answer; else it is told at the answer's end."""
    users_in_a_row: bool = True
    """Whether two messages of the user may follow each other; else they become one."""
    system: bool = True
    """Whether there is a system message; else the first user's message begins with its text."""

    @property
    def takes_any_form(self) -> bool:
        """A conversation need not be changed for the model."""
        return self.call_ids == "any" and self.user_after_tool and self.users_in_a_row and self.system


PLAIN = Quirks()

_FAMILIES: tuple[tuple[re.Pattern[str], Quirks], ...] = tuple(
    (re.compile(pattern), quirks)
    for pattern, quirks in (
        (r"deepseek|kimi.*thinking|minimax-m[2-9]|glm-(4\.[6-9]|[5-9])", Quirks(reasoning_back="reasoning_content")),
        (
            r"mistral|mixtral|codestral|devstral|magistral",
            Quirks(call_ids="nine", user_after_tool=False, users_in_a_row=False),
        ),
        (r"gemma-?[12]\b", Quirks(system=False, users_in_a_row=False)),
        (r"claude", Quirks(bytes_per_token=3.0)),
        (r"\bgpt-|\bo[134]\b|codex", Quirks(bytes_per_token=3.6)),
        (r"gemini", Quirks(bytes_per_token=3.5)),
    )
)


@lru_cache(maxsize=256)
def quirks_of(name: ModelName) -> Quirks:
    """The first family whose pattern the model's name has; what has none is plain."""
    bare = name.bare.lower()
    return next((quirks for pattern, quirks in _FAMILIES if pattern.search(bare)), PLAIN)
