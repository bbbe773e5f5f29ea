"""Keys that clients offered, in memory only: never in the store, the logs or an entity."""

from __future__ import annotations

from collections.abc import Iterable

from draftsmith.domain.ids import SessionId
from draftsmith.protocol.methods.hub import OfferedCredential

MAX_CREDENTIALS = 100


class CredentialVault:
    """The latest key for each provider and label."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], OfferedCredential] = {}
        self._offers = 0
        self._seen: dict[SessionId, int] = {}

    def offer(self, credentials: Iterable[OfferedCredential]) -> int:
        """Keeps what is new and drops the oldest beyond the bound; returns how many were taken."""
        taken = 0
        for credential in credentials:
            key = (credential.provider, credential.label)
            self._held.pop(key, None)
            self._held[key] = credential
            taken += 1
        self._offers += bool(taken)
        while len(self._held) > MAX_CREDENTIALS:
            self._held.pop(next(iter(self._held)))
        return taken

    def drop(self, label: str) -> bool:
        """Forgets the keys under a label; whether there were any."""
        gone = [key for key in self._held if key[1] == label]
        for key in gone:
            del self._held[key]
        return bool(gone)

    def all(self) -> tuple[OfferedCredential, ...]:
        """All keys, for a question to a runner."""
        return tuple(self._held.values())

    def hand_out(self, session_id: SessionId) -> tuple[OfferedCredential, ...]:
        """All keys, for the runner that holds the session."""
        self._seen[session_id] = self._offers
        return tuple(self._held.values())

    def has_unseen(self, session_id: SessionId) -> bool:
        """Whether keys were offered since the session's runner last asked for them."""
        return self._offers > self._seen.get(session_id, 0)
