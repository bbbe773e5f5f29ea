"""Keys that clients offered, in memory only: never in the store, the logs or an entity."""

from __future__ import annotations

from collections.abc import Iterable

from draftsmith.protocol.methods.hub import OfferedCredential

MAX_CREDENTIALS = 100


class CredentialVault:
    """The latest key for each provider and label."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], OfferedCredential] = {}

    def offer(self, credentials: Iterable[OfferedCredential]) -> int:
        """Keeps what is new and drops the oldest beyond the bound; returns how many were taken."""
        taken = 0
        for credential in credentials:
            key = (credential.provider, credential.label)
            self._held.pop(key, None)
            self._held[key] = credential
            taken += 1
        while len(self._held) > MAX_CREDENTIALS:
            self._held.pop(next(iter(self._held)))
        return taken

    def all(self) -> tuple[OfferedCredential, ...]:
        return tuple(self._held.values())
