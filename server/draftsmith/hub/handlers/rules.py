"""Rules on commands: listed, added and removed, of a session or of a workspace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from draftsmith.domain.errors import UserError
from draftsmith.domain.ids import SessionId, WorkspaceId
from draftsmith.domain.policy import Rule, RuleId
from draftsmith.domain.session.commands import AddRule, RemoveRule
from draftsmith.domain.workspace_rules import WorkspaceRuleAdded, WorkspaceRuleRemoved
from draftsmith.hub.workspaces import find_roots, workspace_id_of
from draftsmith.platform.clock import new_id
from draftsmith.protocol.methods.rules import AddRuleParams, RemoveRuleParams, RuleInfo, RulesOf, RulesResult

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def listed(call: Call, params: RulesOf) -> RulesResult:
    return await _result(call, params)


async def add(call: Call, params: AddRuleParams) -> RulesResult:
    rule = Rule(
        rule_id=RuleId(new_id("u")),
        effect=params.effect,
        program=params.program,
        words=params.words,
        paths=params.paths,
        network=params.network,
    )
    if params.scope == "session":
        host = await call.hub.host(_session(params))
        command = AddRule(rule=rule)
        call.hub.appended(host, await host.command(command, call.caller.actor, correlation_id=call.correlation_id))
    else:
        wanted = (WorkspaceRuleAdded(rule=rule),)
        await call.hub.rules.change(await _workspace(call, params), wanted, call.caller.actor, call.correlation_id)
    return await _result(call, params)


async def remove(call: Call, params: RemoveRuleParams) -> RulesResult:
    rule_id = RuleId(params.rule_id)
    if params.session_id:
        host = await call.hub.host(_session(params))
        if any(one.rule_id == rule_id for one in host.state.rules):
            command = RemoveRule(rule_id=rule_id)
            call.hub.appended(host, await host.command(command, call.caller.actor, correlation_id=call.correlation_id))
            return await _result(call, params)
    wanted = (WorkspaceRuleRemoved(rule_id=rule_id),)
    await call.hub.rules.change(await _workspace(call, params), wanted, call.caller.actor, call.correlation_id)
    return await _result(call, params)


def _session(params: RulesOf) -> SessionId:
    if not params.session_id:
        raise UserError(
            "A rule of a session needs the session.", code="illegal_command", remedy="Name the session with it."
        )
    return SessionId(params.session_id)


async def _workspace(call: Call, params: RulesOf) -> WorkspaceId:
    """By its session, else by its folders. Raises UserError when neither is given."""
    if params.session_id:
        return (await call.hub.host(SessionId(params.session_id))).state.workspace_id
    if not params.folders:
        raise UserError("No workspace is named.", code="unknown_folder", remedy="Give its folders, or a session.")
    own = call.hub.state_dir
    return workspace_id_of(await asyncio.to_thread(find_roots, params.folders, allow_home=True, own=own))


async def _result(call: Call, params: RulesOf) -> RulesResult:
    workspace = await call.hub.rules.rules(await _workspace(call, params))
    session = (await call.hub.host(SessionId(params.session_id))).state.rules if params.session_id else ()
    return RulesResult(session=tuple(map(_shown, session)), workspace=tuple(map(_shown, workspace)))


def _shown(rule: Rule) -> RuleInfo:
    return RuleInfo(
        id=rule.rule_id,
        effect=rule.effect,
        program=rule.program,
        words=rule.words,
        paths=rule.paths,
        network=rule.network,
        text=rule.describe(),
    )
