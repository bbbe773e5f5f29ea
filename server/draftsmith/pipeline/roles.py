"""Which tools each role has, and which of them a model is offered."""

from __future__ import annotations

import os
from collections.abc import Sequence

from draftsmith.domain.conversation import Role
from draftsmith.pipeline.desk import ChosenModel, Desk
from draftsmith.tools.formats import SETTING, by_record, formats_for, without_unoffered

_LOOK = ("list", "read", "search", "repo_map", "symbols", "uses", "similar_code", "structure", "diagnostics")

TOOLS_OF: dict[Role, tuple[str, ...]] = {
    "plan": (*_LOOK, "read_output", "ask_user", "begin_work", "submit_plan"),
    "code": (
        *_LOOK,
        "edit",
        "edit_lines",
        "replace_symbol",
        "apply_patch",
        "write",
        "delete",
        "move",
        "run_command",
        "read_output",
        "start_process",
        "send_input",
        "stop_process",
        "update_plan",
        "ask_user",
        "finish",
    ),
    "critique": (*_LOOK, "read_output", "submit_review"),
    "quick": (),
}


def offered_tools(role: Role, formats: Sequence[str]) -> tuple[str, ...]:
    """The role's tools, with those that edit in these formats in this order."""
    return without_unoffered(TOOLS_OF[role], formats)


def edit_formats(desk: Desk, chosen: ChosenModel) -> tuple[tuple[str, ...], str]:
    """The edit formats that suit the model, the one that fits best first, and why. The same as long as the session is
    worked on here, so that prompts keep their beginning. Raises `UserError` (`bad_edit_formats`)."""
    held = desk.formats.get(chosen.model)
    if held is None:
        usual = formats_for(chosen.model, os.environ.get(SETTING, ""))
        held = desk.formats[chosen.model] = by_record(usual, chosen.edits)
    return held


def edit_reason(desk: Desk, role: Role, chosen: ChosenModel) -> str:
    """Why a coder is offered these edit formats in this order; empty where nothing is recorded."""
    reason = edit_formats(desk, chosen)[1] if role == "code" else ""
    return f"; {reason}" if reason else ""
