"""Replies of the scripted model in a case's short notation, by role.

    code:
      - read: {path: calc.py}             # a reply that calls one tool (or several, in order)
      - say: Now the test.                # text beside the calls
        calls: [{edit: {…}}, {edit: {…}}] # the same tool twice
      - behaviour: http_500               # any field of the vendor's replies, see `vendor.script`

A role is told by a tool that only it has. Without a section of its own the planner begins work at once and the
reviewer approves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, cast

from vendor.script import Asked, ScriptedReply

Role = Literal["plan", "code", "critique"]
ROLES: tuple[Role, ...] = ("plan", "code", "critique")
TOOL_OF_ROLE: Mapping[Role, str] = {"plan": "begin_work", "code": "finish", "critique": "submit_review"}
VENDOR_FIELDS = frozenset(item.name for item in fields(ScriptedReply)) - {"text", "tool_calls"}
DEFAULTS: Mapping[Role, Mapping[str, Any]] = {
    "plan": {"begin_work": {"title": "Do as asked"}, "times": 0},
    "code": {"finish": {"summary": "Done as asked."}, "times": 0},
    "critique": {"submit_review": {"approved": True, "summary": "It does what was asked."}, "times": 0},
}


def script_of(model: str, sections: Mapping[Role, Sequence[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    """The vendor's replies to one model's requests; each role has an order of its own."""
    return [
        _reply(reply, role, model)
        for role in ROLES
        for reply in (sections[role] if role in sections else [DEFAULTS[role]])
    ]


def role_of(asked: Asked) -> Role | None:
    """The role that a request came from."""
    return next((role for role in ROLES if TOOL_OF_ROLE[role] in asked.tools), None)


def _reply(raw: Mapping[str, Any], role: Role, model: str) -> Mapping[str, Any]:
    vendor = {name: value for name, value in raw.items() if name in VENDOR_FIELDS}
    calls = [_call(name, value) for name, value in raw.items() if name not in VENDOR_FIELDS | {"say", "calls"}]
    for listed in cast("Sequence[Mapping[str, Any]]", raw.get("calls", ())):
        calls += [_call(name, value) for name, value in listed.items()]
    when = {"tool": TOOL_OF_ROLE[role], "model": model, **vendor.pop("when", {})}
    return {"text": raw.get("say", ""), "tool_calls": calls, "when": when, **vendor}


def _call(name: str, arguments: object) -> dict[str, object]:
    """`arguments` as text is sent as it is: for what is no JSON."""
    return {"name": name, "arguments": {} if arguments is None else arguments}
