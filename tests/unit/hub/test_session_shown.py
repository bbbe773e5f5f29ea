"""The session's own entity is made anew only when something that it shows may have changed: nothing shown is missed."""

from __future__ import annotations

from dataclasses import fields, replace

from draftsmith.domain.envelope import Actor, Envelope
from draftsmith.domain.ids import CallId, EventId, SessionId, StreamId, TaskId, TreeId, WorkspaceId
from draftsmith.domain.session.events import RequestedToolCall, SessionCancelled, SessionEvent, ToolCallIntended
from draftsmith.domain.session.state import CallTrace, OpenGate, OpenModelCall, PendingToolCall, SessionState
from draftsmith.domain.text import Text
from draftsmith.hub.projection import Shown, project
from draftsmith.hub.projection.overview import NOT_THE_SESSIONS
from draftsmith.protocol.entities import SessionEntity

CALL = PendingToolCall(
    request=RequestedToolCall(call_id=CallId("t1"), name="read", arguments=Text(preview="{}", length=2)),
    role="code",
    task_id=TaskId("t"),
)
BEFORE = SessionState(session_id=SessionId("s"), workspace_id=WorkspaceId("w"), status="working", tool_calls=(CALL,))
AMONG_STEPS = replace(
    BEFORE,
    version=7,
    updated_at=70,
    model_call=OpenModelCall(call_id=CallId("m"), role="code", task_id=None, model="a/b", reserved_nano_usd=5, at=1),
    tool_calls=(CALL, replace(CALL, effect="edit")),
    gate=OpenGate(call_id=CallId("g"), task_id=TaskId("t"), gate="tests", command="pytest", at=1),
    spent=replace(BEFORE.spent, steps=4, nano_usd=9, milliseconds=30),
    trace=(CallTrace(name="read", arguments="{}", outcome="ok", tree=None),),
    idle_replies=2,
    unread_messages=1,
)


def envelope(event: SessionEvent, version: int) -> Envelope[SessionEvent]:
    return Envelope(
        event_id=EventId(f"e{version}"),
        stream_id=StreamId("session/s"),
        version=version,
        at=version * 10,
        actor=Actor(client="runner"),
        causation_id="",
        correlation_id="",
        event=event,
    )


def sessions(shown: Shown, before: SessionState, after: SessionState, event: SessionEvent) -> list[SessionEntity]:
    changes = project(shown, before, after, envelope(event, after.version))
    return [one for one in changes.entities if isinstance(one, SessionEntity)]


STEPPED = ToolCallIntended(call_id=CallId("t1"), effect="edit", tree=TreeId("0" * 40))


def test_what_is_left_out_of_the_comparison_shows_in_no_session() -> None:
    differing = {
        each.name for each in fields(SessionState) if getattr(BEFORE, each.name) != getattr(AMONG_STEPS, each.name)
    }
    assert differing == NOT_THE_SESSIONS  # each of them, so that what follows means something
    states = [replace(state, version=7, updated_at=70) for state in (BEFORE, AMONG_STEPS)]
    told = [sessions(Shown(), BEFORE, state, STEPPED) for state in states]
    assert told[0] == told[1] != []


def test_a_step_leaves_the_session_alone_and_a_changed_status_does_not() -> None:
    shown = Shown()
    assert sessions(shown, SessionState(), BEFORE, SessionCancelled())
    assert not sessions(shown, BEFORE, AMONG_STEPS, STEPPED)
    cancelled = replace(AMONG_STEPS, status="cancelled", version=8)
    assert [one.status for one in sessions(shown, AMONG_STEPS, cancelled, SessionCancelled())] == ["cancelled"]
