"""Files by some letters of their path, for prompts: listed by ripgrep, kept a few seconds, ranked in a thread."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.hub.projection.names import shown
from draftsmith.hub.workspaces import find_roots
from draftsmith.protocol.methods.log import FindFilesParams, FindFilesResult

if TYPE_CHECKING:
    from draftsmith.hub.dispatch import Call

KEPT_SECONDS = 10.0
KEPT_FOLDERS = 16
_LISTINGS: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()
_at_once = asyncio.Semaphore(2)


async def files(call: Call, params: FindFilesParams) -> FindFilesResult:
    roots = await asyncio.to_thread(find_roots, params.folders, allow_home=False)
    paths: list[str] = []
    for root in roots:
        prefix = f"{shown(root.name)}/" if len(roots) > 1 else ""
        paths += [prefix + name for name in await _listed(root.path)]
    ranked = await asyncio.to_thread(fitting, paths, params.query)
    return FindFilesResult(paths=tuple(ranked[: params.limit]), total=len(ranked))


async def _listed(folder: str) -> tuple[str, ...]:
    # Late: only this method needs it.
    from draftsmith.code.facts.folder import list_folder

    # Before and after the wait: what is known needs none, and may be known by then.
    if (kept := _kept(folder)) is not None:
        return kept
    async with _at_once:
        if (kept := _kept(folder)) is not None:
            return kept
        found = await list_folder(Path(folder))
        # A name that is no text cannot be typed.
        names = tuple(name for name in found.names if name.isprintable())
        _LISTINGS[folder] = (time.monotonic(), names)
        _LISTINGS.move_to_end(folder)
        while len(_LISTINGS) > KEPT_FOLDERS:
            _LISTINGS.popitem(last=False)
        return names


def _kept(folder: str) -> tuple[str, ...] | None:
    made, names = _LISTINGS.get(folder, (-KEPT_SECONDS, ()))
    return names if time.monotonic() - made < KEPT_SECONDS else None


def fitting(paths: Sequence[str], query: str) -> list[str]:
    """Those that have the letters in their order: best with the letters together, in the file's name, and short."""
    wanted = query.casefold()
    scored = [(score, len(path), path) for path in paths if (score := _score(path.casefold(), wanted)) is not None]
    return [path for _, _, path in sorted(scored)]


def _score(path: str, wanted: str) -> int | None:
    """Smaller is better."""
    name = path.rfind("/") + 1
    inside = path.find(wanted, name)
    if inside >= 0:
        return 0 if inside == name else 1
    if wanted in path:
        return 2
    at, gaps = -1, 0
    for letter in wanted:
        following = path.find(letter, at + 1)
        if following < 0:
            return None
        gaps += following - at - 1 if at >= 0 else 0
        at = following
    return 3 + gaps
