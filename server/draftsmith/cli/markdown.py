"""A session's events told as Markdown, one function per noun. Long texts are fetched by their document.

Events it has no words for are left out: the JSON Lines have everything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from draftsmith.cli import amounts
from draftsmith.cli.reading import document_text
from draftsmith.cli.untrusted import clean, one_line
from draftsmith.cli.watching.lines import command_end

if TYPE_CHECKING:
    from draftsmith.client.connection import HubConnection

Body = dict[str, Any]
"""Fields of an event as the codec writes them: the edge at which they are read."""

_FENCES = re.compile(r"^(`{3,})", re.MULTILINE)


class Story:
    """`tell` takes the envelopes one after another."""

    def __init__(self, hub: HubConnection) -> None:
        self._hub = hub
        self._calls: dict[str, tuple[str, str]] = {}

    async def tell(self, envelope: Body) -> str:
        """Markdown for one event; empty when it is not worth words."""
        kind, body = str(envelope["kind"]), envelope["body"]
        teller = getattr(self, f"_{kind}", None)
        return "" if teller is None else await teller(body, envelope)

    async def _text(self, text: Body) -> str:
        document = text.get("document")
        return clean(await document_text(self._hub, document) if document else text.get("preview", "")).strip()

    async def _session_started(self, body: Body, envelope: Body) -> str:
        begun = datetime.fromtimestamp(envelope["at"] / 1_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        request = await self._text(body["request"])
        rows = [f"- begun: {begun}", *(f"- folder: `{one_line(root['path'])}`" for root in body["roots"])]
        rows.append(f"- autonomy: {body['autonomy']}")
        if body.get("recording"):
            rows.append("- **recorded replies**: no model was asked")
        elif body["model"]:
            rows.append(f"- model: {one_line(body['model'])}")
        return f"# Session {body['session_id']}\n\n" + "\n".join(rows) + f"\n\n## Request\n\n{request}\n\n"

    async def _message_received(self, body: Body, envelope: Body) -> str:
        return f"## You said\n\n{await self._text(body['text'])}\n\n"

    async def _plan_proposed(self, body: Body, envelope: Body) -> str:
        return f"## Plan: {one_line(body['title'])}\n\n{_plan(body['plan'])}"

    async def _plan_revised(self, body: Body, envelope: Body) -> str:
        return f"## Plan revised\n\n{clean(body['reason'])}\n\n{_plan(body['plan'])}"

    async def _plan_rejected(self, body: Body, envelope: Body) -> str:
        return f"**Plan rejected:** {await self._text(body['feedback'])}\n\n"

    async def _task_started(self, body: Body, envelope: Body) -> str:
        return f"## Task {body['task_id']}\n\n"

    async def _model_call_finished(self, body: Body, envelope: Body) -> str:
        for call in body["tool_calls"]:
            self._calls[call["call_id"]] = (call["name"], await self._text(call["arguments"]))
        text = await self._text(body["text"])
        return f"{text}\n\n" if text else ""

    async def _model_call_failed(self, body: Body, envelope: Body) -> str:
        return f"**Model call failed** ({body['category']}): {clean(body['message'])}\n\n"

    async def _tool_call_finished(self, body: Body, envelope: Body) -> str:
        name, arguments = self._calls.pop(body["call_id"], ("tool", ""))
        title = one_line(body["title"]) or name
        text = await self._text(body["text"])
        parts = [f"### {title} — {command_end(name, text) or body['outcome']}\n\n"]
        if arguments:
            parts.append(fenced(arguments, "json"))
        if text:
            parts.append(fenced(text))
        return "".join(parts)

    async def _gate_finished(self, body: Body, envelope: Body) -> str:
        result = body["result"]
        evidence = await self._text(result["evidence"])
        said = (
            f"**Gate {one_line(result['gate'])}: {result['verdict'].replace('_', ' ')}.** {clean(result['reason'])}\n\n"
        )
        return said + (fenced(evidence) if evidence and result["verdict"] == "failed" else "")

    async def _critique_finished(self, body: Body, envelope: Body) -> str:
        rows = [
            f"- {one['severity']}: `{one_line(one['path'])}:{one['line']}` {clean(one['message'])}\n"
            for one in body["findings"]
        ]
        verdict = "approved" if body["approved"] else "changes wanted"
        return f"**Review: {verdict}.** {clean(body['summary'])}\n\n" + "".join(rows) + ("\n" if rows else "")

    async def _repair_begun(self, body: Body, envelope: Body) -> str:
        return f"**Repair:** {clean(body['reason'])}\n\n"

    async def _task_finished(self, body: Body, envelope: Body) -> str:
        reason = f": {clean(body['reason'])}" if body["reason"] else ""
        return f"**Task {body['task_id']} {body['outcome']}**{reason}\n\n"

    async def _decision_requested(self, body: Body, envelope: Body) -> str:
        return f"**Question:** {await self._text(body['decision']['prompt'])}\n\n"

    async def _decision_taken(self, body: Body, envelope: Body) -> str:
        said = await self._text(body["text"])
        by = envelope["actor"]["client"]
        return f"**Answer** ({one_line(by)}): {clean(body['answer'])}{f' — {said}' if said else ''}\n\n"

    async def _draft_restored(self, body: Body, envelope: Body) -> str:
        return f"**Draft restored:** {clean(body['reason'])}\n\n"

    async def _drift_noticed(self, body: Body, envelope: Body) -> str:
        return f"**The recording drifted.** Recorded: {clean(body['recorded'])}. Now: {clean(body['seen'])}.\n\n"

    async def _proposal_made(self, body: Body, envelope: Body) -> str:
        proposal = body["proposal"]
        summary = await self._text(proposal["summary"])
        files = "".join(
            f"- `{one_line(file['path'])}`: {file['change']}, {amounts.count(len(file['hunks']), 'hunk')}\n"
            for file in proposal["files"]
        )
        verified = "".join(f"- {clean(one)}\n" for one in body["verified"]) or "- nothing\n"
        unverified = "".join(f"- {clean(one)}\n" for one in body["unverified"]) or "- nothing\n"
        return f"## Proposal\n\n{summary}\n\n{files}\nVerified:\n\n{verified}\nNot verified:\n\n{unverified}\n"

    async def _hunks_accepted(self, body: Body, envelope: Body) -> str:
        return f"**Accepted:** {amounts.count(len(body['hunks']), 'hunk')}\n\n"

    async def _hunks_rejected(self, body: Body, envelope: Body) -> str:
        return f"**Rejected:** {amounts.count(len(body['hunks']), 'hunk')}\n\n"

    async def _apply_finished(self, body: Body, envelope: Body) -> str:
        rows = [
            f"- `{one['hunk_id'][:12]}`: {one['status'].replace('_', ' ')} {clean(one['note'])}".rstrip()
            for one in body["results"]
        ]
        return "**Applied:**\n\n" + "\n".join(rows) + "\n\n"

    async def _session_finished(self, body: Body, envelope: Body) -> str:
        return f"## Finished\n\n{await self._text(body['summary'])}\n\n"

    async def _session_stopped(self, body: Body, envelope: Body) -> str:
        return f"## Stopped\n\n{clean(body['reason'])} {clean(body['way_on'])}\n\n"

    async def _session_cancelled(self, body: Body, envelope: Body) -> str:
        return "## Cancelled\n\n"

    async def _session_resumed(self, body: Body, envelope: Body) -> str:
        return "## Resumed\n\n"


def _plan(plan: Body) -> str:
    parts = [f"{clean(plan['summary']).strip()}\n\n"] if plan["summary"] else []
    for task in plan["tasks"]:
        after = f" (after {', '.join(task['depends_on'])})" if task["depends_on"] else ""
        parts.append(f"- **{task['task_id']}** {one_line(task['title'])}{after}\n")
        parts += [f"  - check: {one_line(check)}\n" for check in task["checks"]]
    if plan["risks"]:
        parts.append("\nRisks: " + "; ".join(one_line(risk) for risk in plan["risks"]) + "\n")
    return "".join(parts) + "\n"


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text (CommonMark 0.31, section 4.5)."""
    longest = max((len(fence) for fence in _FENCES.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n\n"
