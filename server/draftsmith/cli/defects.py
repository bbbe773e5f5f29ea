"""What is said when something failed that nobody foresaw: one line, for a traceback helps no user."""

from __future__ import annotations

import os

from draftsmith.cli.exit_codes import ExitCode
from draftsmith.cli.output import write_error
from draftsmith.domain.errors import DraftsmithError

_LONGEST = 500


def tell_defect(defect: Exception, *, as_json: bool) -> ExitCode:
    """The traceback comes before it when `DRAFTSMITH_DEBUG` is set."""
    if os.environ.get("DRAFTSMITH_DEBUG"):
        # Imported here: nobody else needs it.
        import traceback

        traceback.print_exception(defect)
    error = DraftsmithError(
        f"Draftsmith failed: {type(defect).__name__}: {str(defect)[:_LONGEST] or 'no more is known'}.",
        code="defect",
        remedy="Hub and command may be of different versions: `draftsmith hub stop`, then try again. "
        "DRAFTSMITH_DEBUG=1 shows where it failed.",
    )
    write_error(error, as_json=as_json, exit_code=ExitCode.DEFECT)
    return ExitCode.DEFECT
