"""Cursors of the list of sessions: where a page ended, in a form that clients only hand back."""

from __future__ import annotations

import base64
import json

from draftsmith.domain.errors import UserError

MAX_INTEGER = 2**63 - 1


def write_cursor(updated_at: int, session_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([updated_at, session_id]).encode()).decode("ascii")


def read_cursor(text: str) -> tuple[int, str]:
    """Raises UserError (`bad_cursor`)."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        updated_at, session_id = int(found[0]), str(found[1])
        session_id.encode()
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError) as error:
        raise UserError(
            "The cursor is not one that this list gave.", code="bad_cursor", remedy="Begin without a cursor."
        ) from error
    return max(-MAX_INTEGER, min(updated_at, MAX_INTEGER)), session_id
