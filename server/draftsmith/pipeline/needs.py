"""What a role's next request wants of a model."""

from __future__ import annotations

from draftsmith.domain.conversation import Role
from draftsmith.pipeline.desk import Desk
from draftsmith.ports.models import Ability, Needs

SHOWN_IMAGES: frozenset[Role] = frozenset(("plan", "code"))

MAX_OUTPUT_TOKENS = 16_000
LIKELY_TOKENS = 8_000
"""What a role's first request is taken to hold before it is counted."""


def needs(desk: Desk, role: Role, *, priced: bool | None = None) -> Needs:
    """`priced` is left out: a model without a known price is fit where the session has no budget in dollars. Pictures
    of the request are shown to those who plan and do the work; the reviewer judges a difference."""
    abilities: set[Ability] = {"tools"}
    if role in SHOWN_IMAGES and desk.log.state.images:
        abilities.add("images")
    return Needs(
        role=role,
        input_tokens=desk.counted.get(role, LIKELY_TOKENS),
        output_tokens=MAX_OUTPUT_TOKENS,
        abilities=frozenset(abilities),
        priced=desk.log.state.limits.nano_usd is not None if priced is None else priced,
    )
