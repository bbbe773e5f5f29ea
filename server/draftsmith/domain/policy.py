"""What may be run without asking: rules over a command as it was parsed, never over its text.

A rule of the user's counts before what holds by itself; deny wins everywhere. The sandbox confines whatever is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NewType

RuleId = NewType("RuleId", str)
RuleEffect = Literal["allow", "ask", "deny"]
RuleScope = Literal["session", "workspace"]
Answer = Literal["once", "session", "workspace", "no"]
ProgramKind = Literal["reads", "works", "network", "destructive", "code"]
"""What a program is known to do: only look; change what it is confined to anyway; publish or fetch; destroy; run code
that is handed to it as text."""

ANSWERS: tuple[Answer, ...] = ("once", "session", "workspace", "no")
ONCE_ONLY: tuple[Answer, ...] = ("once", "no")
YES = "once"
OLD_YES = "yes"
"""What sessions of an older version were answered with."""

NOTHING_MORE = ""
SOMEWHERE = "…/"
"""With which the place of a program begins whose folder is only known when it runs."""

MAX_RULES = 200
MAX_PATTERN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`program`, `words` and `paths` are patterns (`*`, `?`, `[…]`); `words` the first words after the program, where a
    last one `NOTHING_MORE` means that no other follows.

    A program without a slash means one of the system or a tool chain, for an allowing rule; denying and asking ones
    mean every program of that name. `paths`, relative to the workspace or absolute: an allowing rule wants all touched
    paths to fit, the others one. `network` are hosts that an allowed command may reach.
    """

    rule_id: RuleId
    effect: RuleEffect
    program: str
    words: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    network: tuple[str, ...] = ()

    def describe(self) -> str:
        """`npm publish …`, with paths and hosts; without the dots where no more may follow."""
        ended = self.words[-1:] == (NOTHING_MORE,)
        text = " ".join([self.program, *(self.words[:-1] if ended else (*self.words, "…"))])
        if self.paths:
            text += f" on {', '.join(self.paths)}"
        return f"{text} with network: {', '.join(self.network)}" if self.network else text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramUse:
    """One program in a command line. `located` is its path when it was named by one outside the system's folders.

    `arguments` are literal; None stands for one that is only known when it runs. `words` are those that are no options;
    `unsure_words` counts how many of the first may be an option's value. `paths` are what it may touch.
    """

    program: str
    located: str = ""
    arguments: tuple[str | None, ...] = ()
    words: tuple[str | None, ...] = ()
    unsure_words: int = 0
    paths: tuple[str, ...] = ()
    unknown_paths: bool = False
    kind: ProgramKind = "works"
    subcommands: int = 0
    """How many words name what it does, as in `git push` (1) or `npm run build` (2)."""

    def describe(self) -> str:
        return " ".join([self.located or self.program, *("…" if one is None else one for one in self.arguments)])


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandView:
    """All programs of a command line, of substitutions and of what is handed to other programs to be run, too.

    `opaque` says in words what could not be understood; `writes` are redirections into files.
    """

    uses: tuple[ProgramUse, ...]
    opaque: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`grants` are the rules that would let the asked programs run again; empty: there are none that say exactly that.

    `network` are the hosts that rules of the user's grant it.
    """

    effect: RuleEffect
    reason: str = ""
    grants: tuple[Rule, ...] = ()
    network: tuple[str, ...] = ()


@lru_cache(maxsize=2_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    """`*` any text, `?` one character, `[ab]` and `[!ab]` one of some; a bracket that nothing closes means itself."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        one = pattern[at]
        at += 1
        end = pattern.find("]", at + 1) if one == "[" else -1
        if one == "*":
            parts.append(".*")
        elif one == "?":
            parts.append(".")
        elif end > 0:
            inner = pattern[at:end]
            negated = inner.startswith("!") and len(inner) > 1
            chosen = "".join(map(re.escape, inner[1:] if negated else inner))
            parts.append(f"[{'^' if negated else ''}{chosen}]")
            at = end + 1
        else:
            parts.append(re.escape(one))
    return re.compile("".join(parts), re.DOTALL)


