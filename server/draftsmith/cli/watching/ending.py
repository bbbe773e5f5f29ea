"""What a session ended with: the summary, what was verified and what was not, and what to type next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from draftsmith.cli import amounts
from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.reading import DECIDABLE, session_of
from draftsmith.cli.untrusted import one_line
from draftsmith.cli.watching.lines import Line, finding_line, prose_lines
from draftsmith.cli.watching.screen import RECORDED
from draftsmith.cli.widths import pad, width
from draftsmith.client.messages import (
    FileEntity,
    GateEntity,
    HunkEntity,
    SessionEntity,
    TaskEntity,
    UsageEntity,
)
from draftsmith.client.proof import latest_findings

if TYPE_CHECKING:
    from draftsmith.client.held import HeldSession

OVER = frozenset({"proposed", "finished", "stopped", "cancelled"})
_LONGEST_NAME = 60
"""Cells that names of files are padded to at most."""
_LONGEST_WAY = 20
"""Lines that say how to go on."""
_APPLIED = frozenset({"on_disk", "in_buffer"})
_STATES = {
    "on_disk": "applied",
    "in_buffer": "in your editor",
    "conflicted": "in conflict",
    "reverted": "taken back",
}
"""Where their names are not words enough."""
_CHANGES = {"create": "A", "delete": "D", "modify": "M", "mode": "M", "symlink": "L", "binary": "B"}


def exit_code(held: HeldSession) -> ExitCode:
    """What a session that is over means for a script."""
    match session_of(held)["status"]:
        case "cancelled":
            return ExitCode.CANCELLED
        case "stopped":
            stopped = session_of(held)["stopped"]
            return ExitCode.UNAVAILABLE if stopped and stopped["category"] == "environment" else ExitCode.FAILED
        case _:
            return ExitCode.FAILED if red_gates(held) or failed_tasks(held) else ExitCode.DONE


def red_gates(held: HeldSession) -> list[GateEntity]:
    return [gate for gate in held.of("gate", GateEntity) if gate["verdict"] == "failed"]


def failed_tasks(held: HeldSession) -> list[TaskEntity]:
    return [task for task in held.of("task", TaskEntity) if task["status"] == "failed"]


def pending_hunks(held: HeldSession) -> list[HunkEntity]:
    return [hunk for hunk in held.of("hunk", HunkEntity) if hunk["status"] in DECIDABLE]


def ending_lines(held: HeldSession) -> list[Line]:
    """The end of a session, for people."""
    session = session_of(held)
    lines = [Line(mark="", text=""), _head(held, session)]
    if session["stopped"] is not None:
        lines.append(Line(mark="", text=one_line(session["stopped"]["reason"], 2_000), tone="bad"))
        way_on = session["stopped"]["way_on"].splitlines()
        lines += [Line(mark="", text=one_line(part, 2_000)) for part in way_on[:_LONGEST_WAY]]
    if session["summary"]:
        lines += [Line(mark="", text=""), Line(mark="", text="The agent says", tone="head")]
        lines += _summary(held, session["summary"])
    lines += _files(held)
    lines += _section("Verified", session["verified"], "✓")
    lines += _section("Not verified", session["unverified"], "–")
    findings = latest_findings(held)
    if findings:
        lines += [Line(mark="", text=""), Line(mark="", text="Remarks of the review", tone="head")]
        lines += [finding_line(finding) for finding in findings]
    following = next_commands(held)
    if following:
        lines.append(Line(mark="", text=""))
        longest = max(len(typed) for typed, _ in following)
        lines += [Line(mark="→", text=pad(typed, longest), tone="head", detail=about) for typed, about in following]
    return lines


def _summary(held: HeldSession, summary: str) -> list[Line]:
    """What the agent says it did; titles of tasks stand out, for a summary of several begins with them."""
    titles = {one_line(task["title"]) for task in held.of("task", TaskEntity)}
    return [replace(line, tone="head") if line.text in titles else line for line in prose_lines(summary)]


def ending_json(held: HeldSession) -> dict[str, object]:
    """The end of a session, for scripts."""
    session = session_of(held)
    usage = next(iter(held.of("usage", UsageEntity)), None)
    return {
        "kind": "result",
        "session_id": session["id"],
        "status": session["status"],
        "recorded": session["recorded"],
        "summary": session["summary"],
        "verified": session["verified"],
        "unverified": session["unverified"],
        "stopped": session["stopped"],
        "pending_hunks": [hunk["id"] for hunk in pending_hunks(held)],
        # Not known is not nothing.
        "cost_nano_usd": usage["cost_nano_usd"] if usage and not usage["unpriced_calls"] else None,
        "unpriced_calls": usage["unpriced_calls"] if usage else 0,
        "next": [typed for typed, _ in next_commands(held)],
        "exit_code": int(exit_code(held)),
    }


def next_commands(held: HeldSession) -> list[tuple[str, str]]:
    """What can be typed now, with what it does."""
    session = session_of(held)
    name = session["id"]
    pending = pending_hunks(held)
    match session["status"]:
        case "proposed" if pending:
            return [
                (f"draftsmith review {name}", "go through it hunk by hunk"),
                (f"draftsmith accept {name} --all", "write what is pending to your files"),
                (f'draftsmith message {name} "…"', "ask for changes"),
            ]
        case "proposed":
            return [(f"draftsmith show {name}", "what became of it")]
        case "stopped" | "cancelled":
            return [(f"draftsmith resume {name}", "let it go on"), (f"draftsmith show {name}", "what it did")]
        case "finished" if any(hunk["status"] == "on_disk" for hunk in held.of("hunk", HunkEntity)):
            return [
                (f"draftsmith undo {name}", "take the last apply back"),
                (f'draftsmith message {name} "…"', "ask for more"),
            ]
        case "finished":
            return [(f'draftsmith message {name} "…"', "go on from here")]
        case "starting" | "working" | "waiting":
            return [(f"draftsmith attach {name}", "watch it"), (f"draftsmith cancel {name}", "stop it")]
        case status:
            assert_never(status)


def _head(held: HeldSession, session: SessionEntity) -> Line:
    hunks = held.of("hunk", HunkEntity)
    usage = next(iter(held.of("usage", UsageEntity)), None)
    details = [RECORDED] if session["recorded"] else []
    if usage is not None:
        details += [amounts.count(usage["steps"], "step"), amounts.duration(usage["milliseconds"])]
        details.append(amounts.cost(usage["cost_nano_usd"], usage["unpriced_calls"]))
    detail = " · ".join(details)
    match session["status"]:
        case "stopped" | "cancelled" as status:
            return Line(mark="", text=status.capitalize(), tone="bad", detail=detail)
        case "proposed" | "finished" as status:
            return Line(mark="", text=_outcome(hunks) or status.capitalize(), tone="head", detail=detail)
        case status:
            return Line(mark="", text=status.capitalize(), tone="head", detail=detail)


def _outcome(hunks: list[HunkEntity]) -> str:
    """What stands of the proposal, and what became of its hunks; empty when there is none."""
    if not hunks:
        return ""
    applied = [hunk for hunk in hunks if hunk["status"] in _APPLIED]
    counted = applied or hunks
    states: dict[str, int] = {}
    for hunk in hunks:
        if hunk not in applied and (applied or hunk["status"] != "pending"):
            states[hunk["status"]] = states.get(hunk["status"], 0) + 1
    files = {(hunk["root"], hunk["path"]) for hunk in counted}
    body = f"{amounts.count(len(counted), 'hunk')} in {amounts.count(len(files), 'file')}"
    if not applied and list(states.values()) == [len(hunks)]:
        return f"{state_words(*states).capitalize()}: {body}"
    others = "".join(f", {number} {state_words(state)}" for state, number in states.items())
    return f"{'Applied' if applied else 'Proposed'}: {body}{others}"


def state_words(status: str) -> str:
    """The state of a hunk as people say it."""
    return _STATES.get(status, status)


def _files(held: HeldSession) -> list[Line]:
    hunks = held.of("hunk", HunkEntity)
    if not hunks:
        return []
    changes = {(file["root"], file["path"]): file["change"] for file in held.of("file", FileEntity)}
    by_file: dict[tuple[int, str], list[HunkEntity]] = {}
    for hunk in hunks:
        by_file.setdefault((hunk["root"], hunk["path"]), []).append(hunk)
    lines = [Line(mark="", text="")]
    names = {key: one_line(key[1]) for key in by_file}
    alike = len({hunk["status"] for hunk in hunks}) == 1  # then the head says it
    longest = min(_LONGEST_NAME, max(width(name) for name in names.values()))
    counts = max(len(amounts.count(len(of_file), "hunk")) for of_file in by_file.values())
    for key, of_file in by_file.items():
        added = sum(hunk["new_length"] for hunk in of_file)
        gone = sum(hunk["base_length"] for hunk in of_file)
        mark = _CHANGES[changes.get(key, "modify")]
        detail = (
            f"{pad(amounts.count(len(of_file), 'hunk'), counts)}  +{added} −{gone}{'' if alike else _states(of_file)}"
        )
        lines.append(Line(mark=mark, text=pad(names[key], longest), detail=detail))
    return lines


def _states(hunks: list[HunkEntity]) -> str:
    states: dict[str, int] = {}
    for hunk in hunks:
        if hunk["status"] != "pending":
            states[hunk["status"]] = states.get(hunk["status"], 0) + 1
    return "".join(f"  {number} {state_words(state)}" for state, number in states.items())


def _section(title: str, said: list[str], mark: str) -> list[Line]:
    if not said:
        return []
    tone = "ok" if mark == "✓" else "warn"
    return [
        Line(mark="", text=""),
        Line(mark="", text=title, tone="head"),
        *(Line(mark=mark, text=one_line(one, 1_000), tone=tone) for one in said),
    ]
