"""Everything a runner knows of models, and the choice among them: settings, keys, local servers, health, record.

One for a runner, shared by its sessions. It makes no call but for asking local servers what they serve.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import Figures, added
from draftsmith.domain.model_settings import ModelSettings, ModelSettingsEvent, OwnFacts, evolve_model_settings
from draftsmith.domain.work_record import FORMAT_OF
from draftsmith.models import lineup
from draftsmith.models.catalogue import Catalogue, Override
from draftsmith.models.choice import REPLY_TOKENS, Candidate, Choice, Track, choose
from draftsmith.models.discovery import FoundModel
from draftsmith.models.health import Health
from draftsmith.models.providers import PROVIDERS, parse_model
from draftsmith.ports.models import Ability, Credential, Needs

_CUSTOM = "openai_compatible"
ENOUGH_CALLS = 5
"""Calls of a model from which its speed is believed."""
_ABILITIES: tuple[Ability, ...] = ("tools", "images", "json_schema", "reasoning")


class ModelBook:
    """`health` is the gateway's own; `record` and `settings` are replaced as the hub tells of changes."""

    def __init__(self, health: Health) -> None:
        self.health = health
        self.settings = ModelSettings()
        self.record: Mapping[tuple[str, Role], Track] = {}
        self.figures: Mapping[tuple[str, Role], Figures] = {}
        self.catalogue = Catalogue()

    def decided(self, events: Iterable[ModelSettingsEvent]) -> None:
        """The user decided something."""
        for event in events:
            self.settings = evolve_model_settings(self.settings, event)
        self.catalogue = Catalogue({model: _override(facts) for model, facts in self.settings.facts.items()})

    def recorded(self, figures: Mapping[tuple[str, Role], Figures]) -> None:
        """How models did so far, over all sessions."""
        self.figures = figures
        self.record = {
            key: Track(tried=one.tasks, good=one.good_tasks, reply_s=_reply_s(one))
            for key, one in figures.items()
            if one.tasks
        }

    @property
    def by_role(self) -> Mapping[Role, Figures]:
        """How all models together did in each role."""
        roles: set[Role] = {role for _, role in self.figures}
        return {role: added(one for (_, of), one in self.figures.items() if of == role) for role in roles}

    def edits(self, model: str) -> Mapping[str, tuple[int, int]]:
        """Tried and good edits of a model in each format, whatever its role."""
        of_model = [one for (name, _), one in self.figures.items() if name == model]
        return {name: added(of_model).edits(name) for name in FORMAT_OF.values()}

    def candidates(self, credentials: Sequence[Credential], local: Sequence[FoundModel]) -> tuple[Candidate, ...]:
        """Every model that a key, an endpoint of the user's or a local server makes usable, each once for each key."""
        found: list[tuple[str, Credential | None]] = []
        for credential in _newest(credentials):
            if credential.provider == _CUSTOM and not credential.base_url:
                continue  # the key of an endpoint, which comes below
            found += [(model, credential) for model in self._with(credential)]
        found += self._at_endpoints(credentials)
        found += [(one.model, one.credential) for one in local]
        return tuple(self._candidate(model, credential) for model, credential in dict.fromkeys(found))

    def choose(self, candidates: Sequence[Candidate], needs: Needs, *, only: str = "") -> Choice:
        """The model for a request. `only` names the one that the session asks for, whatever else is set."""
        order = (only,) if only else self.settings.order.get(needs.role, ())
        order = tuple(map(self.sent_as, order))
        return choose(
            candidates,
            needs,
            order=order,
            preference=self.settings.preference,
            record=self.record,
            health=self.health,
            now=time.monotonic(),
        )

    @property
    def wants_local(self) -> bool:
        """Whether local servers are to be considered even where there are keys."""
        named = (model for models in self.settings.order.values() for model in models)
        return self.settings.preference == "local" or any(parse_model(model).provider.local for model in named)

    def sent_as(self, model: str) -> str:
        """The version that requests for the model name."""
        return lineup.pinned(model, dict(self.settings.pins))

    def named(self, model: str, credentials: Sequence[Credential]) -> tuple[Candidate, ...]:
        """The candidates for a model that is asked for by name, in the line-up or not."""
        provider = parse_model(model).provider
        keys = [one for one in _newest(credentials) if one.provider == provider.name]
        if provider.name == _CUSTOM:
            keys = [one for one in keys if one.base_url]
            at = self._at_endpoints(credentials)
            named = [one for name, one in at if name == model]
            # A version that is to be tried is served where the model is that it is a version of.
            keys += named or [one for name, one in at if model.startswith(f"{name}-")]
        if provider.local:
            return tuple(self._candidate(model, key) for key in keys or [None])
        return tuple(self._candidate(model, key) for key in keys)

    def _candidate(self, model: str, credential: Credential | None) -> Candidate:
        facts = self.catalogue.facts(self.sent_as(model))
        return Candidate(facts=facts, credential=credential, strength=lineup.strength(facts.model, local=facts.local))

    def _at_endpoints(self, credentials: Sequence[Credential]) -> list[tuple[str, Credential]]:
        """The models of the user's endpoints, with the key that was offered or kept under the endpoint's name."""
        found: list[tuple[str, Credential]] = []
        for endpoint in self.settings.endpoints:
            given = next((one for one in _newest(credentials) if one.label == endpoint.name), None)
            credential = Credential(
                provider=_CUSTOM,
                label=endpoint.name,
                value="" if given is None else given.value,
                base_url=endpoint.base_url,
                origin=f"endpoint {endpoint.name}",
            )
            found += [(f"{_CUSTOM}/{name}", credential) for name in endpoint.models]
        return found

    def _with(self, credential: Credential) -> tuple[str, ...]:
        """The models that a key is for: those of the line-up, and those of the provider that the user names."""
        if credential.provider not in PROVIDERS:
            return ()
        named = [model for models in self.settings.order.values() for model in models]
        more = [model for model in named if model.startswith(f"{credential.provider}/")]
        return tuple(dict.fromkeys((*lineup.of_provider(credential.provider), *more)))


def _reply_s(figures: Figures) -> float | None:
    """Seconds that a reply of usual length takes: to its first token, and for the others."""
    answered = figures.calls - figures.failed_calls
    if answered < ENOUGH_CALLS or not figures.output_tokens:
        return None
    writing_ms = max(0, figures.model_ms - figures.first_token_ms)
    return (figures.first_token_ms / answered + writing_ms / figures.output_tokens * REPLY_TOKENS) / 1000


def _newest(credentials: Sequence[Credential]) -> list[Credential]:
    """Of several keys under one label the one that was offered last: a wrong one is mended by offering another."""
    return list({(one.provider, one.label): one for one in credentials}.values())


def _override(facts: OwnFacts) -> Override:
    return Override(
        context_window=facts.context_window,
        output_limit=facts.output_limit,
        input=facts.input_rate,
        output=facts.output_rate,
        cached=facts.cached_rate,
        cache_write=facts.cache_write_rate,
        reasoning=facts.reasoning_rate,
        abilities=tuple((ability, value) for ability in _ABILITIES if (value := getattr(facts, ability)) is not None),
    )
