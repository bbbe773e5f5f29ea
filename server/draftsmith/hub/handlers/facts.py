"""What the files of folders say of themselves: read as data, in a thread; nothing of a folder is run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from draftsmith.domain.roots import Root
from draftsmith.hub.workspaces import find_roots
from draftsmith.protocol.methods.facts import (
    CommandFact,
    EntryFact,
    FactsParams,
    FactsResult,
    FolderFacts,
    FrameworkFact,
    LanguageFact,
    ManagerFact,
    PackageFact,
    StyleFact,
    StyleSetting,
)

if TYPE_CHECKING:
    from draftsmith.code.facts.model import Facts
    from draftsmith.hub.dispatch import Call


async def facts(call: Call, params: FactsParams) -> FactsResult:
    roots = await asyncio.to_thread(find_roots, params.folders, allow_home=False)
    return FactsResult(folders=tuple([await _of_folder(root) for root in roots]))


async def _of_folder(root: Root) -> FolderFacts:
    # Late: parsers of manifests are needed by this method only.
    from draftsmith.code.facts.folder import list_folder
    from draftsmith.code.facts.gather import gather

    files = await list_folder(Path(root.path))
    return _message(root.path, await asyncio.to_thread(gather, files))


def _message(folder: str, found: Facts) -> FolderFacts:
    return FolderFacts(
        folder=folder,
        languages=tuple(LanguageFact(name=one.name, files=one.files) for one in found.languages),
        frameworks=tuple(FrameworkFact(name=one.name, source=one.source, hint=one.hint) for one in found.frameworks),
        managers=tuple(
            ManagerFact(name=one.name, source=one.source, lock=one.lock, add=one.add) for one in found.managers
        ),
        commands=tuple(
            CommandFact(purpose=one.purpose, command=one.command, source=one.source) for one in found.commands
        ),
        entries=tuple(EntryFact(name=one.name, target=one.target, source=one.source) for one in found.entries),
        packages=tuple(PackageFact(folder=one.folder, name=one.name, source=one.source) for one in found.packages),
        rules=found.rules,
        styles=tuple(
            StyleFact(
                pattern=one.pattern,
                settings=tuple(StyleSetting(name=name, value=value) for name, value in one.settings),
                source=one.source,
            )
            for one in found.styles
        ),
    )
