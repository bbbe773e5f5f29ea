"""Base of every message: frozen, extra fields refused on the way in."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_FRAME = 8 * 1024 * 1024
"""Bytes of one frame in either direction."""

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 8259, section 6)."""

Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]


class Message(BaseModel):
    """What crosses the wire. Money is whole nano-dollars (1e-9 USD), times are UTC milliseconds since 1970."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # A string with a bound is also checked to be text: half of a surrogate pair is refused here, not at the store.
        str_max_length=MAX_FRAME,
        # What was refused may be a key.
        hide_input_in_errors=True,
    )
