"""Imports structlog without rich, which it takes along when it finds it: for a console that no service writes to.

Half of structlog's import, 50 ms of each start. To be imported before anything else that imports structlog.
"""

from __future__ import annotations

import sys
from typing import cast

if "rich" not in sys.modules:
    hidden = cast("dict[str, object]", sys.modules)
    hidden["rich"] = None  # tells the import system that there is none
    try:
        import structlog  # noqa: F401 (its import is what this is for)
    finally:
        del hidden["rich"]
