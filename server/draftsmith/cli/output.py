"""What a command writes: text for people, JSON for scripts. Errors go to standard error, in the same form.

Only cleaned text may come here; nothing here colours or lays out.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from draftsmith.domain.errors import DraftsmithError


def write(text: str = "") -> None:
    print(text)


def write_json(value: Mapping[str, object]) -> None:
    """One JSON object on one line, at once: scripts read while the command runs."""
    print(json.dumps(value), flush=True)


def write_error(error: DraftsmithError, *, as_json: bool, exit_code: int) -> None:
    if as_json:
        fields = {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        print(json.dumps({**fields, "exit_code": exit_code}), file=sys.stderr)
        return
    # Imported here: most calls write no error.
    from draftsmith.cli.untrusted import clean

    head = f"\x1b[31merror:\x1b[0m {clean(error.message)}" if colours(sys.stderr) else f"error: {clean(error.message)}"
    print(head, file=sys.stderr)
    if error.remedy:
        print(f"  {clean(error.remedy)}", file=sys.stderr)


def colours(stream: object) -> bool:
    """Whether a stream is a terminal that wants colours (https://no-color.org)."""
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def interactive() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def columns(rows: Sequence[Sequence[str]], *, gap: str = "  ") -> list[str]:
    """Lines with aligned columns; the last column is not padded."""
    from draftsmith.cli.widths import pad, width

    widths = [max(width(row[index]) for row in rows) for index in range(len(rows[0]) - 1)] if rows else []
    return [
        gap.join([*(pad(cell, size) for cell, size in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
