"""The making of a project's environment: its packages installed as the lock file says, apart from the user's folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from draftsmith.domain.ids import CallId
from draftsmith.domain.session.events.calls import CommandUse
from draftsmith.domain.text import EMPTY, Text

EnvironmentOutcome = Literal["made", "found", "wants_network", "failed", "skipped", "interrupted"]
"""Made now, or found as it was made before; it wants hosts that were not granted; it failed; nothing could or had to be
made; it was ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentIntended:
    """`wanted` stands for the lock file, the command and the root together. `network` are the hosts that were granted;
    it only downloads, so that it is repeated after a crash."""

    kind: ClassVar[str] = "environment_intended"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    wanted: str
    name: str
    command: str
    network: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFinished:
    """`key` is what it is kept under on the runner: `wanted` and the tool chain's versions. `hosts` are those that it
    asked for and was refused."""

    kind: ClassVar[str] = "environment_finished"
    kind_version: ClassVar[int] = 1
    call_id: CallId
    outcome: EnvironmentOutcome
    reason: str
    key: str = ""
    hosts: tuple[str, ...] = ()
    text: Text = EMPTY
    duration_ms: int = 0
    used: CommandUse | None = None


EnvironmentEvent = EnvironmentIntended | EnvironmentFinished
