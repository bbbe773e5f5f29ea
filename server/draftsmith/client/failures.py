"""Errors of the hub as errors of ours, with their code and remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from draftsmith.domain.errors import AdapterError, DraftsmithError, UserError

if TYPE_CHECKING:
    from draftsmith.client.messages import ErrorBody

_INTERNAL_ERROR = -32603
_ENVIRONMENT = (
    *("disk_", "store_", "git_", "object_", "bad_object", "bad_document", "migration_", "transfer_"),
    *("workspace_timeout", "file_locked", "fenced"),
)
"""Beginnings of codes that say that something outside failed: the protocol does not say who has to act."""
_MALFORMED = (-32700, -32600, -32601, -32602)


class HubLost(AdapterError):
    """The connection ended. `stopping` says that the hub went in an orderly way, so that it is not started again."""

    def __init__(self, message: str, *, stopping: bool = False) -> None:
        super().__init__(
            message, code="hub_lost", remedy="Sessions go on; `draftsmith attach` shows them again.", retryable=True
        )
        self.stopping = stopping


class HubUnavailable(AdapterError):
    """No hub answers, and none could be started."""

    def __init__(self, message: str, *, code: str = "hub_unavailable", remedy: str = "") -> None:
        super().__init__(message, code=code, remedy=remedy or "`draftsmith doctor` says what is missing.")


def from_error_body(body: ErrorBody) -> DraftsmithError:
    """The error that the hub sent: an adapter's when the hub itself failed, else one that the user can mend."""
    number, message = body["code"], body["message"]
    data = body.get("data") or {}
    code, remedy = data.get("code") or "hub_failed", data.get("remedy", "")
    if number == _INTERNAL_ERROR:
        case = data.get("correlation_id", "")
        remedy = remedy or f"`draftsmith hub logs` tells more{f' (look for {case})' if case else ''}."
        return AdapterError(message, code=code, remedy=remedy)
    if number in _MALFORMED:
        return AdapterError(
            f"The hub did not understand this version of Draftsmith: {message}",
            code=code,
            remedy=remedy or "Stop the hub with `draftsmith hub stop` and try again.",
        )
    if code.startswith(_ENVIRONMENT):
        return AdapterError(message, code=code, remedy=remedy)
    return UserError(message, code=code, remedy=remedy)
