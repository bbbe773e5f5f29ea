"""Every event of a session stream, in the past tense.

An effect has an intent (`…Intended`, `…Requested`) before it and an outcome after it; reads have an outcome only.
Fields only ever get added with a new `kind_version` and an upcaster in `domain.codec`.
"""

from __future__ import annotations

from draftsmith.domain.session.events.calls import (
    CallEvent,
    CommandUse,
    ContextCompacted,
    DecisionEvent,
    DecisionRequested,
    DecisionTaken,
    DriftNoticed,
    Effect,
    ModelAwaited,
    ModelCallFailed,
    ModelCallFinished,
    ModelCallIntended,
    ModelSwitched,
    RequestedToolCall,
    ToolCallFinished,
    ToolCallIntended,
    ToolOutcome,
)
from draftsmith.domain.session.events.changes import (
    ApplyFinished,
    ApplyIntended,
    CheckpointTaken,
    DraftEvent,
    DraftRestored,
    HunksAccepted,
    HunksObserved,
    HunksRejected,
    ProposalEdited,
    ProposalEvent,
    ProposalMade,
)
from draftsmith.domain.session.events.environments import (
    EnvironmentEvent,
    EnvironmentFinished,
    EnvironmentIntended,
    EnvironmentOutcome,
)
from draftsmith.domain.session.events.life import (
    Autonomy,
    BaseRenewed,
    BaseTaken,
    ErrorCategory,
    LifeEvent,
    MessageReceived,
    SessionCancelled,
    SessionFinished,
    SessionResumed,
    SessionStarted,
    SessionStopped,
    SessionTakenUp,
)
from draftsmith.domain.session.events.plan import (
    PlanApproved,
    PlanEdited,
    PlanEvent,
    PlanProposed,
    PlanRejected,
    PlanRevised,
    WorkBegun,
    WorkEstimated,
)
from draftsmith.domain.session.events.rules import (
    RuleEvent,
    SessionRuleRemoved,
    SessionRulesAdded,
    WorkspaceRulesTold,
)
from draftsmith.domain.session.events.tasks import (
    BaselineRun,
    CritiqueFinished,
    GateEvent,
    GateFinished,
    GateIntended,
    RepairBegun,
    StallNoticed,
    TaskEvent,
    TaskFinished,
    TaskReported,
    TaskStarted,
)

SessionEvent = (
    LifeEvent
    | PlanEvent
    | TaskEvent
    | GateEvent
    | EnvironmentEvent
    | CallEvent
    | DecisionEvent
    | DraftEvent
    | ProposalEvent
    | RuleEvent
)

__all__ = [
    "ApplyFinished",
    "ApplyIntended",
    "Autonomy",
    "BaseRenewed",
    "BaseTaken",
    "BaselineRun",
    "CallEvent",
    "CheckpointTaken",
    "CommandUse",
    "ContextCompacted",
    "CritiqueFinished",
    "DecisionEvent",
    "DecisionRequested",
    "DecisionTaken",
    "DraftEvent",
    "DraftRestored",
    "DriftNoticed",
    "Effect",
    "EnvironmentEvent",
    "EnvironmentFinished",
    "EnvironmentIntended",
    "EnvironmentOutcome",
    "ErrorCategory",
    "GateEvent",
    "GateFinished",
    "GateIntended",
    "HunksAccepted",
    "HunksObserved",
    "HunksRejected",
    "LifeEvent",
    "MessageReceived",
    "ModelAwaited",
    "ModelCallFailed",
    "ModelCallFinished",
    "ModelCallIntended",
    "ModelSwitched",
    "PlanApproved",
    "PlanEdited",
    "PlanEvent",
    "PlanProposed",
    "PlanRejected",
    "PlanRevised",
    "ProposalEdited",
    "ProposalEvent",
    "ProposalMade",
    "RepairBegun",
    "RequestedToolCall",
    "RuleEvent",
    "SessionCancelled",
    "SessionEvent",
    "SessionFinished",
    "SessionResumed",
    "SessionRuleRemoved",
    "SessionRulesAdded",
    "SessionStarted",
    "SessionStopped",
    "SessionTakenUp",
    "StallNoticed",
    "TaskEvent",
    "TaskFinished",
    "TaskReported",
    "TaskStarted",
    "ToolCallFinished",
    "ToolCallIntended",
    "ToolOutcome",
    "WorkBegun",
    "WorkEstimated",
    "WorkspaceRulesTold",
]
