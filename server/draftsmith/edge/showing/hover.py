"""What is told of a pending hunk: what it would do, for which task, why, and what proved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.client.messages import GateEntity
from draftsmith.client.proof import latest_findings, same_file, tasks_at

if TYPE_CHECKING:
    from draftsmith.client.messages import HunkEntity, HunkText
    from draftsmith.edge.followed import Followed

_DIFF_LINES = 40
_VERDICTS = {
    "passed": "✓ passed",
    "failed": "✗ failed",
    "not_verified": "– not verified",
    "running": "… running",
}


def about_hunk(followed: Followed, hunk: HunkEntity, text: HunkText | None) -> str:
    """Markdown."""
    parts = [f"**Draftsmith:** {escaped(followed.title)}"]
    if hunk["status"] == "conflicted":
        parts.append(f"**Conflict with your text.** {escaped(hunk['note'])}")
    if text is not None and not text["binary"]:
        parts.append(fenced(_difference(text), "diff"))
    parts += why(followed, hunk["path"])
    return "\n\n".join(parts)


def why(followed: Followed, path: str) -> list[str]:
    """Paragraphs: the tasks that touched the file, their gates, the review's remarks on it."""
    parts: list[str] = []
    gates = followed.held.of("gate", GateEntity)
    for task in tasks_at(followed.held, path):
        about = task["report"] or task["description"]
        parts.append(f"**{escaped(task['title'])}** ({task['status']})" + (f"\n\n{escaped(about)}" if about else ""))
        proved = [
            f"- {_VERDICTS[gate['verdict']]}: {escaped(gate['gate'])}"
            + (f" — {escaped(gate['reason'])}" if gate["reason"] else "")
            for gate in gates
            if gate["task_id"] == task["id"]
        ]
        if proved:
            parts.append("\n".join(proved))
    remarks = [
        f"- {finding['severity']}: {escaped(finding['message'])}"
        for finding in latest_findings(followed.held)
        if same_file(path, finding["path"])
    ]
    if remarks:
        parts.append("Remarks of the review:\n" + "\n".join(remarks))
    return parts or ["No task or remark names this file."]


def _difference(text: HunkText) -> str:
    lines = [f"-{line}" for line in text["before"].splitlines()] + [f"+{line}" for line in text["after"].splitlines()]
    if len(lines) > _DIFF_LINES:
        lines = [*lines[:_DIFF_LINES], f"… {len(lines) - _DIFF_LINES} more lines"]
    return "\n".join(lines)


def fenced(text: str, language: str) -> str:
    """A code block that the text cannot end."""
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}{language}\n{text}\n{ticks}"


def escaped(text: str) -> str:
    """Text of a model or a repository as Markdown that shows it and does nothing: no HTML, images or links."""
    table = {"<": "&lt;", "[": "\\[", "!": "\\!"}
    return "".join(table.get(character, character) for character in text.strip())
