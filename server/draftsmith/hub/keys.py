"""Keys that the user wants kept in the system's keyring: put there, taken out, and read when the hub starts.

Which names are there is a setting; the keys themselves are in the keyring and in the hub's memory, nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from pydantic import SecretStr

from draftsmith.domain.envelope import Actor
from draftsmith.domain.errors import UserError
from draftsmith.domain.model_settings import KeyDropped, KeyKept, ModelSettings
from draftsmith.hub.credentials import CredentialVault
from draftsmith.hub.model_settings import ModelSettingsBook
from draftsmith.platform.keyring import delete_key, read_keys, write_key
from draftsmith.protocol.methods.hub import OfferedCredential
from draftsmith.protocol.methods.model_report import KeptKey

log = structlog.get_logger()

VENDORS = ("anthropic", "openai", "gemini")
"""Providers of models that want a key; a test compares them with those of `draftsmith.models`."""
ORIGIN = "keyring"
_CUSTOM = "openai_compatible"
_READY_SECONDS = 5.0
"""So long whoever wants keys waits for the keyring to be read after a start."""


class Keys:
    """`offered` is told when keys came to hand: sessions may wait for one. `notice` is for the user, once."""

    def __init__(
        self,
        vault: CredentialVault,
        settings: ModelSettingsBook,
        *,
        offered: Callable[[], None],
        notice: Callable[[str], None],
    ) -> None:
        self._vault = vault
        self._settings = settings
        self._offered = offered
        self._notice = notice
        self._loaded = asyncio.Event()

    async def load(self) -> None:
        """Reads what is kept. Runs beside the start: a keyring may ask the user for its password first."""
        try:
            await self._load(self._settings.settings.keys)
        finally:
            self._loaded.set()

    async def ready(self) -> None:
        """Returns when the keys of the keyring are at hand, or when that takes too long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_SECONDS):
                await self._loaded.wait()

    async def _load(self, names: tuple[str, ...]) -> None:
        if not names:
            return
        answer = await read_keys(names)
        self._vault.offer(self._credential(name, SecretStr(value)) for name, value in answer.values.items())
        if answer.values:
            self._offered()
        missing = [name for name in names if name not in answer.values]
        if missing:
            why = f": {answer.trouble}" if answer.trouble else ""
            log.warning("keyring_incomplete", missing=missing, trouble=answer.trouble)
            self._notice(
                f"The keyring did not give the key of {', '.join(missing)}{why}."
                f" `draftsmith models key set {missing[0]}` gives it again."
            )

    async def keep(self, name: str, value: SecretStr, actor: Actor, correlation_id: str) -> KeptKey:
        """Into the keyring and to hand at once. Raises UserError (`unknown_key_name`)."""
        credential = self._credential(name, value)
        answer = await write_key(name, value.get_secret_value())
        self._vault.offer((credential,))
        self._offered()
        if answer.trouble:
            log.warning("key_not_kept", name=name, trouble=answer.trouble)
            return KeptKey(kept_in="memory", reason=answer.trouble)
        await self._settings.change(KeyKept(name=name), actor, correlation_id)
        return KeptKey(kept_in="keyring")

    async def drop(self, name: str, actor: Actor, correlation_id: str) -> KeptKey:
        """Out of the memory and the keyring. Raises IllegalCommand (`bad_model_setting`) when there is none."""
        held = self._vault.drop(name)
        if name not in self._settings.settings.keys and held:
            return KeptKey(kept_in="memory")
        await self._settings.change(KeyDropped(name=name), actor, correlation_id)
        answer = await delete_key(name)
        if answer.trouble:
            log.warning("key_not_deleted", name=name, trouble=answer.trouble)
        return KeptKey(kept_in="keyring", reason=answer.trouble)

    def _credential(self, name: str, value: SecretStr) -> OfferedCredential:
        settings: ModelSettings = self._settings.settings
        endpoint = next((one for one in settings.endpoints if one.name == name), None)
        if endpoint is None and name not in VENDORS:
            raise UserError(
                f"There is no vendor and no endpoint of yours called {name!r}.",
                code="unknown_key_name",
                remedy=f"Vendors: {', '.join(VENDORS)}. `draftsmith models add` adds an endpoint.",
            )
        return OfferedCredential(
            provider=_CUSTOM if endpoint is not None else name, label=name, value=value, origin=ORIGIN
        )
