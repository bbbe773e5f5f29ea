"""What one session is worked on with: its log, its draft, its tools, its models.

Assembled by the runner; every step of the engine gets it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from draftsmith.domain.conversation import Image, Message, Role
from draftsmith.domain.figures import NOTHING, Figures
from draftsmith.domain.ids import CallId, TaskId
from draftsmith.domain.text import Text
from draftsmith.pipeline.facts import ProjectFacts
from draftsmith.pipeline.lines import Line
from draftsmith.pipeline.measured import Measured
from draftsmith.pipeline.packages import Packages
from draftsmith.pipeline.session_log import SessionLog
from draftsmith.pipeline.transcript import Transcript
from draftsmith.ports.models import Credential, ModelGateway, Needs
from draftsmith.tools.tool import ToolContext
from draftsmith.workspace.draft import Draft
from draftsmith.workspace.store import ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenModel:
    """A gateway with the model and key to use, and what the recording expects of a tool call, if it is one.

    `endpoint` is the key's label, `reason` why this model was chosen, both in words for people.
    """

    gateway: ModelGateway
    model: str
    credential: Credential | None
    endpoint: str = ""
    reason: str = ""
    shared_limits: bool = False
    """The user limits what all sessions together spend, so that the hub may refuse a call."""
    alternatives: bool = False
    """Others could answer, too, so that waiting long for this one is not needed."""
    output_limit: int | None = None
    """Tokens that it writes at most; None when unknown."""
    worked: Figures = NOTHING
    """How the model did in this role so far."""
    recorded: Mapping[Role, Figures] = field(default_factory=dict[Role, Figures])
    """How all models together did in each role."""
    edits: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Tried and good edits of the model in each format."""
    expected_outcome: Callable[[str], str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoModel:
    """No model can take the request now. `none_found`: there is no key and no server at all; `free_in_s`: when the
    first of those found may be called again, None when waiting does not help."""

    reason: str
    none_found: bool = False
    free_in_s: float | None = None
    unpriced: str = ""
    """A model that could take it, were its price known."""


ChooseModel = Callable[[Needs], Awaitable[ChosenModel | NoModel]]
"""The model for one request of the session as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBefore:
    """How a linter or its kin ended on the base; `whole` False: its output was too long to be kept."""

    passed: bool
    output: str
    whole: bool


@dataclass(slots=True, kw_only=True)
class Desk:
    log: SessionLog
    transcript: Transcript
    store: ObjectStore
    draft: Draft
    tools: ToolContext
    choose_model: ChooseModel
    facts: ProjectFacts
    measured: Measured = field(default_factory=Measured)
    packages: Packages | None = None
    """None where commands are not confined: nothing could be shown to them."""
    model: ChosenModel | None = None
    """The one that answered last."""
    counted: dict[Role, int] = field(default_factory=dict[Role, int])
    """Tokens of the last request of each role."""
    refused_tokens: dict[Role, int] = field(default_factory=dict[Role, int])
    """Tokens of a request that the role's model said is too long."""
    vendor_ids: dict[CallId, str] = field(default_factory=dict[CallId, str])
    """Our ids of tool calls to those of the reply, as long as this process lives."""
    checked: dict[str, CheckedBefore] = field(default_factory=dict[str, CheckedBefore])
    """What linters and their kin say of the base, by command."""
    formats: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict[str, tuple[tuple[str, ...], str]])
    """The edit formats of each model, with the reason, as chosen when it was first asked."""
    images: tuple[Image, ...] | None = None
    """The pictures of the request, once they were read."""
    code_map: str | None = None
    """The part of the briefing with the map of the code, once it was asked for."""

    messages: dict[tuple[Role, TaskId | None], dict[int, tuple[Line, Message]]] = field(
        default_factory=dict[tuple[Role, TaskId | None], dict[int, tuple[Line, Message]]]
    )
    """The last request's lines, by identity, and what each became: most of a conversation was sent before."""
    ignored_told: set[str] = field(default_factory=set[str])
    """Ignored paths of the draft that the model knows of."""

    async def whole(self, text: Text) -> str:
        """The text itself, read from the documents when it is long."""
        if text.document is None:
            return text.preview
        return (await self.log.document(text.document)).decode("utf-8", "replace")
