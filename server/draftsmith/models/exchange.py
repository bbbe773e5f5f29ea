"""The file format of recordings: JSON Lines, a header and one exchange per line, made to be read and edited.

Requests are summarised, not stored: prompts may change without making a recording useless.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, get_args

from draftsmith.domain.conversation import AssistantMessage, Role, StopReason, ToolCall, Usage
from draftsmith.domain.errors import UserError

FORMAT = 1
_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What tools may take for the end of a line, or cannot be encoded: written escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a recording comes from. `recorded_at` is ISO 8601 in UTC; `by` names who or what gave the replies."""

    recorded_at: str
    model: str
    draftsmith: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """What kind of outcome a tool call had, for example `ok`, `refused` or `exit_1`."""

    tool: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded reply. `outcomes` has an entry, or `None` while unknown, for each tool call in order."""

    role: Role
    thread: str
    model: str
    message: AssistantMessage
    stop_reason: StopReason
    usage: Usage
    outcomes: tuple[CallOutcome | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    provenance: Provenance
    exchanges: tuple[Exchange, ...]


def header_line(provenance: Provenance) -> str:
    """The first line of a recording."""
    return _line({"kind": "recording", "format": FORMAT, **asdict(provenance)})


def exchange_line(exchange: Exchange) -> str:
    """The line of one exchange."""
    message = exchange.message
    return _line(
        {
            "kind": "exchange",
            "role": exchange.role,
            "thread": exchange.thread,
            "model": exchange.model,
            "reply": {
                "text": message.text,
                "reasoning": message.reasoning,
                "tool_calls": [_call(call) for call in message.tool_calls],
                "stop_reason": exchange.stop_reason,
            },
            "usage": asdict(exchange.usage),
            "outcomes": [None if outcome is None else asdict(outcome) for outcome in exchange.outcomes],
        }
    )


def read_recording(lines: Iterable[str], *, source: str) -> Recording:
    """A recording from its lines; raises `UserError` that names the line which cannot be read."""
    provenance: Provenance | None = None
    exchanges: list[Exchange] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            if provenance is None:
                provenance = _provenance(raw)
            else:
                exchanges.append(_exchange(raw))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f"The recording {source} cannot be read at line {number}: {error!r}.",
                code="recording_damaged",
                remedy="Restore the file or record again with `make record`.",
            ) from None
    if provenance is None:
        raise UserError(
            f"The recording {source} is empty.",
            code="recording_damaged",
            remedy="Restore the file or record again with `make record`.",
        )
    return Recording(provenance=provenance, exchanges=tuple(exchanges))


def _provenance(raw: dict[str, Any]) -> Provenance:
    if raw["kind"] != "recording" or raw["format"] != FORMAT:
        raise ValueError(f"not the header of a recording of format {FORMAT}")
    names = ("recorded_at", "model", "draftsmith", "by", "note")
    return Provenance(**{name: _text(raw[name]) for name in names})


def _exchange(raw: dict[str, Any]) -> Exchange:
    if raw["kind"] != "exchange" or raw["role"] not in get_args(Role):
        raise ValueError("not an exchange of a known role")
    reply = raw["reply"]
    if reply["stop_reason"] not in get_args(StopReason):
        raise ValueError(f"unknown stop reason {reply['stop_reason']!r}")
    calls = tuple(
        ToolCall(call_id=_text(call["call_id"]), name=_text(call["name"]), arguments=_arguments(call["arguments"]))
        for call in reply["tool_calls"]
    )
    outcomes = [None if item is None else CallOutcome(**item) for item in raw.get("outcomes", ())]
    return Exchange(
        role=raw["role"],
        thread=_text(raw["thread"]),
        model=_text(raw["model"]),
        message=AssistantMessage(text=_text(reply["text"]), reasoning=_text(reply["reasoning"]), tool_calls=calls),
        stop_reason=reply["stop_reason"],
        usage=Usage(**{name: int(value) for name, value in raw["usage"].items()}),
        outcomes=(*outcomes, *([None] * (len(calls) - len(outcomes)))),
    )


def _call(call: ToolCall) -> dict[str, Any]:
    """Arguments as an object when they are one, so that they can be read; what the model garbled stays text."""
    arguments: Any = call.arguments
    try:
        parsed = json.loads(call.arguments)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        arguments = parsed
    return {"call_id": call.call_id, "name": call.name, "arguments": arguments}


def _arguments(raw: Any) -> str:
    return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError(f"text expected, found {type(raw).__name__}")
    return raw


def _line(fields: dict[str, Any]) -> str:
    text = json.dumps(fields, ensure_ascii=False)
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"
