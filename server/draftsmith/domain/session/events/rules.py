"""Rules on commands as a session knows them: its own, and those of its workspace as they were told to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from draftsmith.domain.ids import DecisionId
from draftsmith.domain.policy import Rule, RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRulesAdded:
    """They hold as long as the session. `decision_id` is the question that they answer, empty when none was asked."""

    kind: ClassVar[str] = "session_rules_added"
    kind_version: ClassVar[int] = 1
    rules: tuple[Rule, ...]
    decision_id: DecisionId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRuleRemoved:
    kind: ClassVar[str] = "session_rule_removed"
    kind_version: ClassVar[int] = 1
    rule_id: RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRulesTold:
    """All rules of the workspace, as they hold for the session from now on."""

    kind: ClassVar[str] = "workspace_rules_told"
    kind_version: ClassVar[int] = 1
    rules: tuple[Rule, ...]


RuleEvent = SessionRulesAdded | SessionRuleRemoved | WorkspaceRulesTold
