"""What belongs to no one session: being told of changes, and preferences of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.preferences import ScreenPreferenceKept, ScreenPreferences
from draftsmith.protocol.methods.overview import (
    PreferenceLine,
    PreferenceParams,
    PreferencesParams,
    PreferencesResult,
    WatchParams,
)
from draftsmith.protocol.methods.session import Empty

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call


async def watch(call: Call, params: WatchParams) -> Empty:
    """Twice is as once: the connection watches already."""
    caller = call.caller
    if caller.watch is None and not caller.gone:
        caller.watch = call.hub.watching.watch(caller.standing.user)
    return Empty()


async def preferences(call: Call, params: PreferencesParams) -> PreferencesResult:
    return _shown(await call.hub.preferences.of(call.caller.standing.user))


async def keep(call: Call, params: PreferenceParams) -> PreferencesResult:
    wanted = ScreenPreferenceKept(name=params.name, value=params.content)
    return _shown(await call.hub.preferences.keep(wanted, call.caller.actor, call.correlation_id))


def _shown(held: ScreenPreferences) -> PreferencesResult:
    lines = (PreferenceLine(name=name, content=value) for name, value in held.values.items())
    return PreferencesResult(preferences=tuple(lines))
