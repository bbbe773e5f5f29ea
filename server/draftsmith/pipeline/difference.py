"""The difference between two snapshots as text for a reviewer: git's own unified form, bounded at file borders."""

from __future__ import annotations

import re
from collections.abc import Sequence

from draftsmith.workspace.git import run_git
from draftsmith.workspace.offload import Stop, in_thread
from draftsmith.workspace.snapshot import open_snapshot
from draftsmith.workspace.store import ObjectStore
from draftsmith.workspace.trees import compare

_FILE = re.compile(r"^(?=diff --git )", re.MULTILINE)
_PLACE = re.compile(r"^((?:diff --git|---|\+\+\+|Binary files) .*)$", re.MULTILINE)
_ROOT = re.compile(r"(?<![^\s])([ab]/)roots/(\d+)/")

OPTIONS = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"),
    *("--histogram", "--unified=3", "--src-prefix=a/", "--dst-prefix=b/"),
)


async def unified_difference(store: ObjectStore, before: str, after: str, names: Sequence[str], limit: int) -> str:
    """A unified difference of at most about `limit` characters; files that do not fit are named at the end.

    `names` are the roots' names, shown in front of paths when there are several.
    """
    if before == after:
        return ""
    raw = await in_thread(_raw, store, before, after)
    text = _PLACE.sub(lambda line: _ROOT.sub(lambda place: _shown(place, names), line[0]), raw)
    parts: list[str] = []
    left: list[str] = []
    used = 0
    for part in _FILE.split(text):
        if used + len(part) > limit:
            left.append(part.split("\n", 1)[0].rsplit(" b/", 1)[-1])
            continue
        parts.append(part)
        used += len(part)
    if left:
        parts.append(f"Too long to show here, read them with `read`: {', '.join(left)}\n")
    return "".join(parts)


def _raw(stop: Stop, store: ObjectStore, before: str, after: str) -> str:
    _, output = run_git(store.path, [*OPTIONS, before, after, "--", "roots"], stop=stop)
    return output.decode("utf-8", "replace")


def _shown(place: re.Match[str], names: Sequence[str]) -> str:
    number = int(place[2])
    return f"{place[1]}{names[number]}/" if len(names) > 1 and number < len(names) else place[1]


async def changed_files(store: ObjectStore, before: str, after: str) -> tuple[str, ...]:
    """Names of the files that differ."""

    def look(_stop: Stop) -> tuple[str, ...]:
        old = [root.tree for root in open_snapshot(store, before)]
        found: list[str] = []
        for number, root in enumerate(open_snapshot(store, after)):
            earlier = old[number] if number < len(old) else None
            found += (item.path.decode("utf-8", "replace") for item in compare(store, earlier, root.tree))
        return tuple(found)

    return await in_thread(look)


NAMED_FILES = 60
"""Of each kind of change."""


async def changes_in_words(store: ObjectStore, before: str, after: str, names: Sequence[str]) -> str:
    """Which files were made, changed and deleted: `made: a, b; deleted: c`. Empty when nothing differs."""

    def look(_stop: Stop) -> dict[str, list[str]]:
        old = [root.tree for root in open_snapshot(store, before)]
        found: dict[str, list[str]] = {"made": [], "changed": [], "deleted": []}
        for number, root in enumerate(open_snapshot(store, after)):
            prefix = f"{names[number]}/" if len(names) > 1 else ""
            for item in compare(store, old[number] if number < len(old) else None, root.tree):
                kind = "made" if item.before is None else "deleted" if item.after is None else "changed"
                found[kind].append(prefix + item.path.decode("utf-8", "replace"))
        return found

    if before == after:
        return ""
    kinds = (await in_thread(look)).items()
    return "; ".join(f"{kind}: {_some(paths)}" for kind, paths in kinds if paths)


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - NAMED_FILES
    return ", ".join(paths[:NAMED_FILES]) + (f" and {more} more" if more > 0 else "")
