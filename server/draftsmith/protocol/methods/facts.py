"""Methods about a project's own facts: what its files say of languages, tools, packages and rules."""

from __future__ import annotations

from typing import Literal

from draftsmith.protocol.methods.code import CodeFolders
from draftsmith.protocol.model import Count, Message


class FactsParams(CodeFolders):
    pass


class LanguageFact(Message):
    name: str
    files: Count


class FrameworkFact(Message):
    name: str
    source: str
    hint: str


class ManagerFact(Message):
    """`lock` is empty without a lock file; `add` says how a dependency is added."""

    name: str
    source: str
    lock: str
    add: str


class CommandFact(Message):
    purpose: Literal["tests", "lint", "format", "types", "build"]
    command: str
    source: str


class EntryFact(Message):
    name: str
    target: str
    source: str


class PackageFact(Message):
    folder: str
    name: str
    source: str


class StyleSetting(Message):
    name: str
    value: str


class StyleFact(Message):
    """A section of .editorconfig."""

    pattern: str
    settings: tuple[StyleSetting, ...]
    source: str


class FolderFacts(Message):
    """What one folder's own files say; every source is a path in it. `rules` are files, not their text."""

    folder: str
    languages: tuple[LanguageFact, ...]
    frameworks: tuple[FrameworkFact, ...]
    managers: tuple[ManagerFact, ...]
    commands: tuple[CommandFact, ...]
    entries: tuple[EntryFact, ...]
    packages: tuple[PackageFact, ...]
    rules: tuple[str, ...]
    styles: tuple[StyleFact, ...]


class FactsResult(Message):
    folders: tuple[FolderFacts, ...]
