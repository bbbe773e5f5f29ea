"""What became of one change that the hub asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from draftsmith.client.messages import BufferChange, BufferOutcome

State = Literal["seen", "moved", "refused", "unseen"]


def outcome(change: BufferChange, state: State, sha256: str | None, reason: str = "") -> BufferOutcome:
    return {"path": change["path"], "state": state, "sha256": sha256, "reason": reason[:1_000]}