def like(text: str, pattern: str) -> bool:
    """Whether the whole text fits the pattern; capitals count."""
    return _compiled(pattern).fullmatch(text) is not None


def judge(
    view: CommandView,
    session: Sequence[Rule],
    workspace: Sequence[Rule],
    *,
    asks: bool,
    asks_everything: bool = False,
    wanted_hosts: tuple[str, ...] = (),
) -> Judgement:
    """What holds of the command. `asks` False: nobody is asked about what holds by itself; `asks_everything`: nothing
    holds by itself. `wanted_hosts` are those that it is to reach."""
    denied = [rule for rule in (*session, *workspace) if rule.effect == "deny"]
    for use in view.uses:
        if rule := next((one for one in denied if fits(one, use, view.writes)), None):
            return Judgement(effect="deny", reason=f"`{use.program}` is denied by the rule `{rule.describe()}`.")
    if view.opaque and denied and not asks:
        reason = f"Rules deny commands, and it cannot be told what this one runs: {'; '.join(view.opaque)}."
        return Judgement(effect="deny", reason=reason)
    questions = _Questions()
    granted: list[str] = []
    for use in view.uses:
        rule = _narrowest(use, view.writes, session, workspace)
        if rule is not None and rule.effect == "allow":
            granted += rule.network
        elif rule is not None:
            questions.ask(f"a rule asks about `{rule.describe()}`", use)
        elif why := _by_itself(use, asks=asks, asks_everything=asks_everything, denies=bool(denied)):
            questions.ask(why, use)
    if view.opaque and asks:
        questions.ask_of_opaque(view.opaque)
    missing = tuple(host for host in wanted_hosts if not _reachable(host, granted))
    if missing and not asks:
        return Judgement(effect="deny", reason=f"No rule grants it the network: {', '.join(missing)}.")
    if missing:
        questions.ask_for_network(view, missing, wanted_hosts)
    return questions.judgement((*granted, *wanted_hosts) if wanted_hosts else tuple(granted))


class _Questions:
    """Why the user is asked, and the rules that would have made it needless."""

    def __init__(self) -> None:
        self._reasons: dict[str, None] = {}
        self._grants: dict[tuple[str, ...], Rule] = {}
        self._exact = True

    def ask(self, reason: str, use: ProgramUse, hosts: tuple[str, ...] = ()) -> None:
        self._reasons[reason] = None
        grant = grant_for(use)
        if grant is None:
            self._exact = False
        else:
            self._grants[(grant.program, *grant.words)] = replace(grant, network=hosts)

    def ask_of_opaque(self, reasons: Iterable[str]) -> None:
        self._reasons |= dict.fromkeys(reasons)
        self._exact = False

    def ask_for_network(self, view: CommandView, missing: tuple[str, ...], hosts: tuple[str, ...]) -> None:
        """The grant names the programs that do not only look: one of them is the one that wants it."""
        for use in [one for one in view.uses if one.kind != "reads"] or view.uses:
            self.ask(f"it wants the network: {', '.join(missing)}", use, hosts)

    def judgement(self, network: tuple[str, ...]) -> Judgement:
        hosts = tuple(dict.fromkeys(network))
        if not self._reasons:
            return Judgement(effect="allow", network=hosts)
        grants = tuple(self._grants.values()) if self._exact else ()
        return Judgement(effect="ask", reason="; ".join(self._reasons), grants=grants, network=hosts)


def _reachable(host: str, granted: Iterable[str]) -> bool:
    return any(like(host, one) for one in granted)


