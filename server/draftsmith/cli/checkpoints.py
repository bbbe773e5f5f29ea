"""Which checkpoint is meant: its id, the unique beginning of one, or its number in `draftsmith show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.cli.untrusted import one_line
from draftsmith.client.messages import CheckpointEntity
from draftsmith.domain.errors import UserError

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession


def choose_checkpoint(held: HeldSession, given: str) -> CheckpointEntity:
    """Raises UserError (`unknown_checkpoint`, `ambiguous_checkpoint`)."""
    points = held.of("checkpoint", CheckpointEntity)
    if given.isdecimal() and 1 <= int(given) <= len(points):
        return points[int(given) - 1]
    matching = [one for one in points if one["id"] == given]
    matching = matching or [one for one in points if given and one["id"].startswith(given)]
    if len(matching) == 1:
        return matching[0]
    listed = "\n".join(f"  {number}  {one['id']}  {one_line(one['label'], 60)}" for number, one in enumerate(points, 1))
    what = "is the beginning of several checkpoints" if matching else "is no checkpoint of this session"
    raise UserError(
        f"{one_line(given)!r} {what}." + (f" There are:\n{listed}" if listed else ""),
        code="ambiguous_checkpoint" if matching else "unknown_checkpoint",
        remedy=f"`draftsmith show {held.session_id}` lists them.",
    )
