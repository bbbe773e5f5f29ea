"""The roles' standing instructions, as Markdown files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from draftsmith.domain.conversation import Role

Prompt = Role | Literal["digest", "proposal"]
"""Roles with a conversation, and the jobs of the quick one, which has none."""

_FILES: dict[Prompt, str] = {
    "plan": "planner.md",
    "code": "coder.md",
    "critique": "critique.md",
    "quick": "digest.md",
    "digest": "digest.md",
    "proposal": "proposal.md",
}


@cache
def instructions(prompt: Prompt) -> str:
    """The system prompt of a role, or of one job of the quick one: the same for every session, so that vendors can
    cache it."""
    return files("draftsmith.pipeline.prompts").joinpath(_FILES[prompt]).read_text(encoding="utf-8")