def _narrowest(
    use: ProgramUse, writes: Sequence[str], session: Sequence[Rule], workspace: Sequence[Rule]
) -> Rule | None:
    """The session's rules count before the workspace's; of one scope's an asking rule before an allowing one."""
    for rules in (session, workspace):
        fitting = [rule for rule in rules if rule.effect != "deny" and fits(rule, use, writes)]
        if fitting:
            return next((rule for rule in fitting if rule.effect == "ask"), fitting[-1])
    return None


_WHY: dict[ProgramKind, str] = {
    "network": "reaches out of this machine or publishes",
    "destructive": "destroys what cannot be made again",
}


def _by_itself(use: ProgramUse, *, asks: bool, asks_everything: bool, denies: bool) -> str:
    """Why it is asked about where no rule speaks of it; empty: it is not."""
    if asks_everything:
        return f"`{use.program}` runs" if use.program else "a command runs"
    if not asks:
        return ""
    if use.kind == "code" and denies:
        return f"`{use.program}` runs code that rules cannot look into"
    why = _WHY.get(use.kind)
    return f"`{use.describe()[:MAX_PATTERN]}` {why}" if why else ""


def fits(rule: Rule, use: ProgramUse, writes: Sequence[str] = ()) -> bool:
    """Whether a rule speaks of this use. What is not known never fits an allowing rule, and may fit the others."""
    if not _program_fits(rule, use) or not _words_fit(rule, use):
        return False
    if not rule.paths:
        return True
    paths = (*use.paths, *writes)
    if rule.effect == "allow":
        return bool(paths) and not use.unknown_paths and all(_path_fits(one, rule.paths) for one in paths)
    return use.unknown_paths or any(_path_fits(one, rule.paths) for one in paths)


def _program_fits(rule: Rule, use: ProgramUse) -> bool:
    if "/" in rule.program:
        return like(use.located, rule.program) and (rule.effect != "allow" or not use.located.startswith(SOMEWHERE))
    return like(use.program, rule.program) and (rule.effect != "allow" or not use.located)


def _words_fit(rule: Rule, use: ProgramUse) -> bool:
    if not rule.words:
        return True
    if rule.effect == "allow":
        if _begins(use.arguments, rule.words, unknown=False):
            return True
        return use.unsure_words == 0 and _begins(use.words, rule.words, unknown=False)
    return any(_begins(use.words[start:], rule.words, unknown=True) for start in range(use.unsure_words + 1))


def _begins(words: Sequence[str | None], patterns: Sequence[str], *, unknown: bool) -> bool:
    if patterns[-1] == NOTHING_MORE:
        patterns = patterns[:-1]
        if len(words) > len(patterns) and not unknown:
            return False
    if len(words) < len(patterns):
        return unknown and None in words
    return all(unknown if word is None else like(word, pattern) for word, pattern in zip(words, patterns, strict=False))


def _path_fits(path: str, patterns: Iterable[str]) -> bool:
    """`*` does not stop at slashes; `build/**` and `build/*` mean all below, and `build` as well."""
    return any(like(path, one) or path == one.removesuffix("/**").removesuffix("/*").rstrip("/") for one in patterns)


def grant_for(use: ProgramUse) -> Rule | None:
    """The rule that allows this use again: by its subcommand where it has one, else with just these arguments."""
    program = use.located or use.program
    if not program or program.startswith(SOMEWHERE) or any(one in program for one in "*?["):
        return None
    if use.subcommands and use.unsure_words == 0 and None not in use.words[: use.subcommands]:
        words = tuple(one for one in use.words[: use.subcommands] if one is not None)
    elif None in use.arguments:
        return None
    else:
        words = (*(one for one in use.arguments if one is not None), NOTHING_MORE)
    if any(len(one) > MAX_PATTERN for one in words) or len(words) > 20:
        return None
    return Rule(rule_id=RuleId(""), effect="allow", program=program, words=tuple(map(_literally, words)))


def _literally(word: str) -> str:
    """The pattern that means this text alone."""
    return "".join(f"[{one}]" if one in "*?[" else one for one in word)
