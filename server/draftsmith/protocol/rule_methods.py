"""The registry's part about rules on commands."""

from __future__ import annotations

from draftsmith.protocol.method import Method, method
from draftsmith.protocol.methods import rules

_ERRORS = ("unknown_session", "unknown_folder", "workspace_is_home")

RULE_METHODS: tuple[Method, ...] = (
    method(
        "rules/list",
        rules.RulesOf,
        rules.RulesResult,
        "view",
        "The rules on commands of a session and its workspace.",
        safe=True,
        errors=_ERRORS,
    ),
    method(
        "rules/add",
        rules.AddRuleParams,
        rules.RulesResult,
        "own",
        "Adds a rule; sessions at work act on it from their next command on.",
        idempotent=True,
        errors=(*_ERRORS, "bad_rule", "illegal_command"),
    ),
    method(
        "rules/remove",
        rules.RemoveRuleParams,
        rules.RulesResult,
        "own",
        "Removes a rule.",
        errors=(*_ERRORS, "bad_rule", "illegal_command"),
    ),
)
