"""The exit codes of every command; `docs/cli.md` is made from this."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2
    NOTHING_TO_DO = 3
    CONFLICT = 4
    UNAVAILABLE = 5
    WAITING = 6
    DEFECT = 70
    CANCELLED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "Done.",
    ExitCode.FAILED: "The session stopped or failed, or a gate of its proposal is red.",
    ExitCode.USAGE: "The command line is wrong: an unknown option, session, hunk or folder.",
    ExitCode.NOTHING_TO_DO: "There was nothing to do: no pending hunk, nothing to undo, no session here.",
    ExitCode.CONFLICT: "A hunk and your own edits could not be merged; your text was left alone.",
    ExitCode.UNAVAILABLE: "The hub, the disk or something else in the environment is not available.",
    ExitCode.WAITING: "The session waits for an answer and nobody is at a terminal to give it.",
    ExitCode.DEFECT: "Draftsmith itself failed: a defect, or hub and command of different versions.",
    ExitCode.CANCELLED: "You interrupted it: the session was cancelled, or goes on without this terminal.",
}

_NOTHING = frozenset({"nothing_to_undo", "no_proposal", "no_pending_hunks", "no_session"})
_ENVIRONMENT = frozenset({"endpoint_not_private", "protocol_mismatch", "newer_schema", "wrong_token"})
_REFUSED = frozenset({"illegal_command"})


def exit_code_of(error_code: str, *, adapter: bool) -> ExitCode:
    """The exit code of an error; `adapter` says that something outside failed, not the user."""
    if error_code in _NOTHING:
        return ExitCode.NOTHING_TO_DO
    if adapter or error_code in _ENVIRONMENT:
        return ExitCode.UNAVAILABLE
    return ExitCode.FAILED if error_code in _REFUSED else ExitCode.USAGE
