"""Terminal escape sequences (ECMA-48), taken out of text that programs wrote: colours, cursor movements, titles."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    # Strings (OSC, DCS, SOS, PM, APC) up to their end, or to the end of the line when they have none.
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"  # every other escape
)


def without_escapes(text: str) -> str:
    """The text without escape sequences; line feeds, carriage returns and all else stay."""
    return _SEQUENCES.sub("", text)
