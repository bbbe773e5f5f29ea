"""Accepting and rejecting hunks, and telling what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from draftsmith.cli import amounts
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write, write_json
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.wrapping import room, wrapped
from draftsmith.client.messages import DecideResult, HunksParams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from draftsmith.cli.invocation import Invocation
    from draftsmith.client.connection import HubConnection
    from draftsmith.client.messages import HunkEntity, HunkOutcome

_WORDS = {
    "accepted": "accepted",
    "in_buffer": "in your editor, not saved yet",
    "on_disk": "written",
    "rejected": "rejected",
    "conflicted": "in conflict with your own edits; your text was left alone",
    "reverted": "taken back, and can be accepted again",
    "pending": "pending again",
}


async def decide(
    hub: HubConnection, session_id: str, verdict: Literal["accept", "reject"], hunk_ids: Sequence[str]
) -> list[HunkOutcome]:
    params = HunksParams(session_id=session_id, hunk_ids=list(hunk_ids))
    method = "proposal/accept" if verdict == "accept" else "proposal/reject"
    return (await hub.call(method, params, DecideResult))["results"]


def tell_outcomes(
    call: Invocation, session_id: str, results: Sequence[HunkOutcome], hunks: Sequence[HunkEntity]
) -> ExitCode:
    """Say what became of each hunk, and give the exit code that fits."""
    conflicts = [result for result in results if result["status"] == "conflicted"]
    exit_code = ExitCode.CONFLICT if conflicts else ExitCode.DONE
    if call.json:
        write_json({"session_id": session_id, "results": list(results), "exit_code": int(exit_code)})
        return exit_code
    _tell(session_id, results, {hunk["id"]: hunk for hunk in hunks})
    if _only_a_part(results, hunks):
        write("The gates proved all hunks of the proposal together; this part alone was not tested.")
    if conflicts:
        write(f"→ draftsmith review {session_id}   shows them again")
    return exit_code


def _only_a_part(results: Sequence[HunkOutcome], hunks: Sequence[HunkEntity]) -> bool:
    """Whether something was written and something of the proposal is not."""
    now = {hunk["id"]: hunk["status"] for hunk in hunks} | {one["hunk_id"]: one["status"] for one in results}
    written = [one for one in results if one["status"] in ("on_disk", "in_buffer")]
    return bool(written) and any(status not in ("on_disk", "in_buffer") for status in now.values())


def _tell(session_id: str, results: Sequence[HunkOutcome], by_id: Mapping[str, HunkEntity]) -> None:
    counts: dict[str, int] = {}
    for result in results:
        counts[result["status"]] = counts.get(result["status"], 0) + 1
    for status, number in counts.items():
        write(f"{amounts.count(number, 'hunk')} {_WORDS.get(status, status)}.")
    for result in results:
        if result["note"] or result["status"] == "conflicted":
            hunk = by_id.get(result["hunk_id"])
            place = f"{one_line(hunk['path'])}:{hunk['base_start']}" if hunk else result["hunk_id"]
            write(wrapped(f"  {place}  {clean(result['note']).strip()}", room(), indent=4))
    if any(result["status"] == "reverted" for result in results):
        write(f"→ draftsmith accept {session_id} --all   writes what was taken back again")
