"""Commands of `workspace/executeCommand`, with plain arguments so that any client can bind them; see docs/editors.md.

Each module is imported when one of its commands is called.
"""

from __future__ import annotations

from types import MappingProxyType

COMMANDS = MappingProxyType(
    {
        "draftsmith.start": "starting:start",
        "draftsmith.request": "starting:request",
        "draftsmith.submit": "papers:submit",
        "draftsmith.comment": "places:comment",
        "draftsmith.fix": "places:fix",
        "draftsmith.change": "places:change",
        "draftsmith.refactor": "places:refactor",
        "draftsmith.test": "places:test",
        "draftsmith.document": "places:document",
        "draftsmith.explain": "places:explain",
        "draftsmith.accept": "hunks:accept",
        "draftsmith.reject": "hunks:reject",
        "draftsmith.acceptFile": "hunks:accept_file",
        "draftsmith.rejectFile": "hunks:reject_file",
        "draftsmith.acceptAll": "hunks:accept_all",
        "draftsmith.rejectAll": "hunks:reject_all",
        "draftsmith.undo": "hunks:undo",
        "draftsmith.why": "papers:why",
        "draftsmith.conflict": "papers:conflict",
        "draftsmith.plan": "papers:plan",
        "draftsmith.summary": "papers:summary",
        "draftsmith.question": "papers:question",
        "draftsmith.answer": "sessions:answer",
        "draftsmith.cancel": "sessions:cancel",
        "draftsmith.resume": "sessions:resume",
        "draftsmith.message": "sessions:message",
        "draftsmith.sessions": "sessions:sessions",
    }
)
"""Name → module and function. `arguments` of each are in the function's words."""
