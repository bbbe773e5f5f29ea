"""Scripts of the vendor: which reply answers which request.

A script is a list of replies, or a mapping `{replies: [...], sticky: bool, key: str}`, in YAML or JSON. The
first reply that is not used up and whose `when` holds is given. `sticky` answers a byte-identical request as
before, so that a call repeated after a crash does not consume the next reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

Behaviour = Literal[
    "normal",
    "http_401",
    "http_404",
    "http_429",
    "http_500",
    "http_529",
    "quota",
    "context_overflow",
    "content_filter",
    "bad_request",
    "cut_stream",  # the connection drops in the middle of the reply
    "early_end",  # the body ends properly, but the reply's end is missing
    "stall",  # half of the reply, then silence
    "stall_before",  # the request is read and nothing is ever said
    "slow_first_token",  # headers at once, the first token after `delay`
    "malformed_sse",
    "invalid_tool_json",
    "unknown_tool",  # the calls name tools that were not offered
    "empty",
    "wrong_content_type",
]


@dataclass(frozen=True, kw_only=True)
class When:
    """All given conditions hold. `contains`: in the system prompt or the last message; `system`, `last`: in
    that one only; `anywhere`: in any message; `turn`: so many assistant messages are in the conversation;
    `tool`: a tool of that name is offered."""

    contains: str | None = None
    system: str | None = None
    last: str | None = None
    anywhere: str | None = None
    model: str | None = None
    turn: int | None = None
    tool: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScriptedCall:
    """`arguments` is an object, or text that is sent as it is."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any])

    @property
    def arguments_json(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True, kw_only=True)
class ScriptedUsage:
    """What is reported and billed. `factor`: the input is so many times what the request's size says; `dropped`:
    nothing is reported, and billed all the same."""

    input: int | None = None
    output: int | None = None
    cached: int = 0
    reasoning: int = 0
    factor: float | None = None
    dropped: bool = False


@dataclass(frozen=True, kw_only=True)
class ScriptedReply:
    """One reply. `delay` is seconds before the first token, `chunk_delay` between pieces; `times` is how often
    it may be given (0: always); `retry_after` belongs to `http_429`, `http_500` and `http_529`."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ScriptedCall, ...] = ()
    usage: ScriptedUsage = ScriptedUsage()
    stop: Literal["length", "filtered"] | None = None
    delay: float = 0.0
    chunk_delay: float = 0.0
    chunk_size: int = 16
    behaviour: Behaviour = "normal"
    retry_after: float | None = None
    when: When = When()
    times: int = 1


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What matters of a request, whatever the vendor's format."""

    model: str
    system: str
    messages: tuple[tuple[str, str], ...]
    """(role, text) of each message but the system's."""
    tools: tuple[str, ...]
    stream: bool
    digest: str
    size: int = 0
    """Bytes of the request's body."""

    @property
    def last(self) -> str:
        return self.messages[-1][1] if self.messages else ""

    @property
    def turn(self) -> int:
        return sum(1 for role, _ in self.messages if role == "assistant")


def holds(when: When, asked: Asked) -> bool:
    """Whether every condition of `when` holds for the request."""
    checks = (
        when.contains is None or when.contains in asked.system or when.contains in asked.last,
        when.system is None or when.system in asked.system,
        when.last is None or when.last in asked.last,
        when.anywhere is None or any(when.anywhere in text for _, text in asked.messages),
        when.model is None or when.model in asked.model,
        when.turn is None or when.turn == asked.turn,
        when.tool is None or when.tool in asked.tools,
    )
    return all(checks)


class Script:
    """The replies and which of them are used up."""

    def __init__(self, replies: Sequence[ScriptedReply], *, sticky: bool = False, key: str | None = None) -> None:
        self.replies = tuple(replies)
        self.sticky = sticky
        self.key = key
        self.given = [0] * len(self.replies)
        self._answered: dict[str, int] = {}

    def pick(self, asked: Asked) -> ScriptedReply | None:
        """The reply for this request, or `None` when nothing is left for it."""
        if self.sticky and asked.digest in self._answered:
            return self.replies[self._answered[asked.digest]]
        for index, reply in enumerate(self.replies):
            if (reply.times == 0 or self.given[index] < reply.times) and holds(reply.when, asked):
                self.given[index] += 1
                self._answered[asked.digest] = index
                return reply
        return None

    @property
    def left(self) -> int:
        """Replies with a limit that were never given."""
        return sum(1 for reply, given in zip(self.replies, self.given, strict=True) if reply.times and not given)


Scriptable = Script | Sequence[ScriptedReply | Mapping[str, Any]] | Mapping[str, Any] | Path


def load_script(source: Scriptable) -> Script:
    """A script from a file, a list of replies or a mapping; unknown fields are refused."""
    if isinstance(source, Script):
        return source
    if isinstance(source, Path):
        text = source.read_text(encoding="utf-8")
        if source.suffix == ".json":
            return load_script(json.loads(text))
        import yaml  # only scripts in YAML need it

        return load_script(yaml.safe_load(text))
    if isinstance(source, Mapping):
        unknown = set(source) - {"replies", "sticky", "key"}
        if unknown:
            raise ValueError(f"unknown fields in the script: {sorted(unknown)}")
        replies = [_reply(item) for item in source["replies"]]
        return Script(replies, sticky=bool(source.get("sticky", False)), key=source.get("key"))
    return Script([_reply(item) for item in source])


def _reply(raw: ScriptedReply | Mapping[str, Any]) -> ScriptedReply:
    if isinstance(raw, ScriptedReply):
        return raw
    _refuse_unknown(raw, ScriptedReply)
    values = dict(raw)
    calls: Sequence[Mapping[str, Any]] = values.get("tool_calls", ())
    for call in calls:
        _refuse_unknown(call, ScriptedCall)
    values["tool_calls"] = tuple(ScriptedCall(**call) for call in calls)
    for name, kind in (("usage", ScriptedUsage), ("when", When)):
        if name in values:
            _refuse_unknown(values[name], kind)
            values[name] = kind(**values[name])
    reply = ScriptedReply(**values)
    if reply.behaviour not in get_args(Behaviour):
        raise ValueError(f"unknown behaviour {reply.behaviour!r}; known: {', '.join(get_args(Behaviour))}")
    return reply


def _refuse_unknown(raw: Mapping[str, Any], kind: type) -> None:
    unknown = set(raw) - {item.name for item in fields(kind)}
    if unknown:
        raise ValueError(f"unknown fields of {kind.__name__}: {sorted(unknown)}")
