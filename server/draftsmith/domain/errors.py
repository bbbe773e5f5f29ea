"""Errors by who has to act.

A message says what happened and where; `remedy` says what to do next. `code` is stable and documented.
Expected outcomes (denied, conflict, over budget) are events, not exceptions.
"""

from __future__ import annotations


class DraftsmithError(Exception):
    """Base of every error that Draftsmith raises on purpose."""

    def __init__(self, message: str, *, code: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UserError(DraftsmithError):
    """The user has to change something: a path, a setting, a key."""


class IllegalCommand(UserError):
    """A command that the state of its stream does not allow; `message` is the reason."""


class ModelMistake(DraftsmithError):
    """The model asked for something invalid; it is told and may try again."""


class ToolFailure(DraftsmithError):
    """A tool could not do what was rightly asked; the model adapts."""


class AdapterError(DraftsmithError):
    """Something outside (disk, network, vendor, engine) failed."""

    def __init__(self, message: str, *, code: str, remedy: str = "", retryable: bool = False) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.retryable = retryable
