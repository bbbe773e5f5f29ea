"""The roles' standing instructions, as Markdown files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from draftsmith.domain.conversation import Role

_FILES: dict[Role, str] = {"plan": "planner.md", "code": "coder.md", "critique": "critique.md", "quick": "planner.md"}


@cache
def instructions(role: Role) -> str:
    """The system prompt of a role: the same for every session, so that vendors can cache it."""
    return files("draftsmith.pipeline.prompts").joinpath(_FILES[role]).read_text(encoding="utf-8")
