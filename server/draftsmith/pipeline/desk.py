"""What one session is worked on with: its log, its draft, its tools, its models.

Assembled by the runner; every step of the engine gets it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from draftsmith.domain.ids import CallId
from draftsmith.domain.text import Text
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.session_log import SessionLog
from draftsmith.pipeline.transcript import Transcript
from draftsmith.ports.models import Credential, ModelGateway
from draftsmith.tools.tool import ToolContext
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """A gateway with the model and key to use, and what the recording expects of a tool call, if it is one."""

    gateway: ModelGateway
    model: str
    credential: Credential | None
    expected_outcome: Callable[[str], str | None] | None = None


ChooseModel = Callable[[], Awaitable[ChosenModel | None]]
"""The model for the session as it is now; None when there is none that can be used."""


@dataclass(slots=True, kw_only=True)
class Desk:
    log: SessionLog
    transcript: Transcript
    store: ObjectStore
    draft: Draft
    tools: ToolContext
    choose_model: ChooseModel
    facts: ProjectFacts
    model: ChosenModel | None = None
    vendor_ids: dict[CallId, str] = field(default_factory=dict[CallId, str])
    """Our ids of tool calls to those of the reply, as long as this process lives."""
    baseline: dict[str, frozenset[str] | None] = field(default_factory=dict[str, frozenset[str] | None])
    """Tests that fail on the base, by command; None when it cannot be told."""

    async def whole(self, text: Text) -> str:
        """The text itself, read from the documents when it is long."""
        if text.document is None:
            return text.preview
        return (await self.log.document(text.document)).decode("utf-8", "replace")
