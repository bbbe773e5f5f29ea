"""Methods about rules on commands: what runs without asking, what is asked about, what never runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from draftsmith.protocol.model import Message

EffectName = Literal["allow", "ask", "deny"]


class RulesOf(Message):
    """Whose rules: a session's with its workspace's, or those of the workspace with these folders."""

    session_id: str = ""
    folders: tuple[str, ...] = Field(default=(), max_length=50, description="Absolute paths; used without a session.")


class AddRuleParams(RulesOf):
    """Patterns are matched with the command as it was parsed, never with its text: `*`, `?` and `[…]` in each part."""

    scope: Literal["session", "workspace"]
    effect: EffectName
    program: str = Field(min_length=1, max_length=200, description="A name, or a path; `*` is every one.")
    words: tuple[str, ...] = Field(default=(), max_length=20, description="The first words after the program.")
    paths: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="Of files that it touches; an allowing rule wants all of them to fit, the others one.",
    )
    network: tuple[str, ...] = Field(default=(), max_length=20, description="Hosts that it may reach, when allowed.")


class RemoveRuleParams(RulesOf):
    rule_id: str


class RuleInfo(Message):
    id: str
    effect: EffectName
    program: str
    words: tuple[str, ...]
    paths: tuple[str, ...]
    network: tuple[str, ...]
    text: str = Field(description="The rule in words, without its effect.")


class RulesResult(Message):
    """Deny wins; else the session's rules count before the workspace's, and asking before allowing."""

    session: tuple[RuleInfo, ...]
    workspace: tuple[RuleInfo, ...]
