"""Which of the usable models answers a request: the user's own order first, else by fitness, record and price.

Pure: candidates, record and health in, a choice with its reason out. Every model that was passed over says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from draftsmith.domain.conversation import Role
from draftsmith.domain.model_settings import Preference
from draftsmith.models.catalogue import ModelFacts
from draftsmith.models.health import EndpointKey, Health
from draftsmith.ports.models import Credential, Needs

PATIENCE_S = 5.0
"""A better endpoint that is free again within this is waited for; beyond it the next one answers."""
_PRIOR_CALLS = 6.0
"""How many recorded tasks weigh as much as what is assumed of a model beforehand."""
_ENOUGH = 0.7
"""`cheap` takes the cheapest whose expected success is at least this share of the best one's."""
_PRICE_WEIGHT = 0.12
"""`balanced`: a tenfold price has to bring so much more success."""
_SPEED_WEIGHT = 0.06
"""`balanced`: replies that take ten times as long have to bring so much more success."""
_USUAL_REPLY_S = 15.0
"""A model of which nothing is recorded is taken to be as quick."""
REPLY_TOKENS = 500
_ASSUMED_NANO_USD = 20_000_000
"""A call whose price is not known is compared as if it cost two cents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model that can be called with a key. `strength`, 0 to 1, is what is assumed of it before any record."""

    facts: ModelFacts
    credential: Credential | None
    strength: float

    @property
    def model(self) -> str:
        return self.facts.model

    @property
    def endpoint(self) -> EndpointKey:
        return EndpointKey.of(self.model, self.credential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What the record says of a model in a role: `good` of `tried` went well; `reply_s` is what a reply of
    `REPLY_TOKENS` takes it, None where too little is recorded."""

    tried: float
    good: float
    reply_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A candidate that was not taken, and why in words. `free_in_s`: when it could be called."""

    model: str
    reason: str
    free_in_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`taken` is None when no candidate can be used now; `passed` then says why of each."""

    taken: Candidate | None
    reason: str
    passed: tuple[Passed, ...] = ()
    others: int = 0
    """How many more could take the request, now or later."""

    @property
    def free_in_s(self) -> float | None:
        """When the first of those passed over could be called; None when waiting helps with none."""
        return min((one.free_in_s for one in self.passed if one.free_in_s is not None), default=None)


def choose(
    candidates: Sequence[Candidate],
    needs: Needs,
    *,
    order: Sequence[str] = (),
    preference: Preference = "balanced",
    record: Mapping[tuple[str, Role], Track],
    health: Health,
    now: float,
) -> Choice:
    """The model for one request. `order` is the user's own list for the role and decides before all else."""
    passed: list[Passed] = []
    fit: list[Candidate] = []
    for candidate in candidates:
        unfit = _unfit(candidate, needs, preference, by_hand=candidate.model in order)
        if unfit:
            passed.append(Passed(model=candidate.model, reason=unfit))
        else:
            fit.append(candidate)
    listed = [candidate for model in order for candidate in fit if candidate.model == model]
    if order:
        ranked = [(candidate, "it is the first of your order that can be used") for candidate in listed]
        missing = set(order) - {candidate.model for candidate in candidates}
        passed += [
            Passed(model=model, reason="there is no key or server for it") for model in order if model in missing
        ]
    else:
        ranked = _ranked(fit, needs, preference, record)
    waiting: list[Passed] = []
    failing: list[tuple[Candidate, str]] = []
    for candidate, reason in _spread(ranked, health, now):
        sound = health.soundness(candidate.endpoint, now)
        allowed = health.allowance(candidate.endpoint, needs.input_tokens, now)
        if sound.at_once and allowed.wait_s is not None and allowed.wait_s <= PATIENCE_S:
            return Choice(taken=candidate, reason=reason, passed=(*passed, *waiting), others=len(ranked) - 1)
        if sound.wait_s is not None and allowed.at_once:
            failing.append((candidate, sound.reason))
        standing = allowed if sound.at_once else sound
        waiting.append(Passed(model=candidate.model, reason=standing.reason, free_in_s=standing.wait_s))
    everything = (*passed, *waiting)
    if failing:
        # Trying what failed is better than not trying at all; the pauses between tries are the pipeline's.
        candidate, why = failing[0]
        return Choice(
            taken=candidate, reason=f"nothing else can answer, though {why}", passed=everything, others=len(ranked) - 1
        )
    refused = [candidate for candidate, _ in ranked if health.soundness(candidate.endpoint, now).wait_s is None]
    if refused and len(refused) == len(ranked):
        return Choice(taken=refused[0], reason="nothing else can answer", passed=everything)
    return Choice(taken=None, reason="none of them can be used now", passed=everything)


def _unfit(candidate: Candidate, needs: Needs, preference: Preference, *, by_hand: bool) -> str:
    """Why the request cannot go there, whatever its price or record; empty when it can."""
    facts = candidate.facts
    lacking = sorted(ability for ability in needs.abilities if facts.can(ability) is False)
    if lacking:
        return f"it does not have: {', '.join(lacking)}"
    if "images" in needs.abilities and facts.can("images") is None:
        # A picture that is sent in vain is not noticed: the model guesses. Tools that do not work show at once.
        return f"it is not known to read images (`draftsmith models facts {facts.model} --images` says that it does)"
    window = facts.context_window
    if window is not None and needs.input_tokens + min(needs.output_tokens, window // 4) > window:
        return f"the request of {needs.input_tokens} tokens does not fit its window of {window}"
    if needs.priced and facts.rates.input is None:
        return "its price is not known, and a budget in dollars is set"
    if preference == "local" and not facts.local and not by_hand:
        return "only local models are wanted"
    return ""


def _ranked(
    fit: Sequence[Candidate],
    needs: Needs,
    preference: Preference,
    record: Mapping[tuple[str, Role], Track],
) -> list[tuple[Candidate, str]]:
    """The fit ones, the one to be taken first, each with the reason that would be shown."""
    expected = {candidate.model: _expected(candidate, needs.role, record) for candidate in fit}
    best = max(expected.values(), default=0.0)
    wanted: Preference = "cheap" if needs.role == "quick" and preference != "local" else preference

    def rank(candidate: Candidate) -> tuple[float, ...]:
        success, price = expected[candidate.model], _price(candidate.facts, needs)
        slow = _reply_s(candidate, needs.role, record)
        match wanted:
            case "best":
                return (-success, price, slow)
            case "cheap":
                return (0.0 if success >= best * _ENOUGH else 1.0, price, slow, -success)
            case "balanced" | "local":
                dear = _PRICE_WEIGHT * math.log10(max(price, 100_000) / 100_000)
                return (dear + _SPEED_WEIGHT * math.log10(slow / _USUAL_REPLY_S) - success, price)

    return [(candidate, _because(candidate, needs, wanted, record)) for candidate in sorted(fit, key=rank)]


def _spread(ranked: list[tuple[Candidate, str]], health: Health, now: float) -> list[tuple[Candidate, str]]:
    """Several keys or addresses of one model take turns: the most allowance left first, then the quickest."""

    def order(indexed: tuple[int, tuple[Candidate, str]]) -> tuple[int, float, float, int]:
        index, (candidate, _) = indexed
        first = next(place for place, (other, _) in enumerate(ranked) if other.model == candidate.model)
        endpoint = candidate.endpoint
        return (first, -round(health.headroom(endpoint, now), 1), health.first_token_ms(endpoint) or 0.0, index)

    return [pair for _, pair in sorted(enumerate(ranked), key=order)]


def _expected(candidate: Candidate, role: Role, record: Mapping[tuple[str, Role], Track]) -> float:
    """Expected share of good outcomes: what is assumed, moved by what was recorded."""
    track = record.get((candidate.model, role), Track(tried=0, good=0))
    return (candidate.strength * _PRIOR_CALLS + track.good) / (_PRIOR_CALLS + track.tried)


def _reply_s(candidate: Candidate, role: Role, record: Mapping[tuple[str, Role], Track]) -> float:
    """Seconds that a reply takes by the record."""
    track = record.get((candidate.model, role))
    known = None if track is None else track.reply_s
    return max(0.1, _USUAL_REPLY_S if known is None else known)


def _price(facts: ModelFacts, needs: Needs) -> float:
    """Nano-dollars of a typical call of this size: a tenth of the output that is allowed."""
    if facts.local:
        return 0.0
    if facts.rates.input is None or facts.rates.output is None:
        return _ASSUMED_NANO_USD
    return (needs.input_tokens * facts.rates.input + needs.output_tokens / 10 * facts.rates.output) / 1e6


def _because(candidate: Candidate, needs: Needs, wanted: Preference, record: Mapping[tuple[str, Role], Track]) -> str:
    track = record.get((candidate.model, needs.role))
    said = {
        "best": "expected to do best",
        "balanced": "best for its price",
        "cheap": "cheapest that is good enough",
        "local": "best of the local ones",
    }[wanted]
    if track is None or track.tried < 1:
        return f"{said}; nothing recorded yet"
    quick = f", a reply in about {track.reply_s:.0f} s" if track.reply_s is not None and track.reply_s >= 1 else ""
    return f"{said}; {track.good:.0f} of {track.tried:.0f} recorded went well{quick}"
