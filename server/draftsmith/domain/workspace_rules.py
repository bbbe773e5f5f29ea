"""The rules of one workspace: a stream of its own, because they outlive the sessions in which they were given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, assert_never

from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.policy import MAX_PATTERN, MAX_RULES, Rule, RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRuleAdded:
    kind: ClassVar[str] = "workspace_rule_added"
    kind_version: ClassVar[int] = 1
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRuleRemoved:
    kind: ClassVar[str] = "workspace_rule_removed"
    kind_version: ClassVar[int] = 1
    rule_id: RuleId


WorkspaceEvent = WorkspaceRuleAdded | WorkspaceRuleRemoved
"""The events are the commands, too: each adds or removes one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRules:
    rules: tuple[Rule, ...] = ()
    version: int = 0


def decide_workspace(state: WorkspaceRules, wanted: WorkspaceEvent) -> tuple[WorkspaceEvent, ...]:
    """The event, or none when there is such a rule already. Raises IllegalCommand (`bad_rule`)."""
    match wanted:
        case WorkspaceRuleAdded(rule=rule):
            if reason := bad_rule(rule, state.rules):
                raise IllegalCommand(reason, code="bad_rule", remedy="`draftsmith rules` lists those that there are.")
            return () if same_rule(rule, state.rules) else (wanted,)
        case WorkspaceRuleRemoved(rule_id=rule_id):
            if all(one.rule_id != rule_id for one in state.rules):
                raise IllegalCommand(
                    f"There is no rule {rule_id} here.",
                    code="bad_rule",
                    remedy="`draftsmith rules` lists those that there are.",
                )
            return (wanted,)
        case _:
            assert_never(wanted)


def evolve_workspace(state: WorkspaceRules, event: WorkspaceEvent) -> WorkspaceRules:
    match event:
        case WorkspaceRuleAdded(rule=rule):
            return replace(state, rules=(*state.rules, rule), version=state.version + 1)
        case WorkspaceRuleRemoved(rule_id=rule_id):
            left = tuple(one for one in state.rules if one.rule_id != rule_id)
            return replace(state, rules=left, version=state.version + 1)
        case _:
            assert_never(event)


def same_rule(rule: Rule, rules: tuple[Rule, ...]) -> bool:
    """Whether one of the rules says the same."""
    return any(replace(one, rule_id=rule.rule_id) == rule for one in rules)


def bad_rule(rule: Rule, rules: tuple[Rule, ...]) -> str:
    """Why a rule cannot be meant or taken, in a sentence; empty when it can."""
    patterns = (rule.program, *rule.words, *rule.paths, *rule.network)
    if not rule.program.strip():
        return "A rule names a program; `*` means every one."
    if any(len(one) > MAX_PATTERN or "\n" in one for one in patterns) or len(patterns) > 60:
        return f"A rule has at most 60 parts of at most {MAX_PATTERN} characters on one line."
    if rule.effect == "allow" and rule.program == "*" and not (rule.words or rule.paths):
        return "A rule that allows everything says nothing; start sessions with --auto instead."
    if rule.network and rule.effect != "allow":
        return "Hosts can only be granted, by a rule that allows."
    if len(rules) >= MAX_RULES:
        return f"There are {MAX_RULES} rules already; that is the limit."
    return ""
