"""What a session knows of its project's packages: which environments it wants, and which of them show in its commands.

Values only; `environments.py` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from draftsmith.code.facts.preparations import Preparation
from draftsmith.domain.session.state import SessionState
from draftsmith.sandbox.environments import EnvironmentStore

MAX_TRIES = 4
"""Each may ask for further hosts: of an index, then of what it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`root` is the number of the folder that it is for."""

    root: int
    preparation: Preparation


@dataclass(slots=True, kw_only=True)
class Packages:
    """`attached` are those that commands of this desk see."""

    store: EnvironmentStore
    workspace_id: str
    wanted: tuple[Wanted, ...]
    attached: set[str] = field(default_factory=set[str])

    def named(self, wanted: str) -> Wanted | None:
        return next((one for one in self.wanted if one.preparation.wanted == wanted), None)

    def unprepared(self, state: SessionState) -> tuple[str, ...]:
        """What is still to be made: never tried, made by another runner, or waiting for its network."""
        return tuple(one.preparation.wanted for one in self.wanted if self._is_open(state, one.preparation.wanted))

    def _is_open(self, state: SessionState, wanted: str) -> bool:
        known = next((one for one in state.environments if one.wanted == wanted), None)
        if known is None:
            return True
        if known.outcome in ("made", "found"):
            return wanted not in self.attached and known.tries < MAX_TRIES
        return known.outcome == "wants_network" and known.tries < MAX_TRIES
