"""The folders of a workspace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """`path` is absolute; bytes that are not UTF-8 are kept by surrogate escapes. `name` is unique in the workspace."""

    name: str
    path: str
