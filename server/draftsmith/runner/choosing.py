"""The model for each request of a session: the one it names, or the best that keys, endpoints and servers allow."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from draftsmith.domain.conversation import Role
from draftsmith.domain.figures import NOTHING
from draftsmith.domain.session.state import SessionState
from draftsmith.models.book import ModelBook
from draftsmith.models.choice import Candidate, Choice
from draftsmith.models.discovery import LOCAL_SERVERS_VARIABLE, discover, local_addresses
from draftsmith.models.exchange import read_recording
from draftsmith.models.replay import ReplayGateway, ReplayPace
from draftsmith.models.routing import RoutingGateway
from draftsmith.pipeline.desk import ChosenModel, NoModel
from draftsmith.ports.models import Credential, Needs

RECORDED_MODEL = "recorded/replies"

Credentials = Callable[[], Awaitable[Sequence[Credential]]]


class SessionModels:
    """Chooses for one session. Keys and servers are asked for at first, and again when nothing can be used, after a
    failure, and when the user decided something about models."""

    def __init__(
        self, book: ModelBook, gateway: RoutingGateway, credentials: Credentials, *, probe_local: bool = True
    ) -> None:
        self._book = book
        self._gateway = gateway
        self._credentials = credentials
        self._servers = local_servers() if probe_local else None
        self._candidates: tuple[Candidate, ...] = ()
        self._decided = -1

    async def choose(self, state: SessionState, needs: Needs) -> ChosenModel | NoModel:
        """Raises UserError for a model name that means nothing."""
        if state.model:
            # Asked for by name: that its price is not known is told by whoever reserves the money.
            needs = replace(needs, priced=False)
        shared = bool(self._book.settings.limits)
        needs = replace(needs, priced=needs.priced or (shared and not state.model))
        looked = False
        if not self._candidates or state.spent.errors_in_a_row or self._decided != self._book.settings.version:
            await self._look(state)
            looked = True
        choice = self._book.choose(self._candidates, needs, only=state.model)
        if choice.taken is None and not looked:
            await self._look(state)
            choice = self._book.choose(self._candidates, needs, only=state.model)
        if choice.taken is None:
            free = replace(needs, priced=False)
            # All sessions together have a limit: that is not for one session to set aside.
            other = None if shared or not needs.priced else self._book.choose(self._candidates, free).taken
            reason = "; ".join(f"{one.model}: {one.reason}" for one in choice.passed[:5])
            return NoModel(
                reason=reason,
                none_found=not self._candidates,
                free_in_s=choice.free_in_s,
                unpriced=other.model if other else "",
            )
        return self._chosen(choice.taken, choice, needs.role)

    async def _look(self, state: SessionState) -> None:
        """What can be used now."""
        self._decided = self._book.settings.version
        credentials = await self._credentials()
        if state.model:
            self._candidates = self._book.named(state.model, credentials)
            return
        found = self._book.candidates(credentials, ())
        if self._servers is not None and (not found or self._book.wants_local):
            found = (*found, *self._book.candidates((), await discover({}, addresses=self._servers)))
        self._candidates = found

    def _chosen(self, candidate: Candidate, choice: Choice, role: Role) -> ChosenModel:
        self._gateway.use(self._book.catalogue)
        return ChosenModel(
            gateway=self._gateway,
            model=candidate.model,
            credential=candidate.credential,
            endpoint=candidate.credential.label if candidate.credential is not None else candidate.facts.title,
            reason=choice.reason,
            alternatives=choice.others > 0,
            shared_limits=bool(self._book.settings.limits),
            output_limit=candidate.facts.output_limit,
            worked=self._book.figures.get((candidate.model, role), NOTHING),
            recorded=self._book.by_role,
            edits=self._book.edits(candidate.model),
        )


def local_servers() -> Mapping[str, str] | None:
    """Where local servers are asked, other than at their usual ports; None: nowhere. Raises UserError."""
    return local_addresses(os.environ.get(LOCAL_SERVERS_VARIABLE, ""))


def recorded_model(recording: bytes, played: dict[tuple[str, str], int], *, pace: ReplayPace | None) -> ChosenModel:
    """Replies of a recording, from where the log says that it has been played to. Raises UserError when damaged."""
    text = recording.decode("utf-8", "replace")
    gateway = ReplayGateway(read_recording(text.split("\n"), source="the session"), pace=pace, played=played)
    return ChosenModel(
        gateway=gateway,
        model=RECORDED_MODEL,
        credential=None,
        endpoint="recording",
        reason="the session plays recorded replies",
        expected_outcome=gateway.expected_outcome,
    )
