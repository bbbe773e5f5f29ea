"""Whoever watches the hub hears that rules of a workspace are others, once they are durable, and of nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.unit.hub.worlds import WAIT_S, world

from draftsmith.domain.envelope import LOCAL_USER, Actor
from draftsmith.domain.ids import WorkspaceId
from draftsmith.domain.policy import Rule, RuleId
from draftsmith.domain.workspace_rules import WorkspaceRuleAdded

WORKSPACE = WorkspaceId("w_1")
RULE = Rule(rule_id=RuleId("u_1"), effect="allow", program="make")


async def test_a_changed_rule_is_told_once_and_a_rule_that_is_there_already_is_not(tmp_path: Path) -> None:
    async with world(tmp_path) as there:
        watch = there.hub.watching.watch("somebody")
        wanted, actor = (WorkspaceRuleAdded(rule=RULE),), Actor(user=LOCAL_USER, client="cli")
        await there.hub.rules.change(WORKSPACE, wanted, actor, "c")
        async with asyncio.timeout(WAIT_S):
            assert (await watch.take()).what == ("rules",)
        assert await there.hub.rules.rules(WORKSPACE) == (RULE,)
        await there.hub.rules.change(WORKSPACE, (), actor, "c")
        there.hub.watching.changed("models")
        async with asyncio.timeout(WAIT_S):
            assert (await watch.take()).what == ("models",)
