"""The walk through a proposal: what was decided so far, and where it stands. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from draftsmith.client.messages import HunkText

Verdict = Literal["accept", "reject"]


@dataclass(slots=True)
class Walk:
    """Nothing is sent while walking: all verdicts go out together, as one apply that one undo takes back."""

    hunks: Sequence[HunkText]
    at: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict[str, Verdict])

    @property
    def over(self) -> bool:
        return self.at >= len(self.hunks)

    @property
    def current(self) -> HunkText:
        return self.hunks[self.at]

    def decide(self, verdict: Verdict) -> None:
        self.verdicts[self.current["hunk_id"]] = verdict
        self.at += 1

    def decide_file(self, verdict: Verdict) -> None:
        """The current hunk and those of the same file after it."""
        key = (self.current["root"], self.current["path"])
        while not self.over and (self.current["root"], self.current["path"]) == key:
            self.decide(verdict)

    def decide_rest(self, verdict: Verdict) -> None:
        while not self.over:
            self.decide(verdict)

    def skip(self) -> None:
        self.verdicts.pop(self.current["hunk_id"], None)
        self.at += 1

    def replace(self, hunks: Sequence[HunkText]) -> None:
        """The hunks anew, after one was edited: verdicts of those that are still there stay, and so does the place."""
        self.hunks = hunks
        known = {hunk["hunk_id"] for hunk in hunks}
        self.verdicts = {name: verdict for name, verdict in self.verdicts.items() if name in known}
        self.at = min(self.at, len(hunks))

    def back(self) -> None:
        self.at = max(0, self.at - 1)

    def having(self, verdict: Verdict) -> list[str]:
        """Ids with this verdict, in the proposal's order."""
        return [hunk["hunk_id"] for hunk in self.hunks if self.verdicts.get(hunk["hunk_id"]) == verdict]
