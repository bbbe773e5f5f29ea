"""What stands on each paper. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import FindingEntity, GateEntity, UsageEntity
from draftsmith.client.proof import latest_findings
from draftsmith.domain.text import count
from draftsmith.edge.conflicts import marker_length
from draftsmith.edge.papers.desk import note
from draftsmith.edge.showing.hover import escaped, fenced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from draftsmith.client.messages import DecisionEntity, TaskEntity
    from draftsmith.edge.conflicts import Conflict
    from draftsmith.edge.followed import Followed


def request_paper(about: str) -> str:
    """`about` quotes the place that the request is about, or is empty."""
    hint = note("Write below what is to be done, then run the code action “Start with Draftsmith” here.")
    return f"{hint}\n\n{about}\n" if about else f"{hint}\n\n"


def answer_paper(question: DecisionEntity) -> str:
    hint = note(
        f"Draftsmith asks: {question['prompt'].strip()}",
        "Write your answer below, then run the code action “Send the answer” here.",
    )
    return f"{hint}\n\n"


def plan_paper(title: str, plan: str, *, open_question: bool) -> str:
    """`plan` in the form in which it can be sent back."""
    if not open_question:
        return f"{note(f'The plan of: {title}')}\n{plan}"
    hint = note(
        f"The plan of: {title}",
        "Run the code action “Approve the plan” or “Reject the plan” here.",
        "Or change the plan below and save: the work begins along your plan then.",
    )
    return f"{hint}\n{plan}"


def conflict_paper(path: str, own: str, conflicts: Sequence[Conflict]) -> str:
    """What conflicts, with the markers that `git` would write."""
    length = marker_length(own, conflicts)
    lines = [
        note(
            "Your file was left alone. Put into it what you want of both, then save it;",
            "or make room for the change and run “Try again”, or “Reject hunk”.",
        ),
        f"# Conflict in `{path}`",
    ]
    for one in conflicts:
        where = f"Line {one.line + 1} of your text"
        lines += ["", f"{where}: {escaped(one.note)}" if one.note else where, "", fenced(one.marked(length, "\n"), "")]
    return "\n".join(lines).rstrip() + "\n"


def summary_paper(followed: Followed) -> str:
    session = followed.session
    if session is None:
        return ""
    lines = [f"# {followed.title}", "", f"Session `{session['id']}`: **{session['status']}**"]
    if session["recorded"]:
        lines += ["", "Replies come from a recording, not from a model."]
    if session["stopped"]:
        lines += ["", f"{session['stopped']['reason']} {session['stopped']['way_on']}"]
    if session["summary"]:
        lines += ["", session["summary"]]
    lines += _tasks(followed.tasks) + _changes(followed)
    lines += _bullets("Verified", session["verified"]) + _bullets("Not verified", session["unverified"])
    lines += _gates(followed.held.of("gate", GateEntity)) + _findings(latest_findings(followed.held))
    for usage in followed.held.of("usage", UsageEntity):
        cost = f"{usage['cost_nano_usd'] / 1_000_000_000:.4f} dollars" if usage["model_calls"] else "nothing"
        lines += ["", f"Cost: {cost} for {count(usage['model_calls'], 'model call')}."]
    return "\n".join(lines).rstrip() + "\n"


def _tasks(tasks: list[TaskEntity]) -> list[str]:
    marks = {"done": "x", "failed": "!", "skipped": "-"}
    found = [f"- [{marks.get(task['status'], ' ')}] {task['title']}" for task in tasks]
    return ["", "## Tasks", "", *found] if found else []


def _changes(followed: Followed) -> list[str]:
    lines: list[str] = []
    for file in followed.files:
        lines += ["", f"### {file['path']} ({file['change']})"]
        for hunk in followed.hunks:
            if (hunk["root"], hunk["path"]) != (file["root"], file["path"]):
                continue
            size = f"+{hunk['new_length']} −{hunk['base_length']}"
            words = f" — {hunk['note']}" if hunk["note"] else ""
            lines += ["", f"Line {hunk['base_start']}: {size}, {hunk['status'].replace('_', ' ')}{words}"]
            text = followed.texts.get(hunk["id"])
            if text is not None and not text["binary"]:
                shown = [f"-{line}" for line in text["before"].splitlines()]
                shown += [f"+{line}" for line in text["after"].splitlines()]
                lines += ["", fenced("\n".join(shown), "diff")]
    return ["", "## Changes", *lines] if lines else []


def _gates(gates: list[GateEntity]) -> list[str]:
    words = {"passed": "passed", "failed": "FAILED", "not_verified": "not verified", "running": "running"}
    found = [
        f"- {gate['gate']}: {words[gate['verdict']]}" + (f" ({escaped(gate['reason'])})" if gate["reason"] else "")
        for gate in gates
    ]
    return ["", "## Gates", "", *found] if found else []


def _findings(findings: list[FindingEntity]) -> list[str]:
    found = [f"- {one['severity']}, {one['path']}:{one['line']}: {escaped(one['message'])}" for one in findings]
    return ["", "## Remarks of the review", "", *found] if found else []


def _bullets(title: str, items: Iterable[str]) -> list[str]:
    found = [f"- {item}" for item in items]
    return ["", f"**{title}**", "", *found] if found else []
