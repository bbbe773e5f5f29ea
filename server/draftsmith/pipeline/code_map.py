"""The map of the code in the briefing: drawn once for each take-up of a session, so that prompt caches hold.

Without an index the session goes on, and the briefing says so. It decides nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import structlog

from draftsmith.domain.errors import AdapterError, UserError
from draftsmith.pipeline.desk import Desk
from draftsmith.ports.code_index import Focus
from draftsmith.tools.repo_map import code_folders

log = structlog.get_logger()

MAP_TOKENS_VARIABLE = "DRAFTSMITH_RUNNER_MAP_TOKENS"
DEFAULT_TOKENS = 2_000
MOST_TOKENS = 32_000
FROM_FILES = 30
"""Of a smaller project the briefing lists every file, and reading them is quicker than a map."""
PATIENCE_SECONDS = 30.0
"""The first map of a very large tree takes longer; the session begins without it, the tools have it later."""


async def briefed_map(desk: Desk, request: str) -> str:
    """The map as a part of the briefing, the reason why there is none, or nothing where none is wanted."""
    if desk.code_map is None:
        desk.code_map = await _drawn(desk, request)
    return desk.code_map


async def _drawn(desk: Desk, request: str) -> str:
    budget = map_tokens()
    index = desk.tools.index
    if index is None or budget == 0 or desk.facts.file_count < FROM_FILES:
        return ""
    pristine = desk.draft.tree == desk.log.state.base
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            folders = code_folders(desk.tools, pristine=pristine)
            found = await index.map(folders, words=request, focus=await _unsaved(desk), budget=budget)
    except (AdapterError, UserError) as error:
        log.warning("no_code_map", session_id=desk.log.state.session_id, code=error.code, error=str(error))
        return f"# The map of the code\nThere is none: {error.message}"
    except TimeoutError:
        log.warning("no_code_map", session_id=desk.log.state.session_id, code="timeout")
        return (
            "# The map of the code\nThere is none yet: the code is still being read. `repo_map` gives one when it is."
        )
    for notice in found.notices:
        log.warning("index_notice", notice=notice)
    if not found.text:
        return ""
    return (
        f"# The map of the code\nOf {found.indexed_files} files of code what matters most for the request, as its own"
        f" lines; ⋮ stands for definitions that are left out. `repo_map` and `symbols` show more.\n\n{found.text}"
    )


async def _unsaved(desk: Desk) -> list[Focus]:
    """The files that were open with unsaved text when the session was started."""
    state = desk.log.state
    if state.overlays is None:
        return []
    overlays: list[dict[str, Any]] = json.loads(await desk.log.document(state.overlays))
    roots = desk.tools.roots
    return [Focus(path=str(roots[int(one["root"])].draft_path / str(one["path"]))) for one in overlays]


def map_tokens() -> int:
    """The budget that the user set, 0 for no map. Raises UserError (`bad_map_tokens`)."""
    said = os.environ.get(MAP_TOKENS_VARIABLE, "")
    if not said:
        return DEFAULT_TOKENS
    if not said.isdecimal() or int(said) > MOST_TOKENS:
        raise UserError(
            f"{MAP_TOKENS_VARIABLE} is {said!r}.",
            code="bad_map_tokens",
            remedy=f"Give a whole number of tokens up to {MOST_TOKENS}, or 0 for no map.",
        )
    return int(said)
