"""What a screen is to the watching: it is told changes and lines, and may be held up while a question is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from draftsmith.cli.watching.lines import Line
    from draftsmith.client.held import Change, HeldSession

RECORDED = "recorded replies"
"""Said on every screen of a session whose replies come from a recording."""


class Screen(Protocol):
    def start(self) -> None: ...

    def show(self, change: Change, held: HeldSession, lines: list[Line]) -> None:
        """Something changed; `lines` is what of it is told."""
        ...

    def say(self, line: Line) -> None:
        """A line of our own, about the watching itself."""
        ...

    def tick(self, held: HeldSession) -> None:
        """Called several times a second: time passed."""
        ...

    def pause(self) -> None:
        """A question has the terminal: lines wait until `resume`."""
        ...

    def resume(self) -> None: ...

    def stop(self) -> None: ...
