"""Text in folders, by a ripgrep process that only reads; the hub waits for it and for nothing else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.domain.errors import ModelMistake, UserError
from draftsmith.domain.roots import Root
from draftsmith.hub.workspaces import find_roots
from draftsmith.protocol.methods.search import FoundFile, FoundLine, SearchParams, SearchResult

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

MAX_CHARACTERS = 1_000
"""Of one line."""

_AT_ONCE = 4
_searches = asyncio.Semaphore(_AT_ONCE)


async def search(call: Call, params: SearchParams) -> SearchResult:
    # Late: only this method needs it.
    from draftsmith.code.textsearch import Query, SearchPlace, pages, search_text

    roots = await asyncio.to_thread(find_roots, params.folders, allow_home=False)
    places = [
        SearchPlace(folder=Path(root.path), below="", show=_shower(root, several=len(roots) > 1)) for root in roots
    ]
    query = Query(
        pattern=params.pattern,
        regex=params.regex,
        ignore_case=params.ignore_case,
        glob=params.glob,
        context=params.context,
        include_ignored=params.include_ignored,
    )
    try:
        async with _searches:
            found = await search_text(places, query)
        hits, cursor = pages(found, params.limit, params.cursor)
    except ModelMistake as mistake:
        raise UserError(mistake.message, code=mistake.code, remedy=mistake.remedy) from mistake
    return SearchResult(
        found=tuple(
            FoundFile(
                path=one.path,
                lines=tuple(
                    FoundLine(line=row.number, text=row.text[:MAX_CHARACTERS], match=row.is_match) for row in one.rows
                ),
            )
            for one in hits
        ),
        total=found.total,
        files=found.files,
        ended=found.ended,
        cursor=cursor,
    )


def _shower(root: Root, *, several: bool) -> Callable[[bytes], str]:
    """Paths as clients see them: with the folder's name in front when there are several."""
    prefix = f"{root.name}/" if several else ""
    return lambda path: prefix + os.fsdecode(path).encode("utf-8", "backslashreplace").decode()
