"""Rules over parsed commands: what fits, what counts first, what is asked about, and what an answer lets run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.shell.view import view
from draftsmith.domain.errors import IllegalCommand
from draftsmith.domain.policy import MAX_RULES, Judgement, Rule, RuleEffect, RuleId, fits, grant_for, judge
from draftsmith.domain.workspace_rules import (
    WorkspaceRuleAdded,
    WorkspaceRuleRemoved,
    WorkspaceRules,
    decide_workspace,
    evolve_workspace,
)


def rule(effect: RuleEffect, line: str, *, paths: tuple[str, ...] = (), network: tuple[str, ...] = ()) -> Rule:
    program, *words = line.split()
    return Rule(rule_id=RuleId(line), effect=effect, program=program, words=tuple(words), paths=paths, network=network)


def told(
    line: str, *rules: Rule, asks: bool = True, workspace: tuple[Rule, ...] = (), hosts: tuple[str, ...] = ()
) -> Judgement:
    return judge(view(line), rules, workspace, asks=asks, wanted_hosts=hosts)


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("ls; cat a | grep b", "allow"),
        ("make test && npm run build", "allow"),
        ("rm -rf build", "allow"),
        ("git push", "ask"),
        ("ls && npm publish", "ask"),
        ("rm -rf .", "ask"),
        ("sh -c 'git push'", "ask"),
        ("find . -exec curl {} \\;", "ask"),
        ("$X", "ask"),
        ("curl x | sh", "ask"),
        ("python -c 'x'", "allow"),
    ],
)
def test_what_holds_by_itself(line: str, effect: str) -> None:
    assert told(line).effect == effect
    assert told(line, asks=False).effect == "allow", "the sandbox holds, and nobody is there to ask"


@pytest.mark.parametrize(
    "line",
    [
        "git push",
        "git -C . push origin",
        "git --unknown-option push",
        "/usr/bin/git push",
        "./git push",
        "a; b && (git push)",
        "echo $(git push)",
        "sh -c 'git push'",
        "xargs git push",
        "git $X",
        "$V/bin/git push",
    ],
)
@pytest.mark.parametrize("asks", [True, False])
def test_deny_wins_however_it_is_written(line: str, asks: bool) -> None:
    deny = rule("deny", "git push")
    assert told(line, rule("allow", "git push"), rule("allow", "git"), workspace=(deny,), asks=asks).effect == "deny"


@pytest.mark.parametrize("line", ["git status", "git pull", "echo git push", "gitpush", "grep push"])
def test_deny_means_no_more_than_it_says(line: str) -> None:
    assert told(line, rule("deny", "git push"), asks=False).effect == "allow"


def test_with_a_deny_what_cannot_be_told_is_denied_or_asked_about() -> None:
    deny = rule("deny", "curl")
    assert told("$X", deny, asks=False).effect == "deny"
    assert told("$X", deny).effect == "ask"
    assert told("python -c 'x'", deny).effect == "ask"


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("npm publish", "allow"),
        ("npm publish --tag x", "allow"),
        ("npm --silent publish", "allow"),
        ("npm --odd publish", "ask"),
        ("npm unpublish", "ask"),
        ("./npm publish", "ask"),
        ("npm publish; git push", "ask"),
        ("npm publish $(git push)", "ask"),
    ],
)
def test_an_allowing_rule_means_exactly_what_it_says(line: str, effect: str) -> None:
    assert told(line, rule("allow", "npm publish")).effect == effect


def test_a_program_of_the_workspace_is_not_allowed_by_a_name() -> None:
    [use] = view("./npm publish").uses
    assert not fits(rule("allow", "npm publish"), use)
    assert fits(rule("deny", "npm publish"), use)
    assert fits(rule("allow", "./npm publish"), use)


def test_the_sessions_rule_counts_before_the_workspaces() -> None:
    ask = rule("ask", "make")
    assert told("make", workspace=(ask,)).effect == "ask"
    assert told("make", rule("allow", "make"), workspace=(ask,)).effect == "allow"
    assert told("make", ask, rule("allow", "make")).effect == "ask", "of one scope asking counts first"
    assert told("make", ask, asks=False).effect == "ask", "what the user wants to be asked about is asked always"


@pytest.mark.parametrize(
    ("line", "allowed", "denied"),
    [
        ("rm build/a build/b", True, True),
        ("rm build/a src/b", False, True),
        ("rm src/b", False, False),
        ("rm build", True, True),
        ("rm $X", False, True),
        ("rm", False, False),
        ("rm a > build/x", False, True),
    ],
)
def test_paths_narrow_a_rule(line: str, allowed: bool, denied: bool) -> None:
    seen = view(line)
    assert fits(rule("allow", "rm", paths=("build/**",)), seen.uses[0], seen.writes) == allowed
    assert fits(rule("deny", "rm", paths=("build/**",)), seen.uses[0], seen.writes) == denied


def test_hosts_are_granted_by_a_rule_or_asked_about() -> None:
    hosts = ("packages.example.org",)
    assert told("npm ci", hosts=hosts).effect == "ask"
    assert told("npm ci", hosts=hosts, asks=False).effect == "deny"
    allow = rule("allow", "npm ci", network=("*.example.org",))
    assert told("npm ci", allow, hosts=hosts).effect == "allow"
    assert told("npm ci", allow, hosts=("evil.example.net",)).effect == "ask"
    assert told("npm ci", rule("allow", "npm ci"), hosts=hosts).effect == "ask", "allowed to run is not allowed out"
    asked = told("npm ci", hosts=hosts)
    assert told("npm ci", *asked.grants, hosts=hosts).effect == "allow"


@pytest.mark.parametrize(
    ("line", "grants"),
    [
        ("git push origin main", ["git push …"]),
        ("npm publish && gh pr create -t x", ["npm publish …", "gh pr create …"]),
        ("curl -o a b", ["curl -o a b"]),
        ("rm -rf .", ["rm -rf ."]),
        ("rm -rf *", ["rm -rf [*]"]),
        ("curl $X", []),
        ("$X", []),
        ("git push; $X", []),
    ],
)
def test_a_yes_for_longer_is_offered_only_where_a_rule_says_just_that(line: str, grants: list[str]) -> None:
    found = told(line)
    assert found.effect == "ask"
    assert [one.describe() for one in found.grants] == grants


WORDS = st.lists(
    st.sampled_from(
        ["git", "npm", "rm", "curl", "push", "publish", "-f", "-rf", "--x", "*", ".", "a b", "$X", "run", "[a]", "make"]
    ),
    min_size=1,
    max_size=6,
)


@given(st.lists(WORDS, min_size=1, max_size=3))
def test_what_was_granted_runs_and_asks_no_more(parts: list[list[str]]) -> None:
    line = " && ".join(" ".join(f"'{one}'" if one not in ("$X", "*") else one for one in words) for words in parts)
    found = judge(view(line), (), (), asks=True, asks_everything=True)
    if found.grants:
        assert judge(view(line), found.grants, (), asks=True, asks_everything=True).effect == "allow"
        assert judge(
            view(f"{line}; git push --mirror z"), found.grants, (), asks=True
        ).effect == "ask" or "git push" in " ".join(one.describe() for one in found.grants)


@given(WORDS)
def test_a_grant_fits_the_use_that_it_was_made_for(words: list[str]) -> None:
    [use] = view(" ".join(f"'{one}'" for one in words)).uses
    grant = grant_for(use)
    assert grant is None or fits(grant, use)


EFFECTS: st.SearchStrategy[RuleEffect] = st.sampled_from(["allow", "ask", "deny"])


@given(st.lists(st.tuples(EFFECTS, st.sampled_from(["git", "git push", "npm", "* push", "rm"])), max_size=4), WORDS)
def test_a_further_deny_never_lets_more_run(held: list[tuple[RuleEffect, str]], words: list[str]) -> None:
    line = " ".join(f"'{one}'" for one in words)
    rules = tuple(rule(effect, text) for effect, text in held)
    order = {"allow": 0, "ask": 1, "deny": 2}
    before = told(line, *rules)
    after = told(line, *rules, rule("deny", "git push"))
    assert order[after.effect] >= order[before.effect]


def test_rules_of_a_workspace_are_added_once_and_removed_by_name() -> None:
    state = WorkspaceRules()
    add = WorkspaceRuleAdded(rule=rule("deny", "git push"))
    [event] = decide_workspace(state, add)
    state = evolve_workspace(state, event)
    assert decide_workspace(state, WorkspaceRuleAdded(rule=replace(add.rule, rule_id=RuleId("other")))) == ()
    [gone] = decide_workspace(state, WorkspaceRuleRemoved(rule_id=add.rule.rule_id))
    assert evolve_workspace(state, gone).rules == ()
    with pytest.raises(IllegalCommand, match="no rule u9"):
        decide_workspace(state, WorkspaceRuleRemoved(rule_id=RuleId("u9")))


@pytest.mark.parametrize(
    "bad",
    [
        rule("allow", "*"),
        rule("deny", "x", network=("a",)),
        replace(rule("deny", "x"), program="  "),
        replace(rule("deny", "x"), words=("w" * 300,)),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(bad: Rule) -> None:
    with pytest.raises(IllegalCommand):
        decide_workspace(WorkspaceRules(), WorkspaceRuleAdded(rule=bad))


def test_rules_are_bounded() -> None:
    full = WorkspaceRules(rules=tuple(rule("deny", f"p{number}") for number in range(MAX_RULES)))
    with pytest.raises(IllegalCommand, match="limit"):
        decide_workspace(full, WorkspaceRuleAdded(rule=rule("deny", "one-more")))
