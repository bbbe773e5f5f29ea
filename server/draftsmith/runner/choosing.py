"""Which model a session uses: the one it names, or the best that the offered keys and local servers allow."""

from __future__ import annotations

from collections.abc import Sequence

from draftsmith.domain.session.state import SessionState
from draftsmith.models.discovery import discover
from draftsmith.models.exchange import read_recording
from draftsmith.models.providers import PROVIDERS, parse_model
from draftsmith.models.replay import ReplayGateway, ReplayPace
from draftsmith.models.routing import RoutingGateway
from draftsmith.pipeline.desk import ChosenModel
from draftsmith.ports.models import Credential

RECORDED_MODEL = "recorded/replies"


async def choose_model(
    state: SessionState, credentials: Sequence[Credential], gateway: RoutingGateway, *, probe_local: bool = True
) -> ChosenModel | None:
    """The model, or None when nothing can be used. Raises UserError for a model name that means nothing.

    Of several keys for one provider the one that was offered last counts: a wrong one is mended by offering another.
    """
    newest = {credential.provider: credential for credential in credentials}
    if state.model:
        provider = parse_model(state.model).provider
        credential = newest.get(provider.name)
        if credential is None and not provider.local:
            return None
        return ChosenModel(gateway=gateway, model=state.model, credential=credential)
    for provider in PROVIDERS.values():
        credential = newest.get(provider.name)
        if credential is not None and provider.default_model is not None:
            model = f"{provider.name}/{provider.default_model}"
            return ChosenModel(gateway=gateway, model=model, credential=credential)
    found = await discover({}) if probe_local else ()
    return ChosenModel(gateway=gateway, model=found[0].model, credential=found[0].credential) if found else None


def recorded_model(recording: bytes, played: dict[tuple[str, str], int], *, pace: ReplayPace | None) -> ChosenModel:
    """Replies of a recording, from where the log says that it has been played to. Raises UserError when damaged."""
    text = recording.decode("utf-8", "replace")
    gateway = ReplayGateway(read_recording(text.split("\n"), source="the session"), pace=pace, played=played)
    return ChosenModel(
        gateway=gateway, model=RECORDED_MODEL, credential=None, expected_outcome=gateway.expected_outcome
    )
