"""Which tools each role has."""

from __future__ import annotations

from draftsmith.domain.conversation import Role

_LOOK = ("list", "read", "search")

TOOLS_OF: dict[Role, tuple[str, ...]] = {
    "plan": (*_LOOK, "ask_user", "begin_work", "submit_plan"),
    "code": (
        *_LOOK,
        "edit",
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
