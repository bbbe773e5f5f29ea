"""What keeps a session from doing the next piece of work, in a sentence for the user."""

from __future__ import annotations

from draftsmith.domain.session.state import SessionState


def working(state: SessionState) -> str | None:
    if state.status == "starting" and state.base_is_old:
        return "A new snapshot of the workspace is being taken for the further round."
    if state.status == "starting":
        return "The session has no snapshot of the workspace yet."
    if state.status in ("proposed", "finished"):
        return f"The session is {state.status}; send a message to let it go on."
    if state.over:
        return f"The session is {state.status}; resume it first."
    return None


def busy(state: SessionState) -> str | None:
    if state.model_call is not None:
        return "A model call is under way."
    if state.tool_calls:
        return "Tool calls are not finished."
    if state.gate is not None:
        return f"Gate {state.gate.gate} is running."
    if state.environment is not None:
        return f"The environment {state.environment.name} is being made."
    if state.active is not None:
        return f"Task {state.active} is not finished."
    return None
