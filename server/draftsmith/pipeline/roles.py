"""Which tools each role has, and which of them a model is offered."""

from __future__ import annotations

import os

from draftsmith.domain.conversation import Role
from draftsmith.tools.formats import SETTING, formats_for, without_unoffered

_LOOK = ("list", "read", "search", "repo_map", "symbols", "uses", "similar_code", "structure")

TOOLS_OF: dict[Role, tuple[str, ...]] = {
    "plan": (*_LOOK, "ask_user", "begin_work", "submit_plan"),
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
        "update_plan",
        "ask_user",
        "finish",
    ),
    "critique": (*_LOOK, "submit_review"),
    "quick": (),
}


def offered_tools(role: Role, model: str) -> tuple[str, ...]:
    """The role's tools with the edit formats that suit the model. Raises `UserError` (`bad_edit_formats`)."""
    return without_unoffered(TOOLS_OF[role], formats_for(model, os.environ.get(SETTING, "")))
