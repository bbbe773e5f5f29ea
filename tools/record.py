"""`make record`: makes the recorded replies of `make run` anew, from a run of the example with a live model.

The recording is taken from the session's own log; it is kept only when the run ended with every gate passed.
`RECORDED_BY="who answered"` says where the replies come from.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import main_job
from draftsmith import __version__
from draftsmith.client.connection import HubConnection
from draftsmith.client.messages import DocumentParams, DocumentResult
from draftsmith.client.start import ensure_hub
from draftsmith.domain.codec import Event, decode_envelope
from draftsmith.domain.conversation import AssistantMessage, Role, ToolCall, Usage
from draftsmith.domain.session.events import (
    DriftNoticed,
    GateFinished,
    ModelCallFinished,
    ModelCallIntended,
    ToolCallFinished,
)
from draftsmith.domain.text import Text
from draftsmith.models.discovery import discover
from draftsmith.models.exchange import CallOutcome, Exchange, Provenance, RequestSummary, exchange_line, header_line
from draftsmith.platform.paths import state_dir


@dataclass
class _Open:
    role: Role
    thread: str
    model: str
    counted_tokens: int


def main() -> int:
    main_job.RECORDING.touch()
    found = asyncio.run(discover(os.environ))
    if not found:
        print("A recording needs a live model: set a key, or DRAFTSMITH_MODEL and DRAFTSMITH_BASE_URL.")
        return 1
    main_job.prepare()
    arguments = ["run", main_job.REQUEST, "-w", str(main_job.WORK), "--auto", "--model", found[0].model]
    if main_job.run_cli(*arguments) != 0:
        print("The run was not green; the recording is left as it was.")
        return 1
    events = exported()
    if any(isinstance(event, GateFinished) and event.result.verdict == "failed" for event in events[-12:]):
        print("A gate failed at the end; the recording is left as it was.")
        return 1
    write(events, found[0].model)
    return 0


def exported() -> list[Event]:
    """The events of the last session on the example."""
    command = [*main_job.CLI, "export", "--format", "jsonl"]
    done = subprocess.run(command, cwd=main_job.WORK, capture_output=True, text=True, check=True)
    return [decode_envelope(json.loads(line)).event for line in done.stdout.splitlines() if line.strip()]


def write(events: Sequence[Event], model: str) -> None:
    """The recording file, one exchange a line, with the outcomes of its tool calls."""
    provenance = Provenance(
        recorded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=model,
        draftsmith=__version__,
        by=os.environ.get("RECORDED_BY", "a live model"),
        note=main_job.REQUEST,
    )
    lines = [header_line(provenance), *(exchange_line(one) for one in exchanges(events))]
    main_job.RECORDING.write_text("\n".join(line.rstrip("\n") for line in lines) + "\n", encoding="utf-8")
    print(f"{main_job.RECORDING.relative_to(main_job.ROOT)}: {len(lines) - 1} replies.")


def exchanges(events: Sequence[Event]) -> list[Exchange]:
    """What the model replied, in order."""
    opened: dict[str, _Open] = {}
    outcomes = {event.call_id: event.outcome for event in events if isinstance(event, ToolCallFinished)}
    found: list[Exchange] = []
    for event in events:
        match event:
            case ModelCallIntended(call_id=call_id, role=role, task_id=task_id, model=model, counted_tokens=counted):
                opened[call_id] = _Open(role, task_id or "", model, counted)
            case ModelCallFinished():
                found.append(_exchange(opened[event.call_id], event, cast("dict[str, str]", outcomes)))
            case DriftNoticed():
                raise SystemExit("This run was itself a replay.")
            case _:
                pass
    return found


def _exchange(call: _Open, event: ModelCallFinished, outcomes: dict[str, str]) -> Exchange:
    calls = tuple(
        ToolCall(call_id=f"call_{number}", name=one.name, arguments=_whole(one.arguments))
        for number, one in enumerate(event.tool_calls)
    )
    return Exchange(
        role=call.role,
        thread=call.thread,
        model=call.model,
        # The log has no requests, so nothing is claimed about their size.
        request=RequestSummary(messages=0, characters=0, tools=()),
        message=AssistantMessage(text=_whole(event.text), reasoning=_whole(event.reasoning), tool_calls=calls),
        stop_reason=event.stop_reason,
        usage=_usage(call, event.usage),
        outcomes=tuple(
            CallOutcome(tool=one.name, kind=outcomes.get(one.call_id, "interrupted")) for one in event.tool_calls
        ),
    )


def _usage(call: _Open, reported: Usage) -> Usage:
    """What the call took. An endpoint may report less than it was sent; the estimate must not follow it down."""
    return replace(reported, input_tokens=max(reported.input_tokens, call.counted_tokens))


def _whole(text: Text) -> str:
    return text.preview if text.document is None else asyncio.run(_document(text.document))


async def _document(document_id: str) -> str:
    """A long text, page by page."""
    endpoint = await ensure_hub(state_dir())
    hub = await HubConnection.open(endpoint, client="cli")
    try:
        pages: list[str] = []
        offset: int | None = 0
        while offset is not None:
            params = DocumentParams(document_id=document_id, offset=offset)
            page = await hub.call("document/read", params, DocumentResult)
            pages.append(page["text"])
            offset = page["next_offset"]
        return "".join(pages)
    finally:
        await hub.close()


if __name__ == "__main__":
    sys.exit(main())
