"""Methods about the hub itself, documents, workspaces and credentials."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from draftsmith.protocol.model import Count, Message


class HelloParams(Message):
    """The first message of every connection."""

    token: SecretStr
    client: str = Field(min_length=1, max_length=40, description="`cli`, `vscode`, `jetbrains`, `web`, `lsp` …")
    versions: tuple[Count, ...] = Field(
        min_length=1, max_length=100, description="Protocol versions that the client speaks, best first."
    )


class HelloResult(Message):
    version: int
    epoch: str
    application_version: str


class StatusParams(Message):
    pass


class RunnerInfo(Message):
    runner_id: str
    pid: int
    state: Literal["connected", "lost", "starting", "gave_up"]
    sessions: tuple[str, ...]
    reason: str = ""


class StatusResult(Message):
    pid: int
    application_version: str
    protocol_version: int
    epoch: str
    started_at: int
    state_dir: str
    database: str
    clients: int
    open_sessions: int
    held_documents: int = Field(description="That editors hold, and into which accepted hunks go.")
    unsaved_documents: int = Field(description="Of these, those that were changed and not saved yet.")
    runners: tuple[RunnerInfo, ...]
    notices: tuple[str, ...] = Field(description="What went wrong at start and was mended, for example a quarantine.")


class StopParams(Message):
    pass


class StopResult(Message):
    stopping: Literal[True] = True


class DocumentParams(Message):
    document_id: str = Field(pattern="^[0-9a-f]{64}$")
    offset: Count = Field(default=0, description="Bytes.")
    limit: int = Field(default=262_144, ge=1, le=1_048_576, description="Bytes.")


class DocumentResult(Message):
    """Text with bytes that are not UTF-8 shown as U+FFFD; `next_offset` is None at the end."""

    text: str
    length: int
    next_offset: int | None


class OfferedCredential(Message):
    provider: str
    label: str
    value: SecretStr
    base_url: str | None = None
    origin: str


class OfferCredentialsParams(Message):
    """Keys for the runner that works on the user's sessions. They stay in the hub's memory."""

    credentials: tuple[OfferedCredential, ...]


class OfferCredentialsResult(Message):
    accepted: int
